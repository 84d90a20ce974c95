#include "mapper/layer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "crossbar/mvm.hpp"
#include "mapper/calibrate.hpp"

namespace wordline::mapper {
namespace {

using core::ErrorKind;
using crossbar::Bank;
using crossbar::Block;

std::int64_t vectors_of(const Samples& samples, const Unfold& unfold) { return samples.count * unfold.windows; }

void check_samples(const Plan& plan, const Samples& samples, const Unfold& unfold) {
  core::require(unfold.inputs == plan.layout.inputs, ErrorKind::value,
                {.rule = "an input vector has one number per weight row",
                 .name = plan.name + ".input",
                 .value = std::to_string(unfold.inputs),
                 .unit = "",
                 .allowed = std::to_string(plan.layout.inputs),
                 .remedy = "check the shape of the input"});
  core::require(samples.first >= 0, ErrorKind::value,
                {.rule = "a sample index is not negative",
                 .name = "first",
                 .value = std::to_string(samples.first),
                 .unit = "",
                 .allowed = ">= 0",
                 .remedy = ""});
}

void check_ready(const Plan& plan) {
  core::require(plan.ready(), ErrorKind::value,
                {.rule = "calibrated ranges need sample data",
                 .name = plan.name,
                 .value = "no calibration",
                 .unit = "",
                 .allowed = "",
                 .remedy = "pass calibrate=, or choose dac.range and adc.range that need none"});
}

// What the digital side takes away per unit of summed input: the weights' offset and the baseline that was converted
// with the signal.
double digital_offset(const Plan& plan) {
  if (plan.layout.polarities == 2) return 0.0;  // partners carry the same baseline: it cancels
  double offset = plan.weights.continuous ? 1.0 : std::ldexp(1.0, static_cast<int>(*plan.chip.weights.bits) - 1);
  for (std::size_t s = 0; s < plan.slices.size(); ++s) offset += plan.slices[s].worth * plan.units[s].baseline;
  return offset;
}

// What ran, apart from what depends on the numbers that flowed.
core::Activity counts(const Plan& plan, std::int64_t samples, std::int64_t windows) {
  const Layout& l = plan.layout;
  const std::int64_t vectors = samples * windows, cycles = std::ssize(plan.code.cycles());
  const std::int64_t bits = plan.chip.dac.bits.value_or(32);
  core::Activity a;
  a.samples = samples;
  a.windows = vectors;
  a.macs = vectors * l.inputs * l.outputs;
  a.array_reads = vectors * cycles * l.arrays();
  a.row_drives = vectors * cycles * l.inputs * l.array_columns();
  a.conversions = vectors * cycles * l.row_tiles() * l.outputs * l.slices * l.converted;
  // Single columns need the sum of the inputs, to take the offset and the baseline away.
  a.shift_adds = a.conversions + (digital_offset(plan) != 0.0 ? vectors * l.inputs : 0);
  a.input_bits = vectors * l.inputs * bits;
  a.output_bits = vectors * l.outputs * bits;
  return a;
}

double row_sum(const Block& block, bool continuous, std::int64_t v) {
  double sum = 0.0;
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const auto at = static_cast<std::size_t>(v * block.rows + r);
    sum += continuous ? static_cast<double>(block.amplitudes[at]) : block.codes[at];
  }
  return sum;
}

// One block of vectors on its way through all row tiles.
class BlockRun {
 public:
  BlockRun(const Plan& plan, const ProgrammedLayer& chip, const ScaledInputs& inputs, const Samples& samples,
           const Unfold& unfold, std::int64_t first, std::int64_t count)
      : plan_(plan),
        chip_(chip),
        inputs_(inputs),
        samples_(samples),
        unfold_(unfold),
        first_(first),
        count_(count),
        sums_(static_cast<std::size_t>(count * chip.tiles.front().bank.outputs), 0.0),
        input_sums_(static_cast<std::size_t>(count), 0.0) {}

  void read(const core::Stream& noise, Tally& tally) {
    core::Activity seen;
    for (std::int64_t t = 0; t < std::ssize(chip_.tiles); ++t) {
      const Bank& bank = chip_.tiles[static_cast<std::size_t>(t)].bank;
      const Block block = gather(plan_, inputs_, unfold_, samples_, t, first_, count_);
      seen.saturations += crossbar::multiply(bank, block, noise, sums_);
      tally.add(t, count_drives(bank, block));
      for (std::int64_t v = 0; v < count_; ++v)
        input_sums_[static_cast<std::size_t>(v)] += row_sum(block, plan_.code.continuous, v);
    }
    tally.add(seen);
  }

  void write(bool channels_first, std::span<float> out) const {
    const double offset = digital_offset(plan_);
    for (std::int64_t v = 0; v < count_; ++v)
      for (std::int64_t n = 0; n < plan_.layout.outputs; ++n)
        out[static_cast<std::size_t>(place(v, n, channels_first))] = static_cast<float>(value(v, n, offset));
  }

 private:
  double value(std::int64_t v, std::int64_t n, double offset) const {
    const auto sample = static_cast<std::size_t>((first_ + v) / unfold_.windows);
    const double sum = sums_[static_cast<std::size_t>(v * chip_.tiles.front().bank.outputs + n)] -
                       offset * input_sums_[static_cast<std::size_t>(v)];
    const double bias = plan_.bias.empty() ? 0.0 : static_cast<double>(plan_.bias[static_cast<std::size_t>(n)]);
    return inputs_.scale[sample] * plan_.weights.scale[static_cast<std::size_t>(n)] * sum + bias;
  }
  std::int64_t place(std::int64_t v, std::int64_t n, bool channels_first) const {
    const std::int64_t outputs = plan_.layout.outputs, windows = unfold_.windows;
    const std::int64_t sample = (first_ + v) / windows, window = (first_ + v) % windows;
    return channels_first ? (sample * outputs + n) * windows + window : (sample * windows + window) * outputs + n;
  }

