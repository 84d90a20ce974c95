#include "crossbar/adc.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {

void AdcSpec::check() const {
  const bool plain = offset == 0.0 && gain == 0.0 && noise == 0.0;
  core::require(bits.has_value() || plain, core::ErrorKind::value,
                {.rule = "an ideal ADC (bits = None) has no offset, gain error or noise",
                 .name = "adc.bits",
                 .value = "None",
                 .unit = "bit",
                 .allowed = "[1, 16] with these errors",
                 .remedy = "give bits, or set offset, gain and noise to 0"});
  const auto* rule = std::get_if<AdcRange>(&range);
  const bool calibrates = bits && rule != nullptr && *rule == AdcRange::calibrated;
  core::require(calibrates || statistic == Statistic::max, core::ErrorKind::value,
                {.rule = "a statistic serves calibrated ranges",
                 .name = "adc.statistic",
                 .value = core::show(core::write(statistic)),
                 .unit = "",
                 .allowed = "max",
                 .remedy = "leave it out, or use range = calibrated and bits"});
  const auto* given = std::get_if<std::array<double, 2>>(&range);
  core::require(given == nullptr || ((*given)[0] <= 0.0 && (*given)[1] > 0.0), core::ErrorKind::value,
                {.rule = "a given range holds zero current",
                 .name = "adc.range",
                 .value = given != nullptr ? core::number((*given)[0]) + " to " + core::number((*given)[1]) : "",
                 .unit = "A",
                 .allowed = "low <= 0 < high",
                 .remedy = ""});
}

Codes codes_for(double reach, std::int64_t bits, Converted kind) {
  const double largest = std::ldexp(1.0, static_cast<int>(kind.two_sided ? bits - 1 : bits)) - 1.0;
  const double smallest = kind.two_sided ? -largest - 1.0 : 0.0;
  // A 1-bit two-sided converter has the codes -1 and 0: its step must still cover the reach.
  const double step = reach / std::max(1.0, largest);
  const bool widen = step <= 0.0 || (kind.whole && step < 1.0);
  return {.step = widen ? 1.0 : step, .low = smallest, .high = largest};
}

Codes codes_between(double low, double high, std::int64_t bits) {
  const double steps = std::ldexp(1.0, static_cast<int>(bits)) - 1.0;
  const double step = (high - low) / steps;
  const double lowest = std::nearbyint(low / step);
  return {.step = step, .low = lowest, .high = lowest + steps};
}

double calibrated_reach(const AdcSpec& spec, const Histogram& seen, Converted kind) {
  return chosen_reach(spec.statistic, spec.percentile, seen,
                      [&](double reach) { return codes_for(reach, *spec.bits, kind); });
}

}  // namespace wordline::crossbar
