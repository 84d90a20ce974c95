#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "crossbar/solver.hpp"
#include "devices/cell.hpp"
#include "mapper/cells.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// Rows first ... last - 1 of an array, opened together. The others are cut off by their access transistors. Inputs
/// stand on the rows up to `used` - 1; those behind them stay at 0 V.
struct OpenRows {
  std::int64_t first = 0, last = 0, used = 0;
  bool operator==(const OpenRows&) const = default;
};
OpenRows open_rows(const Layout& layout, const Read& read);

/// The cells of one array as its terminals see them through the lines. Everything is empty on ideal lines, where a
/// cell is seen as it is.
struct Wired {
  std::vector<double> G;  ///< S, [row][col] current into the column per volt of the row's driver; 0 on closed rows
  std::shared_ptr<const crossbar::ArraySolver> solver;  ///< in place of G and `drivers`, where no matrix holds
  std::vector<double> noise;  ///< [row][col] part of a cell's own noise that reaches its column
  crossbar::Matrix drivers;   ///< S, between the drivers of the opened inputs, see crossbar::Terminals
  std::vector<double>
      loss;  ///< [col] part of the ideal current that is lost when all rows with inputs are driven alike
  bool ideal() const { return G.empty() && !solver; }
};

/// Solves one array with some of its rows open: exactly, or as `wires.solve` says.
Wired see(const Plan& plan, const OpenRows& rows, const devices::CellArray& cells);

/// What the digital side multiplies the columns of every read with, [read][group * lanes + lane]: ideal over real
/// current of nominal cells when all rows with inputs are driven alike. Empty where nothing is compensated.
std::vector<std::vector<double>> compensation(const Plan& plan);

}  // namespace wordline::mapper
