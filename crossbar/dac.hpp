#pragma once

#include <variant>
#include <vector>

#include "core/spec.hpp"
#include "crossbar/range.hpp"

namespace wordline::crossbar {

/// How negative inputs are applied.
enum class SignedInput {
  two_pass,         ///< positive parts and negative parts in separate reads, subtracted digitally
  bipolar,          ///< rows driven to +v_read or -v_read in one read
  twos_complement,  ///< bits of the two's complement code; the read of its sign plane is subtracted
};

/// How a digit of more than one bit is applied to its row.
enum class Drive {
  amplitude,    ///< v_read x digit / largest digit for t_read
  pulse_width,  ///< v_read for t_read x digit / largest digit
};

/// Which interval of input values the DAC's codes span.
enum class InputRange {
  calibrated,  ///< one scale per layer from sample data
  dynamic,     ///< one scale per sample, from its own largest magnitude
};

/// Row drivers. An input value becomes an integer of `bits` bits (`bits - 1` magnitude bits when the layer has
/// negative inputs), which is applied `bits_per_cycle` bits at a time, most significant weight by digital shift.
struct DacSpec {
  std::optional<std::int64_t> bits = 8;
  std::optional<std::int64_t> bits_per_cycle = 1;
  double v_read = 0.2;
  double t_read = 100e-9;
  Drive drive = Drive::amplitude;
  SignedInput signed_input = SignedInput::two_pass;
  std::vector<double> inl;
  std::variant<InputRange, std::array<double, 2>> range = InputRange::calibrated;
  Statistic statistic = Statistic::max;
  double percentile = 99.9;

  static constexpr std::string_view spec_name = "DAC";
  static constexpr auto fields();
  void check() const;
};

}  // namespace wordline::crossbar

template <>
struct wordline::core::EnumWords<wordline::crossbar::SignedInput> {
  using E = wordline::crossbar::SignedInput;
  static constexpr std::array<std::pair<std::string_view, E>, 3> words{
      {{"two_pass", E::two_pass}, {"bipolar", E::bipolar}, {"twos_complement", E::twos_complement}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::Drive> {
  using E = wordline::crossbar::Drive;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"amplitude", E::amplitude}, {"pulse_width", E::pulse_width}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::InputRange> {
  using E = wordline::crossbar::InputRange;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"calibrated", E::calibrated}, {"dynamic", E::dynamic}}};
};

constexpr auto wordline::crossbar::DacSpec::fields() {
  using core::field, core::between, core::positive;
  using S = DacSpec;
  return std::make_tuple(
      field("bits", &S::bits, "bit", between(1, 16), "input resolution; None = continuous amplitude"),
      field("bits_per_cycle", &S::bits_per_cycle, "bit", between(1, 16),
            "bits applied at a time: 1 = bit-serial; None = all at once"),
      field("drive", &S::drive, "", core::any(), "how a digit of several bits is applied: amplitude or pulse_width"),
      field("v_read", &S::v_read, "V", between(1e-6, 10), "row voltage of the largest digit"),
      field("t_read", &S::t_read, "s", between(1e-12, 1), "duration of one read cycle"),
      field("signed_input", &S::signed_input, "", core::any(), "how negative inputs are applied"),
      field("inl", &S::inl, "LSB", core::any(), "error of each digit 1, 2, ... of a cycle, in digits; empty = linear"),
      field("range", &S::range, "", core::any(),
            "calibrated (per layer), dynamic (per sample) or a pair [low, high] of input values"),
      field("statistic", &S::statistic, "", core::any(), "how sample data give the calibrated range"),
      field("percentile", &S::percentile, "percent", between(50, 100), "used by statistic = percentile"));
}