  const Plan& plan_;
  const ProgrammedLayer& chip_;
  const ScaledInputs& inputs_;
  const Samples& samples_;
  const Unfold& unfold_;
  std::int64_t first_, count_;
  std::vector<double> sums_, input_sums_;
};

core::Stream read_stream(const Plan& plan, const ChipIdentity& identity) {
  return core::Stream(
      {.seed = identity.seed, .chip = identity.chip, .layer = plan.index, .tile = 0, .purpose = "read"});
}

// Runs samples that all belong to the read epoch the chip's tiles are in.
void run_epoch(const Plan& plan, const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold,
               bool channels_first, std::span<float> out, Tally& tally, const core::Execution& execution) {
  const ScaledInputs inputs = scale_inputs(plan, samples, unfold, execution);
  const core::Stream noise = read_stream(plan, chip.identity);
  const std::int64_t vectors = vectors_of(samples, unfold);
  core::for_each_block(core::block_count(vectors, block_vectors), execution, [&](std::int64_t b) {
    const std::int64_t first = b * block_vectors;
    BlockRun block(plan, chip, inputs, samples, unfold, first, std::min(block_vectors, vectors - first));
    block.read(noise, tally);
    block.write(channels_first, out);
  });
  core::Activity a = counts(plan, samples.count, unfold.windows);
  a.inputs = samples.count * unfold.given;
  a.input_clips = inputs.clipped;
  tally.add(a);
}

}  // namespace

Layer::Layer(std::string name, std::uint32_t index, const ChipSpec& chip, std::span<const float> weights,
             std::int64_t inputs, std::int64_t outputs, std::span<const float> bias)
    : plan_(make_plan(std::move(name), index, chip, weights, inputs, outputs, bias)) {}

bool Layer::needs_calibration() const { return !plan_.ready(); }

void Layer::calibrate(const Samples& samples, const Unfold& unfold, const core::Execution& execution) {
  check_samples(plan_, samples, unfold);
  core::require(samples.count >= 1, ErrorKind::value,
                {.rule = "calibration needs at least one sample",
                 .name = plan_.name + ".calibrate",
                 .value = "0",
                 .unit = "sample",
                 .allowed = ">= 1",
                 .remedy = "pass typical inputs of the network"});
  calibrate_inputs(plan_, samples, unfold);
  if (plan_.adc.empty()) calibrate_adc(plan_, samples, unfold, execution);
}

ProgrammedLayer Layer::program(const ChipIdentity& identity, const devices::Ageing& ageing,
                               const core::Execution& execution) const {
  check_ready(plan_);
  ProgrammedLayer chip{
      .identity = identity, .ageing = ageing, .tiles = program_tiles(plan_, identity, ageing, 0, execution)};
  for (const TileState& tile : chip.tiles) {
    chip.pulses += tile.pulses;
    chip.energy += tile.energy;
  }
  return chip;
}

void Layer::run(const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold, bool channels_first,
                std::span<float> out, Tally& tally, const core::Execution& execution) const {
  check_samples(plan_, samples, unfold);
  const std::int64_t per_sample = unfold.windows * plan_.layout.outputs;
  const bool epochs = plan_.cell->has_slow_noise() && plan_.chip.samples_per_epoch.has_value();
  const std::int64_t length = epochs ? *plan_.chip.samples_per_epoch : samples.first + samples.count + 1;
  for (std::int64_t done = 0; done < samples.count;) {
    const std::int64_t epoch = (samples.first + done) / length;
    const std::int64_t count = std::min(samples.count - done, (epoch + 1) * length - samples.first - done);
    const Samples part{samples.data + done * unfold.given, count, samples.first + done};
    const auto part_out =
        out.subspan(static_cast<std::size_t>(done * per_sample), static_cast<std::size_t>(count * per_sample));
    if (epoch == chip.epoch) {
      run_epoch(plan_, chip, part, unfold, channels_first, part_out, tally, execution);
    } else {
      const ProgrammedLayer later{.identity = chip.identity,
                                  .ageing = chip.ageing,
                                  .epoch = epoch,
                                  .tiles = program_tiles(plan_, chip.identity, chip.ageing, epoch, execution)};
      run_epoch(plan_, later, part, unfold, channels_first, part_out, tally, execution);
    }
    done += count;
  }
}

cost::LayerUse Layer::use(const ProgrammedLayer& chip, const Tally& tally) const {
  const Layout& l = plan_.layout;
  cost::LayerUse use{.name = plan_.name,
                     .arrays = l.arrays(),
                     .rows = l.array_rows,
                     .cols = l.array_cols,
                     .cells_used = l.inputs * l.outputs * l.slices * l.polarities};
  const auto& adc = plan_.chip.adc;
  use.converters = adc.bits ? l.arrays() * l.converters_per_array() : 0;
  use.row_drivers = l.arrays() * l.array_rows;
  use.adc_bits = static_cast<int>(adc.bits.value_or(0));
  use.dac_bits = plan_.code.continuous ? 0 : static_cast<int>(plan_.code.bits_per_cycle);
  use.activity = tally.activity();
  use.activity.array_energy = array_energy(plan_, chip.tiles, tally);
  const double samples = static_cast<double>(std::max<std::int64_t>(1, use.activity.samples));
  use.windows_per_sample = static_cast<double>(use.activity.windows) / samples;
  use.cycles_per_window = std::ssize(plan_.code.cycles());
  use.t_read = plan_.chip.dac.t_read;
  use.conversions_per_converter = adc.bits ? l.conversions_per_converter() : 0;
  return use;
}

}  // namespace wordline::mapper
