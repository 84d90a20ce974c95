#pragma once

#include <cstdint>
#include <span>

namespace wordline::mapper {

/// From numbers of the network to the DAC's scale: x inverse, rounded unless continuous, + zero, held in [low, high].
struct ToDac {
  bool continuous = false;
  double inverse = 1.0, zero = 0.0;
  double low = 0.0, high = 0.0;  ///< |low|, |high| < 2^31
};

/// Puts numbers on the scale: codes, or amplitudes for a continuous one. Ties go to even. Returns how many were beyond
/// the range.
std::int64_t scale_numbers(const ToDac& dac, std::span<const float> x, std::int32_t* codes);
std::int64_t scale_numbers(const ToDac& dac, std::span<const float> x, float* amplitudes);

}  // namespace wordline::mapper
