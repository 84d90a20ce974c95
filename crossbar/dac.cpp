#include "crossbar/dac.hpp"

namespace wordline::crossbar {

void DacSpec::check() const {
  const auto* pair = std::get_if<std::array<double, 2>>(&range);
  core::require(pair == nullptr || ((*pair)[0] <= 0.0 && (*pair)[1] > 0.0), core::ErrorKind::value,
                {.rule = "a given range holds zero, the input of an undriven row",
                 .name = "dac.range",
                 .value = pair != nullptr ? core::number((*pair)[0]) + " to " + core::number((*pair)[1]) : "",
                 .unit = "",
                 .allowed = "low <= 0 < high",
                 .remedy = ""});
  const auto* rule = std::get_if<InputRange>(&range);
  const bool calibrates = bits && rule != nullptr && *rule == InputRange::calibrated;
  core::require(calibrates || statistic == Statistic::max, core::ErrorKind::value,
                {.rule = "a statistic serves calibrated ranges of whole-number inputs",
                 .name = "dac.statistic",
                 .value = core::show(core::write(statistic)),
                 .unit = "",
                 .allowed = "max",
                 .remedy = "leave it out, or use range = calibrated and bits"});
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
