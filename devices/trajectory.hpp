#pragma once

#include <algorithm>
#include <span>
#include <vector>

/// Statistics given at several times after programming, and what lies between and beyond them.
namespace wordline::devices {

/// How far `t` has come, in ln t, through each interval between rising positive `times`: 0 not begun, 1 passed. More
/// than 1 only in the last one, which is how times beyond the data are extrapolated; before the first time the first
/// value is held.
std::vector<double> fractions(std::span<const double> times, double t);

/// Refuses a time `t` (s, at reference_temperature) that is neither 0, the state as programmed, nor in [first, last].
void check_covered(double t, double first, double last);

/// The value that at(0), at(1), ... take after `fractions`, linear in each interval.
template <class At>
double interpolated(const At& at, std::span<const double> fractions) {
  double before = at(0), value = before;
  for (std::size_t i = 0; i < fractions.size() && fractions[i] > 0.0; ++i) {
    const double after = at(i + 1);
    value = before + fractions[i] * (after - before);
    before = after;
  }
  return value;
}

/// The largest value on the way: measured sigmas fall in places, the variance of a frozen trajectory cannot.
template <class At>
double running_maximum(const At& at, std::span<const double> fractions) {
  double before = at(0), largest = before;
  for (std::size_t i = 0; i < fractions.size() && fractions[i] > 0.0; ++i) {
    const double after = at(i + 1), rise = after - before;
    largest = std::max({largest, before + std::min(1.0, fractions[i]) * rise, before + fractions[i] * rise});
    before = after;
  }
  return largest;
}

}  // namespace wordline::devices
