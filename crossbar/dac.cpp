#include "crossbar/dac.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {
namespace {

// Digits are tabulated one by one.
constexpr std::int64_t most_digits = 255;

// What is wrong with a table of digit errors, or nothing.
std::string broken_rule(const DacSpec& dac, std::int64_t digits) {
  if (!dac.bits) return "continuous inputs (bits = None) have no digits with errors";
  if (digits > most_digits) return "a table of errors serves digits of at most 8 bits";
  if (std::ssize(dac.inl) != digits) return "the table holds the error of each digit from 1 to the largest";
  for (std::int64_t d = 1; d <= digits; ++d) {
    const double error = dac.inl[static_cast<std::size_t>(d - 1)];
    if (!(std::isfinite(error) && static_cast<double>(d) + error >= 0.0))
      return "a digit with its error is a finite number and not negative";
  }
  return {};
}

void check_inl(const DacSpec& dac) {
  if (dac.inl.empty()) return;
  const std::int64_t bits = std::min(dac.bits.value_or(16), dac.bits_per_cycle.value_or(16));
  const std::int64_t digits = (std::int64_t{1} << bits) - 1;
  const std::string rule = broken_rule(dac, digits);
  core::require(rule.empty(), core::ErrorKind::value,
                {.rule = rule,
                 .name = "dac.inl",
                 .value = std::to_string(dac.inl.size()) + " numbers",
                 .unit = "LSB",
                 .allowed = std::to_string(std::min(digits, most_digits)) + " numbers, the one of digit d at least -d",
                 .remedy = "give 2^bits_per_cycle - 1 numbers, or leave inl empty for linear drivers"});
}

}  // namespace

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
  core::require(bits.has_value() || signed_input != SignedInput::twos_complement, core::ErrorKind::value,
                {.rule = "two's complement is a code of whole-number inputs",
                 .name = "dac.signed_input",
                 .value = core::show(core::write(signed_input)),
                 .unit = "",
                 .allowed = "two_pass or bipolar with bits = None",
                 .remedy = "give bits, or use two_pass or bipolar"});
  check_inl(*this);
}

}  // namespace wordline::crossbar
