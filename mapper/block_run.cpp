#include "mapper/block_run.hpp"

#include <algorithm>

#include "crossbar/mvm.hpp"
#include "mapper/gather.hpp"

namespace wordline::mapper {
namespace {

using crossbar::Bank;
using crossbar::Block;
using crossbar::lanes;
using crossbar::result_at;

// Sums of a block's inputs over the rows of a read, for the corrections of the digital side.
class InputSums {
 public:
  InputSums(const Plan& plan, const Read& read, const Block& block) : plan_(plan), read_(read), block_(block) {}

  double all(std::int64_t v) const { return sum(v, 0, block_.rows); }
  // Over the rows of an output's own group.
  double own(std::int64_t v, std::int64_t output) const {
    if (!plan_.layout.diagonal) return all(v);
    const Layout& l = plan_.layout;
    const std::int64_t group = output / l.group_outputs() - l.first_group(read_.section);
    const std::int64_t first = group * l.inputs - l.first_input(read_.row_tile) - read_.first_row;
    return sum(v, std::clamp<std::int64_t>(first, 0, block_.rows),
               std::clamp<std::int64_t>(first + l.inputs, 0, block_.rows));
  }

 private:
  double sum(std::int64_t v, std::int64_t first, std::int64_t last) const {
    double total = 0.0;
    for (std::int64_t r = first; r < last; ++r) {
      const auto at = static_cast<std::size_t>(v * block_.rows + r);
      total += plan_.code.continuous ? static_cast<double>(block_.amplitudes[at]) : block_.codes[at];
    }
    return total;
  }
  const Plan& plan_;
  const Read& read_;
  const Block& block_;
};

// Adds up what the drivers give for those vectors of a block that a tally takes; nothing on ideal lines.
class PowerMeter {
 public:
  explicit PowerMeter(const RunContext& context)
      : plan_(context.plan), banks_(context.banks), stream_(rank_stream(context.origin.identity.seed)) {}

  void read(std::size_t i, const Block& block, const Tally& tally) {
    if (banks_.drivers.empty()) return;
    if (i == 0) choose(block, tally);
    for (Taken& taken : taken_)
      taken.joule += driver_energy(plan_, banks_.banks[i], block, taken.vector, banks_.drivers[i]);
  }
  void write(Tally& tally) const {
    for (const Taken& taken : taken_) tally.add(taken.rank, taken.joule);
  }

 private:
  struct Taken {
    std::int64_t vector;
    Ranked rank;
    double joule;
  };
  void choose(const Block& block, const Tally& tally) {
    for (std::int64_t v = 0; v < block.vectors; ++v)
      if (const Ranked ranked = rank(stream_, block, v); tally.takes(ranked)) taken_.push_back({v, ranked, 0.0});
  }

