#include "devices/trajectory.hpp"

#include <cmath>

#include "core/error.hpp"

namespace wordline::devices {

std::vector<double> fractions(std::span<const double> times, double t) {
  std::vector<double> out;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double from = times[i - 1], to = times[i];
    const double f = t <= from ? 0.0 : std::log(t / from) / std::log(to / from);
    out.push_back(i + 1 < times.size() ? std::min(f, 1.0) : f);
  }
  return out;
}

void check_covered(double t, double first, double last) {
  core::require(t == 0.0 || (t >= first && t <= last), core::ErrorKind::value,
                {.rule = "the data of this cell do not cover this time (at 300 K)",
                 .name = "age",
                 .value = core::number(t),
                 .unit = "s",
                 .allowed = "0, [" + core::number(first) + ", " + core::number(last) + "]",
                 .remedy = "ask for extrapolation"});
}

Spread spread(double mean, double sigma_first, double sigma) {
  const double growth = sigma > sigma_first ? std::sqrt(sigma * sigma - sigma_first * sigma_first) : 0.0;
  return {.mean = mean, .start = sigma_first, .growth = growth};
}

}  // namespace wordline::devices
