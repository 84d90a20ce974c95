#include "mapper/weights.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::mapper {
namespace {

using crossbar::Codes;
using crossbar::Histogram;

// More rows than any array has.
constexpr double max_bias_rows = 1024.0;

double peak_of(std::span<const float> weights) {
  double peak = 0.0;
  for (const float w : weights) peak = std::max(peak, std::abs(static_cast<double>(w)));
  return peak;
}

// The weights of one scale: one output channel, or the whole matrix.
std::vector<float> column(std::span<const float> weights, std::int64_t inputs, std::int64_t outputs, std::int64_t n) {
  std::vector<float> out;
  for (std::int64_t k = 0; k < inputs; ++k) out.push_back(weights[static_cast<std::size_t>(k * outputs + n)]);
  return out;
}

double reach(std::span<const float> weights, const WeightsSpec& spec) {
  const double peak = peak_of(weights);
  if (peak == 0.0 || spec.clip == crossbar::Statistic::max || !spec.bits) return peak;
  Histogram seen(-peak, peak);
  for (const float w : weights) seen.add(static_cast<double>(w));
  const double top = largest_code(spec);
  return chosen_reach(spec.clip, spec.percentile, seen,
                      [&](double r) { return Codes{.step = r / top, .low = -top, .high = top}; });
}

// One number per output; a channel of zeros keeps scale 1.
std::vector<double> scales(std::span<const float> weights, std::int64_t inputs, std::int64_t outputs,
                           const WeightsSpec& spec) {
  const auto scale_of = [&](std::span<const float> part) {
    const double r = reach(part, spec);
    return r > 0.0 ? r / largest_code(spec) : 1.0;
  };
  if (spec.scale == WeightScale::layer)
    return std::vector<double>(static_cast<std::size_t>(outputs), scale_of(weights));
  std::vector<double> out;
  for (std::int64_t n = 0; n < outputs; ++n) out.push_back(scale_of(column(weights, inputs, outputs, n)));
  return out;
}

void check_finite(std::span<const float> weights) {
  for (std::size_t i = 0; i < weights.size(); ++i)
    core::require(std::isfinite(weights[i]), core::ErrorKind::value,
                  {.rule = "weights are finite numbers",
                   .name = "weights[" + std::to_string(i) + "]",
                   .value = core::number(static_cast<double>(weights[i])),
                   .unit = "",
                   .allowed = "",
                   .remedy = "correct the model"});
}

// A quantised model's own scales serve when no code exceeds the range.
bool fits(std::span<const float> weights, std::span<const double> given, double top) {
  if (given.empty()) return false;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (std::abs(std::nearbyint(static_cast<double>(weights[i]) / given[i % given.size()])) > top) return false;
  return true;
}

// A channel without weights has no scale of its own: its bias decides.
void scale_empty_channels(WeightCodes& weights, std::span<const float> bias, double reach) {
  for (std::int64_t n = 0; n < weights.outputs; ++n) {
    double peak = 0.0;
    for (std::int64_t k = 0; k < weights.inputs; ++k) {
      const auto at = static_cast<std::size_t>(k * weights.outputs + n);
      peak = std::max(peak, std::abs(weights.continuous ? static_cast<double>(weights.fractions[at])
                                                        : static_cast<double>(weights.codes[at])));
    }
    const double b = std::abs(static_cast<double>(bias[static_cast<std::size_t>(n)]));
    if (peak == 0.0 && b > 0.0) weights.scale[static_cast<std::size_t>(n)] = b / reach;
  }
}

// The part of a whole number that row `row` of `rows` holds: parts differ by at most one.
double share(double whole, std::int64_t row, std::int64_t rows) {
  const auto edge = [&](std::int64_t r) {
    return std::nearbyint(whole * static_cast<double>(r) / static_cast<double>(rows));
  };
  return edge(row + 1) - edge(row);
}

}  // namespace

double largest_code(const WeightsSpec& spec) {
  return spec.bits ? std::ldexp(1.0, static_cast<int>(*spec.bits) - 1) - 1.0 : 1.0;
}

