#pragma once

#include <variant>
#include <vector>

#include "core/spec.hpp"
#include "crossbar/range.hpp"

namespace wordline::crossbar {

/// Where the two columns of a differential pair are subtracted.
enum class Subtract { analog, digital };
/// Which interval of column currents the ADC's codes span.
enum class AdcRange {
  full,        ///< every row at its largest digit and every cell at its largest level
  calibrated,  ///< from sample data
};
/// Which conversion points share one calibrated range.
enum class Scope { layer, slice, tile };

/// What a converter measures.
enum class Sense {
  current,  ///< the sum of currents at virtual ground
  voltage,  ///< the settled voltage of a floating line, sum G V / sum G, times the line's nominal sum of G
};
/// When conversions happen.
enum class Convert {
  per_cycle,    ///< every input cycle is converted and the codes are shifted and added
  accumulated,  ///< the cycles of a pass are weighed and added in the analog domain, then converted once
};
/// How a converter decides, which says where its errors come from (docs/methods/converters.md).
enum class AdcKind { uniform, sar, ramp, flash, pipeline, cyclic };

/// Column converters, with the errors of each physical converter.
struct AdcSpec {
  std::optional<std::int64_t> bits = 8;
  AdcKind kind = AdcKind::uniform;
  Sense sense = Sense::current;
  Convert convert = Convert::per_cycle;
  std::variant<AdcRange, std::array<double, 2>> range = AdcRange::calibrated;
  Scope scope = Scope::slice;
  Statistic statistic = Statistic::max;
  double percentile = 99.9;
  Subtract subtract = Subtract::analog;
  std::int64_t columns_per_adc = 128;
  double offset = 0.0;
  double gain = 0.0;
  double noise = 0.0;
  double inl = 0.0;
  double dnl = 0.0;
  std::vector<double> inl_table;
  double mismatch = 0.0;
  double comparator_offset = 0.0;
  std::optional<double> amplifier_gain;

  static constexpr std::string_view spec_name = "ADC";
  static constexpr auto fields();
  void check() const;
};

/// What kind of quantity is converted, in level units (see docs/methods/mvm.md).
struct Converted {
  bool two_sided = false;  ///< it can be negative
  bool whole = false;      ///< ideal cells give whole numbers of level units
};

/// Codes that reach `reach` level units with `bits` bits: -2^(b-1) .. 2^(b-1)-1 when two-sided, else 0 .. 2^b-1.
/// Where ideal values are whole numbers a step below one level unit is widened to one: that is exact for them and
/// covers more.
Codes codes_for(double reach, std::int64_t bits, Converted kind);

/// Codes that span [low, high] level units as stated: `bits` bits of even steps, zero on the grid.
Codes codes_between(double low, double high, std::int64_t bits);

/// The reach (level units) that `spec` asks for, given what the samples showed.
double calibrated_reach(const AdcSpec& spec, const Histogram& seen, Converted kind);

}  // namespace wordline::crossbar

template <>
struct wordline::core::EnumWords<wordline::crossbar::Subtract> {
  using E = wordline::crossbar::Subtract;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"analog", E::analog}, {"digital", E::digital}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::Sense> {
  using E = wordline::crossbar::Sense;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"current", E::current}, {"voltage", E::voltage}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::Convert> {
  using E = wordline::crossbar::Convert;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"per_cycle", E::per_cycle}, {"accumulated", E::accumulated}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::AdcKind> {
  using E = wordline::crossbar::AdcKind;
  static constexpr std::array<std::pair<std::string_view, E>, 6> words{{{"uniform", E::uniform},
                                                                        {"sar", E::sar},
                                                                        {"ramp", E::ramp},
                                                                        {"flash", E::flash},
                                                                        {"pipeline", E::pipeline},
                                                                        {"cyclic", E::cyclic}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::AdcRange> {
  using E = wordline::crossbar::AdcRange;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"full", E::full}, {"calibrated", E::calibrated}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::Scope> {
  using E = wordline::crossbar::Scope;
  static constexpr std::array<std::pair<std::string_view, E>, 3> words{
      {{"layer", E::layer}, {"slice", E::slice}, {"tile", E::tile}}};
};

constexpr auto wordline::crossbar::AdcSpec::fields() {
  using core::field, core::between, core::any;
  using S = AdcSpec;
  return std::make_tuple(
      field("bits", &S::bits, "bit", between(1, 16), "resolution; None = ideal conversion without any error"),
      field("kind", &S::kind, "", any(), "how it decides: uniform, sar, ramp, flash, pipeline or cyclic"),
      field("sense", &S::sense, "", any(), "what is converted: current, or voltage of a floating line"),
      field("convert", &S::convert, "", any(), "per_cycle, or once after analog accumulation of the cycles"),
      field("range", &S::range, "A", any(), "full, calibrated (from sample data) or a pair [low, high] of currents"),
      field("scope", &S::scope, "", any(), "conversion points that share a calibrated range: layer, slice or tile"),
      field("statistic", &S::statistic, "", any(), "how sample data give the calibrated range"),
      field("percentile", &S::percentile, "percent", between(50, 100), "used by statistic = percentile"),
      field("subtract", &S::subtract, "", any(), "pairs subtracted as currents (analog) or as codes (digital)"),
      field("columns_per_adc", &S::columns_per_adc, "column", between(1, 4096), "bit lines that share a converter"),
      field("offset", &S::offset, "LSB", between(0, 1000), "standard deviation of the offset over converters"),
      field("gain", &S::gain, "", between(0, 1), "standard deviation of the relative gain error over converters"),
      field("noise", &S::noise, "LSB", between(0, 1000), "noise of one conversion, rms"),
      field("inl", &S::inl, "LSB", between(0, 1000), "standard deviation over converters of the peak of a bow"),
      field("dnl", &S::dnl, "LSB", between(0, 10), "standard deviation of the width of each code"),
      field("inl_table", &S::inl_table, "LSB", any(), "measured shift of each of the 2^bits - 1 code edges"),
      field("mismatch", &S::mismatch, "", between(0, 1), "relative standard deviation of a unit element"),
      field("comparator_offset", &S::comparator_offset, "LSB", between(0, 1000), "its standard deviation"),
      field("amplifier_gain", &S::amplifier_gain, "", between(10, 1e12), "open-loop gain of a stage; None = ideal"));
}
