#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "mapper/chip.hpp"

namespace wordline::mapper {

/// Weights as whole numbers (or as fractions of the largest when continuous), [input][output].
struct WeightCodes {
  std::int64_t inputs = 0, outputs = 0;
  bool continuous = false;
  std::vector<std::int32_t> codes;  ///< q, empty when continuous
  std::vector<float> fractions;     ///< w / scale in [-1, 1], when continuous
  std::vector<double> scale;        ///< [output] weight = scale * code (or * fraction)
  std::int64_t clipped = 0;         ///< weights beyond the chosen range
};
/// `given` is empty, or one scale per output of a quantised model, which is taken where its codes fit the bits.
WeightCodes quantise(std::span<const float> weights, std::int64_t inputs, std::int64_t outputs, const WeightsSpec& spec,
                     std::span<const double> given = {});

/// Appends the rows that hold `bias` when driven with an input of `largest_input`: as many as it takes for the codes
/// of no weight to exceed their range.
void append_bias(WeightCodes& weights, const WeightsSpec& spec, std::span<const float> bias, double largest_input);

/// One slice of a weight: `bits` bits above `low_bit` of the magnitude (or of the offset code).
struct Slice {
  std::int64_t low_bit = 0;
  std::int64_t bits = 1;
  double largest = 1.0;  ///< level of a cell at G_max
  double worth = 1.0;    ///< digital weight of one level
};
std::vector<Slice> slices(const WeightsSpec& spec);

/// Which bits of a whole weight q a cell holds: `mask` above `low_bit` of sign q + offset, where that is positive.
struct Digits {
  std::int32_t sign = 1, offset = 0, low_bit = 0, mask = 1;
  std::int32_t of(std::int32_t q) const { return (std::max(0, sign * q + offset) >> low_bit) & mask; }
};
Digits digits(const WeightsSpec& spec, const Slice& slice, int polarity);

/// Level (0 .. slice.largest) of one weight's cell; polarity 1 is the partner that holds negative parts.
double level(const WeightCodes& weights, const WeightsSpec& spec, const Slice& slice, std::int64_t input,
             std::int64_t output, int polarity);

/// Level of a weight of zero: what reference columns hold.
double zero_level(const WeightsSpec& spec, const Slice& slice);

/// Largest whole number of a weight (1 when continuous).
double largest_code(const WeightsSpec& spec);

}  // namespace wordline::mapper