WeightCodes quantise(std::span<const float> weights, std::int64_t inputs, std::int64_t outputs, const WeightsSpec& spec,
                     std::span<const double> given) {
  check_finite(weights);
  const bool take = spec.bits && fits(weights, given, largest_code(spec));
  WeightCodes out{
      .inputs = inputs,
      .outputs = outputs,
      .continuous = !spec.bits.has_value(),
      .codes = {},
      .fractions = {},
      .scale = take ? std::vector<double>(given.begin(), given.end()) : scales(weights, inputs, outputs, spec)};
  const double top = largest_code(spec);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double x = static_cast<double>(weights[i]) / out.scale[i % static_cast<std::size_t>(outputs)];
    const double code = out.continuous ? x : std::nearbyint(x);
    const double kept = std::clamp(code, -top, top);
    out.clipped += kept != code ? 1 : 0;
    if (out.continuous)
      out.fractions.push_back(static_cast<float>(kept));
    else
      out.codes.push_back(static_cast<std::int32_t>(kept));
  }
  return out;
}

void append_bias(WeightCodes& weights, const WeightsSpec& spec, std::span<const float> bias, double largest_input) {
  const double top = largest_code(spec);
  scale_empty_channels(weights, bias, largest_input * top);
  std::vector<double> wanted;
  double most = 0.0;
  for (std::size_t n = 0; n < bias.size(); ++n) {
    wanted.push_back(static_cast<double>(bias[n]) / (largest_input * weights.scale[n]));
    most = std::max(most, std::abs(wanted.back()));
  }
  const double wanted_rows = std::max(1.0, std::ceil(most / top - 1e-9));
  core::require(wanted_rows <= max_bias_rows, core::ErrorKind::value,
                {.rule = "a bias this large against weights and inputs takes too many rows of an array",
                 .name = "weights.bias",
                 .value = core::number(wanted_rows),
                 .unit = "row",
                 .allowed = "<= " + core::number(max_bias_rows),
                 .remedy = "use weights.bias = digital for this layer"});
  const auto rows = static_cast<std::int64_t>(wanted_rows);
  for (std::int64_t row = 0; row < rows; ++row)
    for (const double code : wanted)
      if (weights.continuous)
        weights.fractions.push_back(static_cast<float>(code / static_cast<double>(rows)));
      else
        weights.codes.push_back(static_cast<std::int32_t>(share(std::nearbyint(code), row, rows)));
  weights.inputs += rows;
}

double zero_level(const WeightsSpec& spec, const Slice& slice) {
  if (!spec.bits) return spec.encoding == Encoding::offset ? 0.5 : 0.0;
  if (spec.encoding == Encoding::differential) return 0.0;
  const std::int32_t offset = std::int32_t{1} << (*spec.bits - 1);
  return static_cast<double>((offset >> slice.low_bit) & ((std::int32_t{1} << slice.bits) - 1));
}

std::vector<Slice> slices(const WeightsSpec& spec) {
  if (!spec.bits) {
    // A continuous offset cell holds (w + 1) / 2, so one level is worth 2.
    const double worth = spec.encoding == Encoding::offset ? 2.0 : 1.0;
    return {{.low_bit = 0, .bits = 0, .largest = 1.0, .worth = worth}};
  }
  const std::int64_t total = *spec.bits - (spec.encoding == Encoding::differential ? 1 : 0);
  const std::int64_t step = std::min(total, spec.slice_bits.value_or(total));
  std::vector<Slice> out;
  for (std::int64_t low = 0; low < total; low += step) {
    const std::int64_t bits = std::min(step, total - low);
    out.push_back({.low_bit = low,
                   .bits = bits,
                   .largest = std::ldexp(1.0, static_cast<int>(bits)) - 1.0,
                   .worth = std::ldexp(1.0, static_cast<int>(low))});
  }
  return out;
}

Digits digits(const WeightsSpec& spec, const Slice& slice, int polarity) {
  const bool offset = spec.encoding == Encoding::offset;
  return {.sign = polarity == 0 || offset ? 1 : -1,
          .offset = offset ? std::int32_t{1} << (*spec.bits - 1) : 0,
          .low_bit = static_cast<std::int32_t>(slice.low_bit),
          .mask = (std::int32_t{1} << slice.bits) - 1};
}

double level(const WeightCodes& weights, const WeightsSpec& spec, const Slice& slice, std::int64_t input,
             std::int64_t output, int polarity) {
  const auto at = static_cast<std::size_t>(input * weights.outputs + output);
  if (!weights.continuous) return digits(spec, slice, polarity).of(weights.codes[at]);
  const double w = static_cast<double>(weights.fractions[at]);
  return spec.encoding == Encoding::offset ? (w + 1.0) / 2.0 : std::max(0.0, polarity == 0 ? w : -w);
}

}  // namespace wordline::mapper
