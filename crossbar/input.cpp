#include "crossbar/input.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {
namespace {

void add_pass(const InputCode& code, std::int32_t sign, std::vector<Cycle>& cycles) {
  for (std::int64_t k = 0; k < code.cycles_per_pass(); ++k) {
    const auto shift = static_cast<std::int32_t>(code.continuous ? 0 : k * code.bits_per_cycle);
    cycles.push_back({.weight = std::ldexp(sign < 0 ? -1.0 : 1.0, shift), .shift = shift, .sign = sign});
  }
}

}  // namespace

std::vector<Cycle> InputCode::cycles() const {
  std::vector<Cycle> out;
  if (two_passes()) {
    add_pass(*this, +1, out);
    add_pass(*this, -1, out);
  } else {
    add_pass(*this, 0, out);
  }
  return out;
}

InputCode input_code(const DacSpec& dac, bool is_signed) {
  InputCode code{.continuous = !dac.bits.has_value(), .is_signed = is_signed, .signed_input = dac.signed_input};
  if (code.continuous) return code;
  code.magnitude_bits = std::max<std::int64_t>(1, *dac.bits - (is_signed ? 1 : 0));
  code.bits_per_cycle = std::min(code.magnitude_bits, dac.bits_per_cycle.value_or(code.magnitude_bits));
  return code;
}

}  // namespace wordline::crossbar
