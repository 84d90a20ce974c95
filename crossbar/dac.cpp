#include "crossbar/dac.hpp"

namespace wordline::crossbar {

void DacSpec::check() const {
  core::require(bits.has_value() || !bits_per_cycle.has_value(), core::ErrorKind::value,
                {.rule = "continuous inputs (bits = None) are applied in one cycle",
                 .name = "dac.bits_per_cycle",
                 .value = bits_per_cycle ? std::to_string(*bits_per_cycle) : "None",
                 .unit = "bit",
                 .allowed = "None",
                 .remedy = "set bits_per_cycle to None or give bits"});
  core::require(!bits || !bits_per_cycle || *bits_per_cycle <= *bits, core::ErrorKind::value,
                {.rule = "a cycle applies at most all bits of an input",
                 .name = "dac.bits_per_cycle",
                 .value = bits_per_cycle ? std::to_string(*bits_per_cycle) : "None",
                 .unit = "bit",
                 .allowed = "[1, " + std::to_string(bits.value_or(16)) + "]",
                 .remedy = ""});
}

}  // namespace wordline::crossbar
