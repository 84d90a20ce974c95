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

/// Column converters: uniform steps, with the errors of each physical converter.
struct AdcSpec {
  std::optional<std::int64_t> bits = 8;
  std::variant<AdcRange, std::array<double, 2>> range = AdcRange::calibrated;
  Scope scope = Scope::slice;
  Statistic statistic = Statistic::max;
  double percentile = 99.9;
  Subtract subtract = Subtract::analog;
  std::int64_t columns_per_adc = 128;
  double offset = 0.0;
  double gain = 0.0;
  double noise = 0.0;

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
      field("range", &S::range, "A", any(), "full, calibrated (from sample data) or a pair [low, high] of currents"),
      field("scope", &S::scope, "", any(), "conversion points that share a calibrated range: layer, slice or tile"),
      field("statistic", &S::statistic, "", any(), "how sample data give the calibrated range"),
      field("percentile", &S::percentile, "percent", between(50, 100), "used by statistic = percentile"),
      field("subtract", &S::subtract, "", any(), "pairs subtracted as currents (analog) or as codes (digital)"),
      field("columns_per_adc", &S::columns_per_adc, "column", between(1, 4096), "bit lines that share a converter"),
      field("offset", &S::offset, "LSB", between(0, 1000), "standard deviation of the offset over converters"),
      field("gain", &S::gain, "", between(0, 1), "standard deviation of the relative gain error over converters"),
      field("noise", &S::noise, "LSB", between(0, 1000), "noise of one conversion, rms"));
}
