#include "mapper/inputs.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "mapper/scale.hpp"
#include "mapper/solved_read.hpp"

namespace wordline::mapper {
namespace {

using core::ErrorKind;

double peak_of(std::span<const float> values) {
  double peak = 0.0;
  for (const float x : values) peak = std::max(peak, std::abs(static_cast<double>(x)));
  return peak;
}

// Whether any number's bits fulfil something. Without a branch, so that compilers vectorise the search.
template <class Condition>
bool any_bits(std::span<const float> values, Condition condition) {
  std::uint32_t found = 0;
  for (const float x : values) found |= condition(std::bit_cast<std::uint32_t>(x)) ? 1U : 0U;
  return found != 0;
}

// All ones in the exponent: infinite or no number.
bool all_finite(std::span<const float> values) {
  return !any_bits(values, [](std::uint32_t bits) { return (bits & 0x7F800000U) == 0x7F800000U; });
}

// A sign and anything but zero behind it.
bool any_negative(std::span<const float> values) {
  return any_bits(values, [](std::uint32_t bits) { return bits > 0x80000000U; });
}

void check_finite(const Plan& plan, std::span<const float> values) {
  if (all_finite(values)) return;
  for (const float x : values)
    core::require(std::isfinite(x), ErrorKind::value,
                  {.rule = "inputs are finite numbers",
                   .name = plan.name + ".input",
                   .value = core::number(static_cast<double>(x)),
                   .unit = "",
                   .allowed = "",
                   .remedy = "check the data and the layers before"});
}

double scale_of(const Plan& plan, std::span<const float> sample) {
  if (!plan.input.dynamic) return plan.input.scale;
  const double peak = peak_of(sample);
  return peak > 0.0 ? peak / plan.code.largest_code() : 1.0;
}

// An unsigned layer has no pass for negative inputs: losing them without a word would be a wrong answer.
[[noreturn]] void refuse_negative(const Plan& plan, float x) {
  throw core::Error(ErrorKind::value,
                    {.rule = "this layer was calibrated on inputs without negative numbers",
                     .name = plan.name + ".input",
                     .value = core::number(static_cast<double>(x)),
                     .unit = "",
                     .allowed = ">= 0",
                     .remedy = "calibrate with samples that show them, or give dac.range a negative low end"});
}

ToDac to_dac(const Plan& plan, double scale) {
  const double top = plan.code.largest_code();
  return {.continuous = plan.code.continuous,
          .inverse = 1.0 / scale,
          .zero = plan.code.continuous ? 0.0 : static_cast<double>(plan.input.zero),
          .low = std::max(plan.code.is_signed ? -top : 0.0, plan.input.low),
          .high = std::min(top, plan.input.high)};
}

bool is_negative(const ToDac& dac, float x) {
  const double exact = static_cast<double>(x) * dac.inverse;
  return (dac.continuous ? exact : std::nearbyint(exact)) + dac.zero < 0.0;
}

void check_signs(const Plan& plan, std::span<const float> values, const ToDac& dac) {
  if (plan.code.is_signed || plan.input.fixed) return;
  if (!any_negative(values)) return;
  for (const float x : values)
    if (is_negative(dac, x)) refuse_negative(plan, x);
}

// Scales a few numbers at a time and puts them where they are stored.
template <class T>
std::int64_t place(const ToDac& dac, std::span<const float> values, const Unfold& unfold, T* stored) {
  std::int64_t clipped = 0;
  std::array<T, 256> some;
  for (std::size_t first = 0; first < values.size(); first += some.size()) {
    const auto part = values.subspan(first, std::min(some.size(), values.size() - first));
    clipped += scale_numbers(dac, part, some.data());
    for (std::size_t i = 0; i < part.size(); ++i) stored[unfold.place[first + i]] = some[i];
  }
  return clipped;
}

std::int64_t scale_sample(const Plan& plan, const float* sample, const Unfold& unfold, std::int64_t index,
                          ScaledInputs& out) {
  const std::span<const float> values(sample, static_cast<std::size_t>(unfold.given));
  check_finite(plan, values);
  const double scale = scale_of(plan, values);
  out.scale[static_cast<std::size_t>(index)] = scale;
  const ToDac dac = to_dac(plan, scale);
  check_signs(plan, values, dac);
  if (plan.code.continuous) return place(dac, values, unfold, out.amplitudes.data() + index * unfold.stored);
  return place(dac, values, unfold, out.codes.data() + index * unfold.stored);
}

crossbar::Histogram histogram(std::span<const float> values, double peak) {
  crossbar::Histogram seen(-peak, peak);
  for (const float x : values) seen.add(static_cast<double>(x));
  return seen;
}

}  // namespace

ScaledInputs scale_inputs(const Plan& plan, const Samples& samples, const Unfold& unfold,
                          const core::Execution& execution) {
  ScaledInputs out;
  const auto size = static_cast<std::size_t>(samples.count * unfold.stored);
  if (plan.code.continuous)
    out.amplitudes.assign(size, 0.0F);
  else
    out.codes.assign(size, static_cast<std::int32_t>(plan.input.zero));  // padding is a zero input
  out.scale.assign(static_cast<std::size_t>(samples.count), 1.0);
  std::vector<std::int64_t> clipped(static_cast<std::size_t>(samples.count), 0);
  core::for_each_block(samples.count, execution, [&](std::int64_t i) {
    clipped[static_cast<std::size_t>(i)] = scale_sample(plan, samples.data + i * unfold.given, unfold, i, out);
  });
  out.clipped = std::accumulate(clipped.begin(), clipped.end(), std::int64_t{0});
  return out;
}

void calibrate_inputs(Plan& plan, const Samples& samples, const Unfold& unfold) {
  const std::span<const float> values(samples.data, static_cast<std::size_t>(samples.count * unfold.given));
  check_finite(plan, values);
  if (plan.input.fixed) return;
  set_inputs(plan, any_negative(values), 0.0);
  if (plan.input.dynamic) return;
  const double peak = peak_of(values), top = plan.code.largest_code();
  double reach = peak;
  if (peak > 0.0 && !plan.code.continuous && plan.chip.dac.statistic != crossbar::Statistic::max)
    reach = chosen_reach(plan.chip.dac.statistic, plan.chip.dac.percentile, histogram(values, peak),
                         [&](double r) { return crossbar::Codes{.step = r / top, .low = -top, .high = top}; });
  set_inputs(plan, plan.code.is_signed, reach > 0.0 ? reach / top : 1.0);
}

namespace {

// For each row of a read the input of a window that drives it; -1 for rows that hold biases.
std::vector<std::int64_t> sources(const Plan& plan, const Read& read) {
  const Layout& l = plan.layout;
  std::vector<std::int64_t> out;
  for (std::int64_t r = 0; r < read.inputs; ++r) {
    const std::int64_t i = l.first_input(read.row_tile) + read.first_row + r;
    const std::int64_t group = l.diagonal ? l.first_group(read.section) + i / l.inputs : read.turn;
    const std::int64_t k = i % l.inputs;
    out.push_back(k < plan.data_inputs ? group * plan.data_inputs + k : -1);
  }
  return out;
}

// Where the rows of a read find a window's inputs, by how they lie.
class Rows {
 public:
  Rows(const Plan& plan, const Unfold& unfold, const Read& read) : offsets_(sources(plan, read)) {
    for (std::int64_t& o : offsets_) {
      biases_ = biases_ || o < 0;
      if (o >= 0) o = unfold.offset[static_cast<std::size_t>(o)];
      in_a_row_ = in_a_row_ && o == offsets_.front() + (&o - offsets_.data());
    }
    in_a_row_ = in_a_row_ && !biases_;
  }

