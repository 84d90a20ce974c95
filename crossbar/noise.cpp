#include "crossbar/noise.hpp"

#include <cmath>
#include <numbers>

namespace wordline::crossbar {

double conversion_normal(const core::Stream& stream, const ConversionPlace& place) {
  const auto words = core::philox7(
      conversion_event(place.sample, place.window, place.bank, place.conversion / 2, place.column / 2), stream.key());
  const std::size_t own = place.column % 2 == 0 ? 1 : 0;
  const std::uint32_t radius = words[own];
  const auto angle = static_cast<std::int32_t>(words[2 + own]);
  const double u = (static_cast<double>(radius >> 1U) + 0.5) * 0x1p-31;
  const double a = std::numbers::pi / 2 * angle * 0x1p-31;
  const double direction = place.conversion % 2 == 1 ? std::sin(a) : (radius & 1U) != 0 ? -std::cos(a) : std::cos(a);
  return std::sqrt(-2.0 * std::log(u)) * direction;
}

}  // namespace wordline::crossbar
