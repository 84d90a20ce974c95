#include "mapper/inputs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wordline::mapper {
namespace {

using core::ErrorKind;

double peak_of(std::span<const float> values) {
  double peak = 0.0;
  for (const float x : values) peak = std::max(peak, std::abs(static_cast<double>(x)));
  return peak;
}

void check_finite(const Plan& plan, std::span<const float> values) {
  // A sum is finite only if every term is, unless it overflows: then the search below decides.
  if (std::isfinite(std::accumulate(values.begin(), values.end(), 0.0))) return;
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

// One number on the DAC's scale; what lies beyond the range is held at its end and counted.
double scaled(const Plan& plan, float x, double inverse, std::int64_t& clipped) {
  const double top = plan.code.largest_code();
  const double q =
      plan.code.continuous ? static_cast<double>(x) * inverse : std::nearbyint(static_cast<double>(x) * inverse);
  if (!plan.code.is_signed && q < 0.0 && !plan.given_range()) refuse_negative(plan, x);
  const double kept =
      std::clamp(q, std::max(plan.code.is_signed ? -top : 0.0, plan.input.low), std::min(top, plan.input.high));
  // Rounding of the scale alone may push the largest amplitude past 1 by one part in 1e16.
  clipped += std::abs(q - kept) > 1e-9 ? 1 : 0;
  return plan.code.continuous ? kept : std::nearbyint(kept);
}

std::int64_t scale_sample(const Plan& plan, const float* sample, const Unfold& unfold, std::int64_t index,
                          ScaledInputs& out) {
  const std::span<const float> values(sample, static_cast<std::size_t>(unfold.given));
  check_finite(plan, values);
  const double scale = scale_of(plan, values);
  out.scale[static_cast<std::size_t>(index)] = scale;
  std::int64_t clipped = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::size_t>(index * unfold.stored + unfold.place[i]);
    const double q = scaled(plan, values[i], 1.0 / scale, clipped);
    if (plan.code.continuous)
      out.amplitudes[at] = static_cast<float>(q);
    else
      out.codes[at] = static_cast<std::int32_t>(q);
  }
  return clipped;
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
    out.codes.assign(size, 0);
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
  if (plan.given_range()) return;
  set_input_sign(plan, std::any_of(values.begin(), values.end(), [](float x) { return x < 0.0F; }));
  if (plan.input.dynamic) return;
  const double peak = peak_of(values), top = plan.code.largest_code();
  double reach = peak;
  if (peak > 0.0 && !plan.code.continuous && plan.chip.dac.statistic != crossbar::Statistic::max)
    reach = chosen_reach(plan.chip.dac.statistic, plan.chip.dac.percentile, histogram(values, peak),
                         [&](double r) { return crossbar::Codes{.step = r / top, .low = -top, .high = top}; });
  plan.input.scale = reach > 0.0 ? reach / top : 1.0;
}

crossbar::Block gather(const Plan& plan, const ScaledInputs& inputs, const Unfold& unfold, const Samples& samples,
                       std::int64_t tile, std::int64_t first, std::int64_t count) {
  const std::int64_t rows = plan.layout.rows(tile);
  const std::int64_t* offset = unfold.offset.data() + plan.layout.first_row(tile);
  crossbar::Block block{.vectors = count, .rows = rows, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  const auto size = static_cast<std::size_t>(count * rows);
  if (plan.code.continuous)
    block.amplitudes.resize(size);
  else
    block.codes.resize(size);
  for (std::int64_t v = 0; v < count; ++v) {
    const std::int64_t sample = (first + v) / unfold.windows, window = (first + v) % unfold.windows;
    block.sample.push_back(core::field32("sample index", samples.first + sample));
    block.window.push_back(static_cast<std::uint32_t>(window));
    const std::int64_t from = sample * unfold.stored + unfold.base[static_cast<std::size_t>(window)];
    if (plan.code.continuous)
      for (std::int64_t r = 0; r < rows; ++r)
        block.amplitudes[static_cast<std::size_t>(v * rows + r)] =
            inputs.amplitudes[static_cast<std::size_t>(from + offset[r])];
    else
      for (std::int64_t r = 0; r < rows; ++r)
        block.codes[static_cast<std::size_t>(v * rows + r)] = inputs.codes[static_cast<std::size_t>(from + offset[r])];
  }
  return block;
}

}  // namespace wordline::mapper
