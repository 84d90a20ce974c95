#include "mapper/layer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mapper/block_run.hpp"
#include "mapper/calibrate.hpp"
#include "mapper/gather.hpp"

namespace wordline::mapper {
namespace {

using core::ErrorKind;

std::int64_t vectors_of(const Samples& samples, const Unfold& unfold) { return samples.count * unfold.windows; }

// Events of noise have 32 bits for each. The first are looked at before anything is added to them.
void check_indices(const Samples& samples, const Unfold& unfold) {
  if (samples.count == 0 || unfold.windows == 0) return;
  core::field32("sample index", samples.first);
  core::field32("window index", samples.first_window);
  core::field32("sample index", samples.first + (samples.count - 1) / samples.images);
  core::field32("window index", samples.first_window + samples.images * unfold.windows - 1);
}

void check_samples(const Plan& plan, const Samples& samples, const Unfold& unfold) {
  const std::int64_t inputs = plan.data_inputs * plan.layout.groups;
  core::require(unfold.inputs == inputs, ErrorKind::value,
                {.rule = "an input vector has one number per weight row of every group",
                 .name = plan.name + ".input",
                 .value = std::to_string(unfold.inputs),
                 .unit = "",
                 .allowed = std::to_string(inputs),
                 .remedy = "check the shape of the input"});
  const bool negative = samples.first < 0;
  core::require(samples.images >= 1 && samples.count % std::max<std::int64_t>(1, samples.images) == 0, ErrorKind::value,
                {.rule = "every sample has the same number of images",
                 .name = "images",
                 .value = std::to_string(samples.images),
                 .unit = "",
                 .allowed = "a divisor of " + std::to_string(samples.count),
                 .remedy = ""});
  core::require(!negative && samples.first_window >= 0, ErrorKind::value,
                {.rule = "indices of samples and windows are not negative",
                 .name = negative ? "first" : "first_window",
                 .value = std::to_string(negative ? samples.first : samples.first_window),
                 .unit = "",
                 .allowed = ">= 0",
                 .remedy = ""});
  check_indices(samples, unfold);
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

// The digital side needs the sums of the inputs.
bool sums_inputs(const Plan& plan) {
  return plan.layout.single_columns() && (plan.layout.polarities == 1 || !plan.inverted.empty());
}

// What one cycle of one read does, counted in columns and rows.
void count_read(const Plan& plan, const Read& read, std::int64_t times, core::Activity& a) {
  const Layout& l = plan.layout;
  const BankShape shape = bank_shape(plan, read);
  const std::int64_t cycles = std::ssize(plan.code.cycles()), conversions = std::ssize(plan.code.conversions());
  a.array_reads += times * cycles * read.arrays;
  a.row_drives += times * cycles * read.inputs * l.rows_per_input() * read.arrays;
  a.conversions += times * conversions * shape.slices * (shape.outputs * shape.signs + shape.references);
  a.shift_adds += sums_inputs(plan) ? times * read.inputs : 0;
}

// What ran, apart from what depends on the numbers that flowed.
core::Activity counts(const Plan& plan, std::int64_t samples, std::int64_t windows) {
  const std::int64_t vectors = samples * windows, bits = plan.chip.dac.bits.value_or(32);
  core::Activity a;
  a.samples = samples;
  a.windows = vectors;
  a.macs = vectors * plan.data_inputs * plan.layout.outputs;
  for (const Read& read : plan.reads) count_read(plan, read, vectors, a);
  a.shift_adds += a.conversions;
  a.input_bits = vectors * plan.data_inputs * plan.layout.groups * bits;
  a.output_bits = vectors * plan.layout.outputs * bits;
  return a;
}

core::Stream read_stream(const Plan& plan, const ChipIdentity& identity) {
  return core::Stream(
      {.seed = identity.seed, .chip = identity.chip, .layer = plan.index, .tile = 0, .purpose = "read"});
}

// Runs samples that all belong to the read epoch the chip's tiles are in.
void run_epoch(const Plan& plan, const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold,
               bool channels_first, std::span<float> out, Tally& tally, const core::Execution& execution) {
  const ScaledInputs inputs = scale_inputs(plan, samples, unfold, execution);
  const core::Stream noise = read_stream(plan, chip.origin.identity);
  const std::int64_t vectors = vectors_of(samples, unfold);
  const std::int64_t each = block_vectors(plan);
  const RunContext context{plan, chip.origin, chip.state, inputs, samples, unfold};
  core::for_each_block(core::block_count(vectors, each), execution, [&](std::int64_t b) {
    const std::int64_t first = b * each;
    BlockRun block(context, first, std::min(each, vectors - first));
    block.read(noise, tally);
    block.write(channels_first, out);
  });
  core::Activity a = counts(plan, samples.count, unfold.windows);
  a.inputs = samples.count * unfold.given;
  a.input_clips = inputs.clipped;
  tally.add(a);
}

}  // namespace

Layer::Layer(const Product& product, const ChipSpec& chip) : plan_(make_plan(product, chip)) {}

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

ScaledInputs Layer::scaled(const ProgrammedLayer&, const Samples& samples, const Unfold& unfold) const {
  check_samples(plan_, samples, unfold);
  return scale_inputs(plan_, samples, unfold, {.threads = 1, .poll = {}});
}

core::Stream Layer::read_stream(const ProgrammedLayer& chip) const {
  return mapper::read_stream(plan_, chip.origin.identity);
}

ProgrammedLayer Layer::program(const ChipIdentity& identity, const devices::Ageing& ageing,
                               const core::Execution& execution) const {
  check_ready(plan_);
  const Origin origin{.identity = identity, .ageing = ageing, .given = nullptr};
  return {.origin = origin, .epoch = 0, .state = program_banks(plan_, origin, 0, execution)};
}

ProgrammedLayer Layer::restore(const ProgrammedLayer& chip, Conductances G, const core::Execution& execution) const {
  const auto cells = static_cast<std::size_t>(plan_.layout.array_rows * plan_.layout.array_cols);
  const bool fits = std::ssize(G) == plan_.layout.arrays() &&
                    std::all_of(G.begin(), G.end(), [&](const auto& array) { return array.size() == cells; });
  core::require(fits, ErrorKind::value,
                {.rule = "there is one conductance per cell of every array",
                 .name = plan_.name + ".conductance",
                 .value = std::to_string(G.size()) + " arrays",
                 .unit = "S",
                 .allowed = std::to_string(plan_.layout.arrays()) + " arrays of " + std::to_string(cells) + " cells",
                 .remedy = ""});
  for (const auto& array : G)
    for (const double g : array)
      core::require(std::isfinite(g) && g >= 0.0 && g < 1e3, ErrorKind::value,
                    {.rule = "a conductance is a finite number, not negative",
                     .name = plan_.name + ".conductance",
                     .value = core::number(g),
                     .unit = "S",
                     .allowed = "[0, 1000)",
                     .remedy = ""});
  Origin origin = chip.origin;
  origin.given = std::make_shared<const Conductances>(std::move(G));
  return {.origin = origin, .epoch = 0, .state = program_banks(plan_, origin, 0, execution)};
}

void Layer::run(const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold, bool channels_first,
                std::span<float> out, Tally& tally, const core::Execution& execution) const {
  check_samples(plan_, samples, unfold);
  const std::int64_t per_sample = unfold.windows * plan_.layout.outputs;
  const bool epochs = plan_.cell->has_slow_noise() && plan_.chip.samples_per_epoch.has_value();
  const std::int64_t length = epochs ? *plan_.chip.samples_per_epoch : samples.first + samples.count + 1;
  for (std::int64_t done = 0; done < samples.count;) {
    const std::int64_t each = samples.images, epoch = (samples.first + done / each) / length;
    const std::int64_t left = ((epoch + 1) * length - samples.first) * each - done;
    const std::int64_t count = std::min(samples.count - done, left);
    Samples part = samples;
    part.data += done * unfold.given;
    part.count = count;
    part.first += done / each;
    const auto part_out =
        out.subspan(static_cast<std::size_t>(done * per_sample), static_cast<std::size_t>(count * per_sample));
    if (epoch == chip.epoch) {
      run_epoch(plan_, chip, part, unfold, channels_first, part_out, tally, execution);
    } else {
      const ProgrammedLayer later{
          .origin = chip.origin, .epoch = epoch, .state = program_banks(plan_, chip.origin, epoch, execution)};
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
                     .cells_used = l.cells_used()};
  const auto& adc = plan_.chip.adc;
  use.converters = adc.bits ? l.arrays() * l.converters_per_array() : 0;
  use.row_drivers = l.arrays() * l.array_rows;
  use.adc_bits = static_cast<int>(adc.bits.value_or(0));
  use.dac_bits = plan_.code.continuous ? 0 : static_cast<int>(plan_.pulse_width() ? 1 : plan_.code.bits_per_cycle);
  use.activity = tally.activity();
  const Estimate energy = array_energy(plan_, chip.state, tally);
  use.activity.array_energy = energy.value;
  use.array_energy_error = energy.error;
  const double samples = static_cast<double>(std::max<std::int64_t>(1, use.activity.samples));
  use.windows_per_sample = static_cast<double>(use.activity.windows) / samples;
  use.cycles_per_window = std::ssize(plan_.code.cycles()) * l.most_reads() * l.turns();
  use.t_read = plan_.chip.dac.t_read;
  const double rounds =
      static_cast<double>(plan_.code.conversions().size()) / static_cast<double>(plan_.code.cycles().size());
  use.conversions_per_converter =
      adc.bits ? rounds * static_cast<double>(conversions_per_converter(l, plan_.reads)) : 0.0;
  return use;
}

}  // namespace wordline::mapper
