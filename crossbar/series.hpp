#pragma once

#include "crossbar/gated.hpp"

namespace wordline::crossbar {

/// An array that adds resistances: the cells of a column stand in series, and an input bit chooses which of two paths
/// through the cell the current takes; the other one is cut off. Infinite resistances are open.
struct SeriesArray {
  Matrix off;                 ///< ohm, [row][column], path of an input 0
  Matrix on;                  ///< ohm, [row][column], path of an input 1
  double segment = 0.0;       ///< ohm between neighbouring cells of a column
  Eigen::VectorXd terminals;  ///< ohm, one per column, all that lies between its ends and the circuit that reads it
};

/// Resistance of every column, ohm, [vector][column]: terminals + (rows - 1) segment + the sum over rows of the path
/// that the input chooses. With XNOR cells (`on` the resistance of the product +1 where the weight is +1, of -1
/// elsewhere, `off` the other way round) that is the count of equal signs, as in the MRAM array of Jung et al., Nature
/// 601 (2022) 211. Throws Error(value) for resistances that are negative or NaN and for sizes that differ.
Matrix series_resistance(const SeriesArray& array, const Opened& inputs);

/// Voltage of every column while `current` (A) flows through it, V, [vector][column]. Throws Error(value) as
/// series_resistance does, for a current that is not finite, and where an open column has no voltage.
Matrix series_voltage(const SeriesArray& array, const Opened& inputs, double current);

}  // namespace wordline::crossbar
