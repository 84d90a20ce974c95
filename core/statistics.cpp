#include "core/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <string>

#include "core/error.hpp"

namespace wordline::core {
namespace {

void refuse(const std::string& rule, const std::string& name, const std::string& value, const std::string& allowed,
            const std::string& remedy) {
  throw Error(ErrorKind::value,
              {.rule = rule, .name = name, .value = value, .unit = "", .allowed = allowed, .remedy = remedy});
}

void check_values(std::span<const double> values) {
  if (values.empty()) refuse("nothing has no mean", "values", "", "at least one value", "");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      refuse("statistics are of finite numbers", "values[" + std::to_string(i) + "]", number(values[i]), "",
             "find out where it comes from; leaving it out would hide it");
}

// Finite values can still overflow in their sum; an infinite mean must not pass for a result.
double finite(double result) {
  if (!std::isfinite(result)) refuse("the values are too large to sum", "values", "", "sums below 1.8e308", "");
  return result;
}

double mean_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double x : values) sum += x;
  return finite(sum / static_cast<double>(values.size()));
}

// Two passes; the second sum takes out what rounding of the mean left (Chan, Golub, LeVeque 1983, eq. 1.7).
double std_of(std::span<const double> values, double mean) {
  double squares = 0.0, rest = 0.0;
  for (const double x : values) {
    squares += (x - mean) * (x - mean);
    rest += x - mean;
  }
  const auto n = static_cast<double>(values.size());
  // Equal values can leave a difference just below zero.
  return std::sqrt(std::max(0.0, finite(squares - rest * rest / n)) / (n - 1.0));
}

double t_quantile(std::int64_t n, double confidence) {
  const boost::math::students_t distribution(static_cast<double>(n - 1));
  // From the upper tail: confidences near 1 keep their digits.
  return boost::math::quantile(boost::math::complement(distribution, (1.0 - confidence) / 2.0));
}

}  // namespace

double mean(std::span<const double> values) {
  check_values(values);
  return mean_of(values);
}

double sample_std(std::span<const double> values) {
  check_values(values);
  if (values.size() < 2) refuse("one value has no spread", "values", "", "at least two values", "");
  return std_of(values, mean_of(values));
}

std::optional<Interval> confidence_interval(std::span<const double> values, double confidence) {
  if (!(confidence > 0.0 && confidence < 1.0))
    refuse("a confidence is a probability", "confidence", number(confidence), "(0, 1)", "0.95 is usual");
  check_values(values);
  const auto n = static_cast<std::int64_t>(values.size());
  if (n < 2) return std::nullopt;
  const double m = mean_of(values), s = std_of(values, m);
  const double half_width = t_quantile(n, confidence) * s / std::sqrt(static_cast<double>(n));
  return Interval{.mean = m, .half_width = half_width, .std = s, .n = n, .confidence = confidence};
}

}  // namespace wordline::core
