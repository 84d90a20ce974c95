#pragma once

#include <cstdint>
#include <vector>

#include "crossbar/dac.hpp"

namespace wordline::crossbar {

/// One read of all rows with one digit of every input.
struct Cycle {
  double weight = 1.0;     ///< what the digit is worth: 2^shift, negative in the pass of negative inputs
  std::int32_t shift = 0;  ///< position of the digit inside the magnitude
  std::int32_t sign = 0;   ///< +1 reads positive inputs, -1 the magnitudes of negative ones, 0 both with their sign
};

/// How the inputs of one layer become digits on rows.
struct InputCode {
  bool continuous = false;          ///< amplitudes are real numbers in [-1, 1], one cycle
  bool is_signed = false;           ///< negative inputs occur
  std::int64_t magnitude_bits = 8;  ///< bits of |q|
  std::int64_t bits_per_cycle = 1;
  SignedInput signed_input = SignedInput::two_pass;

  /// Largest integer code.
  std::int32_t largest_code() const { return continuous ? 1 : (std::int32_t{1} << magnitude_bits) - 1; }
  /// Largest digit on a row; v_read drives it.
  std::int32_t largest_digit() const { return continuous ? 1 : (std::int32_t{1} << bits_per_cycle) - 1; }
  std::int64_t cycles_per_pass() const {
    return continuous ? 1 : (magnitude_bits + bits_per_cycle - 1) / bits_per_cycle;
  }
  bool two_passes() const { return is_signed && signed_input == SignedInput::two_pass; }
  /// All reads of one input vector, in the order of their random events.
  std::vector<Cycle> cycles() const;
};

/// A layer's input code: signed inputs of b bits keep b - 1 magnitude bits, unsigned ones b.
InputCode input_code(const DacSpec& dac, bool is_signed);

/// A block of input vectors for one bank, already on the DAC's scale: integer codes, or amplitudes in [-1, 1] when
/// the code is continuous. Row-major [vector][row].
struct Block {
  std::int64_t vectors = 0;
  std::int64_t rows = 0;
  std::vector<std::int32_t> codes;
  std::vector<float> amplitudes;
  std::vector<std::uint32_t> sample;  ///< [vector] absolute sample index, part of every noise event
  std::vector<std::uint32_t> window;  ///< [vector] window inside the sample
};

/// The digit on one row in one cycle, with its sign (0 when the pass does not read this input).
inline std::int32_t digit(std::int32_t code, const Cycle& cycle, std::int32_t mask) {
  if (cycle.sign != 0 && (code < 0) != (cycle.sign < 0)) return 0;
  const std::int32_t magnitude = ((code < 0 ? -code : code) >> cycle.shift) & mask;
  return code < 0 && cycle.sign == 0 ? -magnitude : magnitude;
}
inline float digit(float amplitude, const Cycle& cycle) {
  if (cycle.sign == 0) return amplitude;
  const float part = cycle.sign > 0 ? amplitude : -amplitude;
  return part > 0.0F ? part : 0.0F;
}

}  // namespace wordline::crossbar
