#include "crossbar/input.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {
namespace {

void add_pass(const InputCode& code, Part part, std::vector<Cycle>& cycles) {
  for (std::int64_t k = 0; k < code.cycles_per_pass(); ++k) {
    const auto shift = static_cast<std::int32_t>(code.continuous ? 0 : k * code.bits_per_cycle);
    cycles.push_back({.weight = std::ldexp(part == Part::negative ? -1.0 : 1.0, shift), .shift = shift, .part = part});
  }
}

// A continuous amplitude has no bits, hence no two's complement.
bool has_sign_plane(const InputCode& code) {
  return code.is_signed && !code.continuous && code.signed_input == SignedInput::twos_complement;
}

}  // namespace

std::vector<Cycle> InputCode::cycles() const {
  std::vector<Cycle> out;
  if (two_passes()) {
    add_pass(*this, Part::positive, out);
    add_pass(*this, Part::negative, out);
  } else if (has_sign_plane(*this)) {
    add_pass(*this, Part::complement, out);
    const auto shift = static_cast<std::int32_t>(magnitude_bits);
    out.push_back({.weight = -std::ldexp(1.0, shift), .shift = shift, .part = Part::sign});
  } else {
    add_pass(*this, Part::both, out);
  }
  return out;
}

std::vector<Conversion> InputCode::conversions() const {
  const auto all = cycles();
  std::vector<Conversion> out;
  if (convert == Convert::accumulated) {
    const std::int64_t passes = two_passes() ? 2 : 1, count = std::ssize(all) / passes;
    for (std::int64_t p = 0; p < passes; ++p)
      out.push_back({.first = p * count, .count = count, .weight = p == 0 ? 1.0 : -1.0});
    return out;
  }
  for (std::int64_t c = 0; c < std::ssize(all); ++c)
    out.push_back({.first = c, .count = 1, .weight = all[static_cast<std::size_t>(c)].weight});
  return out;
}

double InputCode::gain(const Cycle& cycle) const {
  if (convert == Convert::per_cycle) return 1.0;
  return cycle.part == Part::sign ? cycle.weight : std::abs(cycle.weight);
}

// Accumulated digits make up the code again, whatever its coding.
double InputCode::largest_sum() const { return convert == Convert::accumulated ? largest_code() : largest_digit(); }

InputCode input_code(const DacSpec& dac, Convert convert, bool is_signed) {
  InputCode code{.continuous = !dac.bits.has_value(),
                 .is_signed = is_signed,
                 .signed_input = dac.signed_input,
                 .convert = convert};
  if (code.continuous) return code;
  code.magnitude_bits = std::max<std::int64_t>(1, *dac.bits - (is_signed ? 1 : 0));
  code.bits_per_cycle = std::min(code.magnitude_bits, dac.bits_per_cycle.value_or(code.magnitude_bits));
  return code;
}

}  // namespace wordline::crossbar
