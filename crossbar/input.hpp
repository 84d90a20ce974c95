#pragma once

#include <cstdint>
#include <vector>

#include "core/scratch.hpp"
#include "crossbar/adc.hpp"
#include "crossbar/dac.hpp"

namespace wordline::crossbar {

/// Which part of a code a cycle reads.
enum class Part {
  both,        ///< digits of the magnitude, with the code's sign
  positive,    ///< digits of positive codes, 0 elsewhere
  negative,    ///< digits of the magnitude of negative codes, 0 elsewhere
  complement,  ///< digits of the two's complement code below its sign plane
  sign,        ///< 1 for negative codes
};

/// One read of all rows with one digit of every input.
struct Cycle {
  double weight = 1.0;     ///< what the digit is worth: 2^shift, negative for negative parts and the sign plane
  std::int32_t shift = 0;  ///< position of the digit
  Part part = Part::both;
};

/// One conversion: the cycles first .. first + count - 1 are added with their `gain` in the analog domain, and the code
/// counts `weight` times. Converted per cycle: one cycle of gain 1. Accumulated: all cycles of a pass, gain 2^shift
/// (negative for the sign plane of two's complement), weight -1 in the pass of negative inputs.
struct Conversion {
  std::int64_t first = 0, count = 1;
  double weight = 1.0;
};

/// How the inputs of one layer become digits on rows.
struct InputCode {
  bool continuous = false;          ///< amplitudes are real numbers in [-1, 1], one cycle
  bool is_signed = false;           ///< negative inputs occur
  std::int64_t magnitude_bits = 8;  ///< bits of |q|
  std::int64_t bits_per_cycle = 1;
  SignedInput signed_input = SignedInput::two_pass;
  Convert convert = Convert::per_cycle;

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
  /// All conversions of one input vector, in the order of their random events.
  std::vector<Conversion> conversions() const;
  /// Gain of a cycle inside its conversion: 1, or its weight's magnitude with the sign plane's sign.
  double gain(const Cycle& cycle) const;
  /// A conversion can be negative though every column current is positive.
  bool subtracts() const {
    return is_signed && (signed_input == SignedInput::bipolar ||
                         (signed_input == SignedInput::twos_complement && convert == Convert::accumulated));
  }
  /// Largest magnitude of the sum of gain x digit over the cycles of one conversion.
  double largest_sum() const;
};

/// A layer's input code: signed inputs of b bits keep b - 1 magnitude bits, unsigned ones b.
InputCode input_code(const DacSpec& dac, Convert convert, bool is_signed);

/// A block of input vectors for one bank, already on the DAC's scale: integer codes, or amplitudes in [-1, 1] when
/// the code is continuous. Row-major [vector][row]; resize() leaves new ones unset.
struct Block {
  std::int64_t vectors = 0;
  std::int64_t rows = 0;
  core::Scratch<std::int32_t> codes;
  core::Scratch<float> amplitudes;
  std::vector<std::uint32_t> sample;  ///< [vector] absolute sample index, part of every noise event
  std::vector<std::uint32_t> window;  ///< [vector] window inside the sample
  std::vector<float> solved;          ///< see crossbar::solve; empty where arrays are a matrix
};

/// The digit on one row in one cycle, with its sign (0 when the pass does not read this input).
/// `largest` is the code's largest magnitude, 2^magnitude_bits - 1; `mask` the largest digit.
inline std::int32_t digit(std::int32_t code, const Cycle& cycle, std::int32_t mask, std::int32_t largest) {
  switch (cycle.part) {
    case Part::sign:
      return code < 0 ? 1 : 0;
    case Part::complement:
      return ((code < 0 ? code + largest + 1 : code) >> cycle.shift) & mask;
    case Part::positive:
      return code < 0 ? 0 : (code >> cycle.shift) & mask;
    case Part::negative:
      return code < 0 ? (-code >> cycle.shift) & mask : 0;
    case Part::both:
      break;
  }
  const std::int32_t magnitude = ((code < 0 ? -code : code) >> cycle.shift) & mask;
  return code < 0 ? -magnitude : magnitude;
}
inline float digit(float amplitude, const Cycle& cycle) {
  if (cycle.part == Part::both) return amplitude;
  const float part = cycle.part == Part::positive ? amplitude : -amplitude;
  return part > 0.0F ? part : 0.0F;
}

}  // namespace wordline::crossbar