  // One window's rows; biases are driven with the largest input.
  template <class T>
  void gather(const T* window, T largest, T* out) const {
    if (in_a_row_)
      std::copy_n(window + offsets_.front(), offsets_.size(), out);
    else if (biases_)
      std::transform(offsets_.begin(), offsets_.end(), out, [=](auto o) { return o < 0 ? largest : window[o]; });
    else
      std::transform(offsets_.begin(), offsets_.end(), out, [=](auto o) { return window[o]; });
  }

 private:
  std::vector<std::int64_t> offsets_;
  bool biases_ = false, in_a_row_ = true;
};

}  // namespace

std::int64_t block_vectors(const Plan& plan) { return is_solved(plan) ? 8 : 256; }

crossbar::Block gather(const Plan& plan, const ScaledInputs& inputs, const Unfold& unfold, const Samples& samples,
                       const Read& read, std::int64_t first, std::int64_t count) {
  const Rows lies(plan, unfold, read);
  const std::int64_t rows = read.inputs;
  crossbar::Block block{.vectors = count, .rows = rows, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  const auto size = static_cast<std::size_t>(count * rows);
  block.amplitudes.resize(plan.code.continuous ? size : 0);
  block.codes.resize(plan.code.continuous ? 0 : size);
  for (std::int64_t v = 0; v < count; ++v) {
    const std::int64_t sample = (first + v) / unfold.windows, window = (first + v) % unfold.windows;
    const std::int64_t image = sample % samples.images;
    block.sample.push_back(core::field32("sample index", samples.first + sample / samples.images));
    block.window.push_back(core::field32("window index", samples.first_window + image * unfold.windows + window));
    const std::int64_t from = sample * unfold.stored + unfold.base[static_cast<std::size_t>(window)];
    if (plan.code.continuous)
      lies.gather(inputs.amplitudes.data() + from, 1.0F, block.amplitudes.data() + v * rows);
    else
      lies.gather(inputs.codes.data() + from, plan.code.largest_code(), block.codes.data() + v * rows);
  }
  return block;
}

}  // namespace wordline::mapper
