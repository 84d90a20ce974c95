#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace wordline::core {

/// A mean with the confidence interval mean +- half_width that n independent, equally distributed values give it:
/// half_width = t(n - 1, confidence) std / sqrt(n), t being Student's two-sided quantile (exact for normal values).
struct Interval {
  double mean = 0.0;
  double half_width = 0.0;
  double std = 0.0;         ///< sample standard deviation, n - 1 in the denominator
  std::int64_t n = 0;       ///< number of values
  double confidence = 0.0;  ///< probability that the interval holds the true mean, in (0, 1)
};

// Sums run over the values in their order, so the result is the same bits wherever the values are. Values that are
// not finite are refused with Error(value), as is an empty list.

double mean(std::span<const double> values);

/// Sample standard deviation (n - 1 in the denominator) in two passes; refuses fewer than two values.
double sample_std(std::span<const double> values);

/// The confidence interval of the mean; one value has none. Refuses a confidence outside (0, 1).
std::optional<Interval> confidence_interval(std::span<const double> values, double confidence = 0.95);

}  // namespace wordline::core
