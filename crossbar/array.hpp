#pragma once

#include "core/spec.hpp"

namespace wordline::crossbar {

/// How inputs and currents enter an array (docs/methods/topologies.md).
enum class Topology {
  input_line,  ///< inputs are voltages on word lines; cells are linear, or behind lines without resistance
  gated,       ///< inputs open the access devices of rows, current comes along a source line beside every bit line
  passive,     ///< inputs are voltages on word lines, no access devices; cells may be nonlinear
};

/// Where the current of a gated column comes in, seen from its sense input.
enum class SourceEnd {
  same,     ///< at the last row, where the column is sensed
  opposite  ///< at the first row, so that every way through the column has the same length
};

/// What is done where no matrix holds for all inputs.
enum class Solve {
  exact,  ///< every input is solved by itself
  secant  ///< fast and approximate: the matrix of one typical drive
};

}  // namespace wordline::crossbar

template <>
struct wordline::core::EnumWords<wordline::crossbar::Topology> {
  using E = wordline::crossbar::Topology;
  static constexpr std::array<std::pair<std::string_view, E>, 3> words{
      {{"input_line", E::input_line}, {"gated", E::gated}, {"passive", E::passive}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::SourceEnd> {
  using E = wordline::crossbar::SourceEnd;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{{{"same", E::same}, {"opposite", E::opposite}}};
};
template <>
struct wordline::core::EnumWords<wordline::crossbar::Solve> {
  using E = wordline::crossbar::Solve;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{{{"exact", E::exact}, {"secant", E::secant}}};
};

namespace wordline::crossbar {

/// Resistance of the metal lines of an array. All zero means ideal lines (docs/methods/wires.md).
struct WiresSpec {
  double row = 0.0;     ///< ohm per word-line segment between two neighbouring cells
  double col = 0.0;     ///< ohm per bit-line segment between two neighbouring cells
  double driver = 0.0;  ///< ohm between a row driver and its first cell
  double sense = 0.0;   ///< ohm between the last cell of a column and its sense amplifier
  double source = 0.0;  ///< ohm per source-line segment between two neighbouring cells (gated)
  SourceEnd source_end = SourceEnd::opposite;
  Solve solve = Solve::exact;
  bool compensate = false;            ///< columns are scaled by their known mean loss
  std::int64_t energy_samples = 256;  ///< input vectors for which the power at the drivers is computed

  static constexpr std::string_view spec_name = "Wires";
  static constexpr auto fields() {
    using core::at_least, core::field;
    return std::make_tuple(
        field("row", &WiresSpec::row, "ohm", at_least(0), "word-line resistance from cell to cell"),
        field("col", &WiresSpec::col, "ohm", at_least(0), "bit-line resistance from cell to cell"),
        field("driver", &WiresSpec::driver, "ohm", at_least(0), "resistance of a row driver"),
        field("sense", &WiresSpec::sense, "ohm", at_least(0), "resistance of a column's sense input"),
        field("source", &WiresSpec::source, "ohm", at_least(0), "source-line resistance from cell to cell (gated)"),
        field("source_end", &WiresSpec::source_end, "", core::any(),
              "gated: source lines are driven at the end that is sensed, or at the other one"),
        field("solve", &WiresSpec::solve, "", core::any(),
              "gated, passive: every input exactly, or by the matrix of one typical drive"),
        field("compensate", &WiresSpec::compensate, "", core::any(), "scale columns by their known mean loss"),
        field("energy_samples", &WiresSpec::energy_samples, "vector", at_least(2),
              "input vectors whose power at the drivers is computed"));
  }
  bool ideal() const { return row == 0.0 && col == 0.0 && driver == 0.0 && sense == 0.0 && source == 0.0; }
};

/// One crossbar: `rows` driven word lines by `cols` sensed bit lines, a cell at every crossing, sense lines at
/// virtual ground, undriven rows at 0 V.
struct ArraySpec {
  std::int64_t rows = 128;
  std::int64_t cols = 128;
  std::optional<std::int64_t> active_rows;
  Topology topology = Topology::input_line;
  WiresSpec wires;

  static constexpr std::string_view spec_name = "Array";
  static constexpr auto fields() {
    using core::between, core::field;
    return std::make_tuple(field("rows", &ArraySpec::rows, "row", between(1, 1024), "word lines of one array"),
                           field("cols", &ArraySpec::cols, "column", between(1, 1024), "bit lines of one array"),
                           field("active_rows", &ArraySpec::active_rows, "row", between(1, 1024),
                                 "rows opened at a time, the others in further reads; None = all"),
                           field("topology", &ArraySpec::topology, "", core::any(),
                                 "inputs on word lines (input_line, passive) or on gates (gated)"),
                           field("wires", &ArraySpec::wires, "", core::any(), "line and terminal resistances"));
  }
  void check() const;
};

}  // namespace wordline::crossbar
