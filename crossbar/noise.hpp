#pragma once

#include <cstdint>

#include "core/random.hpp"

namespace wordline::crossbar {

/// The event that two consecutive conversions of two neighbouring columns share: conversions 2 pair and 2 pair + 1,
/// columns 2 columns and 2 columns + 1. What changes fastest stands in one field.
inline core::Event conversion_event(std::uint32_t sample, std::uint32_t window, std::uint32_t bank, std::uint32_t pair,
                                    std::uint32_t columns) {
  return {sample, window, bank, pair << 24U | columns};
}

/// The most columns of a bank that fit the event's last field; conversions of a vector are far fewer than 512.
inline constexpr std::int64_t max_columns = std::int64_t{2} << 24;

/// No normal of conversion_normal is larger: sqrt(2 ln 2^32).
inline constexpr float largest_normal = 6.6605F;

/// Which conversion a normal is for.
struct ConversionPlace {
  std::uint32_t sample = 0, window = 0, bank = 0, conversion = 0, column = 0;
};

/// The standard normal of one conversion, as the multiply draws it in single precision. Of the four words that
/// Philox4x32-7 makes of the event, a column has two: r, words 0 and 2 for odd columns, 1 and 3 for even ones, of which
/// Box and Muller make the normals of both conversions,
///   sqrt(-2 ln u) (cos a with the sign of r's lowest bit, sin a),  u = (r / 2 rounded down + 1/2) / 2^31,
/// with a the angle word as a signed number, 2^32 of them to half a turn. |z| <= largest_normal.
double conversion_normal(const core::Stream& stream, const ConversionPlace& place);

}  // namespace wordline::crossbar
