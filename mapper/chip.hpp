#pragma once

#include <span>

#include "core/embedded.hpp"
#include "core/preset.hpp"
#include "core/spec.hpp"
#include "crossbar/adc.hpp"
#include "crossbar/array.hpp"
#include "crossbar/dac.hpp"
#include "devices/registry.hpp"

namespace wordline::mapper {

/// How signed weights sit in cells of positive conductance.
enum class Encoding {
  differential,  ///< positive part in one cell, negative in its partner, the idle partner at G_min
  offset,        ///< q + 2^(b-1) in one cell, the offset subtracted as OffsetBy says
};
/// How the offset of offset-encoded weights is taken away.
enum class OffsetBy {
  digital,  ///< from the sum of the inputs
  column,   ///< with a reference column of each array for every slice, which holds weights of zero
};
/// Where the partners of a differential pair stand.
enum class PairLayout {
  columns,  ///< side by side on two bit lines
  rows,     ///< one below the other on one bit line, driven with opposite voltages
};
/// Where a layer's bias is added.
enum class BiasIn {
  digital,  ///< behind the converters, in full precision
  array,    ///< by cells on rows of their own, driven with the largest input
};
/// How grouped convolutions stand on arrays.
enum class Grouped {
  sequential,  ///< groups share rows and are read one after the other, only their own columns converted
  diagonal,    ///< groups have their own rows and columns of an array; cells between groups stay at G_min
};
/// Which weights share a scale.
enum class WeightScale { layer, channel };

/// Weights as integers q in [-(2^(b-1)-1), 2^(b-1)-1], cut into slices of `slice_bits` from the lowest bit up.
struct WeightsSpec {
  std::optional<std::int64_t> bits = 8;
  std::optional<std::int64_t> slice_bits = 2;
  Encoding encoding = Encoding::differential;
  OffsetBy offset_by = OffsetBy::digital;
  PairLayout pairs = PairLayout::columns;
  bool column_inversion = false;
  BiasIn bias = BiasIn::digital;
  Grouped grouped = Grouped::sequential;
  WeightScale scale = WeightScale::channel;
  crossbar::Statistic clip = crossbar::Statistic::max;
  double percentile = 99.9;

  static constexpr std::string_view spec_name = "Weights";
  static constexpr auto fields();
  void check() const;
};

/// A whole chip: the cell, its arrays, how numbers become conductances and voltages, converters and technology.
struct ChipSpec {
  devices::CellSpec cell;
  crossbar::ArraySpec array;
  WeightsSpec weights;
  crossbar::DacSpec dac;
  crossbar::AdcSpec adc;
  std::string tech = "32nm";
  double temperature = 300.0;
  double t_inference = 1e-3;
  std::optional<std::int64_t> samples_per_epoch;

  static constexpr std::string_view spec_name = "Chip";
  static constexpr auto fields();
  void check() const;
};

/// The chip without any error: continuous weights, inputs and conversions on ideal cells.
core::Value ideal_chip();

/// The cited chip presets, and one of them (or a user's TOML file) as settings ready for core::read<ChipSpec>.
namespace presets {
std::span<const core::EmbeddedFile> files();
}
core::Preset chip_preset(const std::string& name_or_path);

}  // namespace wordline::mapper

template <>
struct wordline::core::EnumWords<wordline::mapper::Encoding> {
  using E = wordline::mapper::Encoding;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"differential", E::differential}, {"offset", E::offset}}};
};
template <>
struct wordline::core::EnumWords<wordline::mapper::OffsetBy> {
  using E = wordline::mapper::OffsetBy;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"digital", E::digital}, {"column", E::column}}};
};
template <>
struct wordline::core::EnumWords<wordline::mapper::PairLayout> {
  using E = wordline::mapper::PairLayout;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{{{"columns", E::columns}, {"rows", E::rows}}};
};
template <>
struct wordline::core::EnumWords<wordline::mapper::BiasIn> {
  using E = wordline::mapper::BiasIn;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{{{"digital", E::digital}, {"array", E::array}}};
};
template <>
struct wordline::core::EnumWords<wordline::mapper::Grouped> {
  using E = wordline::mapper::Grouped;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{
      {{"sequential", E::sequential}, {"diagonal", E::diagonal}}};
};
template <>
struct wordline::core::EnumWords<wordline::mapper::WeightScale> {
  using E = wordline::mapper::WeightScale;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{{{"layer", E::layer}, {"channel", E::channel}}};
};

constexpr auto wordline::mapper::WeightsSpec::fields() {
  using core::field, core::between, core::any;
  using S = WeightsSpec;
  return std::make_tuple(
      field("bits", &S::bits, "bit", between(2, 16), "weight resolution with sign; None = continuous"),
      field("slice_bits", &S::slice_bits, "bit", between(1, 16), "bits per cell; None = all in one cell"),
      field("encoding", &S::encoding, "", any(), "differential pairs, or offset cells"),
      field("offset_by", &S::offset_by, "", any(), "offset taken away digitally or by a reference column per array"),
      field("pairs", &S::pairs, "", any(), "partners of a pair on two columns, or on two rows of one column"),
      field("column_inversion", &S::column_inversion, "", any(),
            "store the complement of columns whose levels sum to more than half: saves one ADC bit"),
      field("bias", &S::bias, "", any(), "bias added digitally, or by cells of the array"),
      field("grouped", &S::grouped, "", any(), "grouped convolutions sequential or diagonal"),
      field("scale", &S::scale, "", any(), "one scale per layer or per output channel"),
      field("clip", &S::clip, "", any(), "how the largest weight is chosen: max, percentile or mse"),
      field("percentile", &S::percentile, "percent", between(50, 100), "used by clip = percentile"));
}

constexpr auto wordline::mapper::ChipSpec::fields() {
  using core::field, core::between, core::any;
  using S = ChipSpec;
  return std::make_tuple(
      field("cell", &S::cell, "", any(), "memory cell: a preset name, a .toml file or a cell model"),
      field("array", &S::array, "", any(), "crossbar size and wires"),
      field("weights", &S::weights, "", any(), "weight resolution, slicing and encoding"),
      field("dac", &S::dac, "", any(), "input resolution and read conditions"),
      field("adc", &S::adc, "", any(), "conversion of column currents"),
      field("tech", &S::tech, "", any(), "technology of the cost model: a preset name or a .toml file"),
      field("temperature", &S::temperature, "K", between(200, 500), "temperature of reading, for noise"),
      field("t_inference", &S::t_inference, "s", between(1e-12, 1e3),
            "duration of one inference: slower noise is frozen in a read epoch"),
      field("samples_per_epoch", &S::samples_per_epoch, "sample", between(1, 1e15),
            "samples that share one draw of slow noise; None = all"));
}