  const Plan& plan_;
  const Banks& banks_;
  core::Stream stream_;
  std::vector<Taken> taken_;
};

// Whether the results of a read are whole blocks of the layer's, so that they can be added where they belong.
bool is_in_place(const Plan& plan, const Read& read) {
  const bool whole = read.outputs % lanes == 0 || read.first_output + read.outputs == plan.layout.outputs;
  return read.first_output % lanes == 0 && whole && bank_shape(plan, read).references == 0;
}

}  // namespace

BlockRun::BlockRun(const RunContext& context, std::int64_t first, std::int64_t count)
    : context_(context),
      plan_(context.plan),
      first_(first),
      count_(count),
      sums_(static_cast<std::size_t>(count * core::block_count(plan_.layout.outputs, lanes) * lanes), 0.0) {}

void BlockRun::read(const core::Stream& noise, Tally& tally) {
  core::Activity seen;
  PowerMeter meter(context_);
  for (std::size_t i = 0; i < plan_.reads.size(); ++i) {
    const Read& read = plan_.reads[i];
    Block block = gather(plan_, context_.inputs, context_.unfold, context_.samples, read, first_, count_);
    crossbar::solve(context_.banks.banks[i], block);
    seen.saturations += multiply(i, block, noise);
    if (plan_.layout.single_columns()) correct(i, block);
    tally.add(read, count_drives(plan_, context_.banks.banks[i], block));
    meter.read(i, block, tally);
  }
  meter.write(tally);
  tally.add(seen);
}

std::int64_t BlockRun::multiply(std::size_t index, const Block& block, const core::Stream& noise) {
  const Read& read = plan_.reads[index];
  const Bank& bank = context_.banks.banks[index];
  if (is_in_place(plan_, read))
    return crossbar::multiply(bank, block, noise,
                              std::span(sums_).subspan(static_cast<std::size_t>(read.first_output * count_)));
  std::vector<double> part(static_cast<std::size_t>(count_ * bank.outputs), 0.0);
  const std::int64_t saturated = crossbar::multiply(bank, block, noise, part);
  join(read, part);
  if (bank_shape(plan_, read).references > 0) take_references(read, part);
  return saturated;
}

// Adds the outputs of one read, without what the digital side takes away from them.
void BlockRun::join(const Read& read, std::span<const double> part) {
  for (std::int64_t n = 0; n < read.outputs; ++n)
    for (std::int64_t v = 0; v < count_; ++v) sum(v, read.first_output + n) += part[result_at(count_, v, n)];
}

void BlockRun::take_references(const Read& read, std::span<const double> part) {
  const BankShape shape = bank_shape(plan_, read);
  for (std::int64_t n = 0; n < read.outputs; ++n)
    for (std::int64_t v = 0; v < count_; ++v) sum(v, read.first_output + n) -= references(read, shape, part, v, n);
}

// The converted references of the arrays in which an output's slices stand.
double BlockRun::references(const Read& read, const BankShape& shape, std::span<const double> part, std::int64_t v,
                            std::int64_t n) const {
  double sum = 0.0;
  for (std::int64_t s = 0; s < shape.slices; ++s) {
    const std::int64_t array = plan_.layout.array_column_of(read.first_output + n, s) - read.first_array;
    sum += part[result_at(count_, v, shape.reference_output(s, array))];
  }
  return sum;
}

void BlockRun::correct(std::size_t index, const Block& block) {
  const Read& read = plan_.reads[index];
  const Corrections& c = plan_.corrections[index];
  const InputSums inputs(plan_, read, block);
  for (std::int64_t v = 0; v < count_; ++v) {
    const double all = inputs.all(v);
    for (std::int64_t n = 0; n < read.outputs; ++n) {
      const auto at = static_cast<std::size_t>(n);
      const double own = plan_.layout.diagonal ? inputs.own(v, read.first_output + n) : all;
      sum(v, read.first_output + n) -= c.base[at] * all + c.own[at] * own;
    }
  }
}

void BlockRun::write(bool channels_first, std::span<float> out) const {
  constexpr std::int64_t most = 32;  // whose sums stay in the first-level cache from one output to the next
  for_each_run(context_.unfold, first_, first_ + count_, most, [&](auto sample, auto window, auto count, auto v) {
    write_windows(channels_first, {.sample = sample, .window = window, .count = count, .at = v - first_}, out);
  });
}

void BlockRun::write_windows(bool channels_first, const Windows& some, std::span<float> out) const {
  const auto [sample, window, count, v] = some;
  const std::int64_t outputs = plan_.layout.outputs, windows = context_.unfold.windows;
  const bool digital_bias = !plan_.bias.empty() && !plan_.bias_in_array();
  float* first = out.data() + sample * windows * outputs + window * (channels_first ? 1 : outputs);
  const std::int64_t next_output = channels_first ? windows : 1, next_window = channels_first ? 1 : outputs;
  for (std::int64_t n = 0; n < outputs; ++n) {
    const auto at = static_cast<std::size_t>(n);
    const double scale = context_.inputs.scale[static_cast<std::size_t>(sample)] * plan_.weights.scale[at];
    const double bias = digital_bias ? static_cast<double>(plan_.bias[at]) : 0.0;
    const double* from = sums_.data() + result_at(count_, v, n);
    float* to = first + n * next_output;
    for (std::int64_t i = 0; i < count; ++i)
      to[i * next_window] = static_cast<float>(scale * (from[i * lanes] - plan_.zero_sums[at]) + bias);
  }
}

}  // namespace wordline::mapper
