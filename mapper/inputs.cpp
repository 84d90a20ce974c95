#include "mapper/inputs.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "mapper/scale.hpp"

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

// Scales rows where they are stored.
template <class T>
std::int64_t place_long(const ToDac& dac, std::span<const float> values, const Unfold& unfold, T* stored) {
  std::int64_t clipped = 0;
  const auto row = static_cast<std::size_t>(unfold.row);
  for (std::size_t r = 0; r * row < values.size(); ++r)
    clipped += scale_numbers(dac, values.subspan(r * row, row), stored + unfold.place[r]);
  return clipped;
}

// Scales several rows at a time, then puts them where they are stored.
template <class T>
std::int64_t place_short(const ToDac& dac, std::span<const float> values, const Unfold& unfold, T* stored) {
  std::int64_t clipped = 0;
  std::array<T, 256> some;
  const auto row = static_cast<std::size_t>(unfold.row);
  const std::int64_t* to = unfold.place.data();
  while (!values.empty()) {
    const auto part = values.first(std::min(some.size() / row * row, values.size()));
    clipped += scale_numbers(dac, part, some.data());
    for (std::size_t i = 0; i < part.size(); i += row) std::copy_n(some.data() + i, row, stored + *to++);
    values = values.subspan(part.size());
  }
  return clipped;
}

template <class T>
std::int64_t place(const ToDac& dac, std::span<const float> values, const Unfold& unfold, T* stored) {
  if (unfold.stored > unfold.given)
    std::fill_n(stored, unfold.stored, static_cast<T>(dac.zero));  // padding is a zero input
  return unfold.row < 128 ? place_short(dac, values, unfold, stored) : place_long(dac, values, unfold, stored);
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
    out.amplitudes.resize(size);
  else
    out.codes.resize(size);
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

}  // namespace wordline::mapper
