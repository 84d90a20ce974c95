#pragma once

#include "core/spec.hpp"

namespace wordline::crossbar {

/// Resistance of the metal lines of an array. All zero means ideal lines (docs/methods/wires.md).
struct WiresSpec {
  double row = 0.0;                   ///< ohm per word-line segment between two neighbouring cells
  double col = 0.0;                   ///< ohm per bit-line segment between two neighbouring cells
  double driver = 0.0;                ///< ohm between a row driver and its first cell
  double sense = 0.0;                 ///< ohm between the last cell of a column and its sense amplifier
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
        field("compensate", &WiresSpec::compensate, "", core::any(), "scale columns by their known mean loss"),
        field("energy_samples", &WiresSpec::energy_samples, "vector", at_least(2),
              "input vectors whose power at the drivers is computed"));
  }
  bool ideal() const { return row == 0.0 && col == 0.0 && driver == 0.0 && sense == 0.0; }
};

/// One crossbar: `rows` driven word lines by `cols` sensed bit lines, a cell at every crossing, sense lines at
/// virtual ground, undriven rows at 0 V.
struct ArraySpec {
  std::int64_t rows = 128;
  std::int64_t cols = 128;
  std::optional<std::int64_t> active_rows;
  WiresSpec wires;

  static constexpr std::string_view spec_name = "Array";
  static constexpr auto fields() {
    using core::between, core::field;
    return std::make_tuple(field("rows", &ArraySpec::rows, "row", between(1, 1024), "word lines of one array"),
                           field("cols", &ArraySpec::cols, "column", between(1, 1024), "bit lines of one array"),
                           field("active_rows", &ArraySpec::active_rows, "row", between(1, 1024),
                                 "rows opened at a time, the others in further reads; None = all"),
                           field("wires", &ArraySpec::wires, "", core::any(), "line and terminal resistances"));
  }
  void check() const;
};

}  // namespace wordline::crossbar
