#pragma once

#include <string>

#include "crossbar/gated.hpp"
#include "crossbar/shapes.hpp"

namespace wordline::crossbar {

/// A driven array as a SPICE deck, in the dialect of ngspice: for a judge from outside, and for looking on in a circuit
/// simulator. `V` (V) holds one voltage per word line; sense inputs are at 0 V. Nodes that 0 ohm connects are one node,
/// what is open is left out. `.op` is printed to 15 digits: `i(vsense3)` is the current (A) of column 3, `i(vdrive2)`
/// the current that flows into the source of row 2, hence what it gives with the sign turned. Tolerances are set so
/// that a linear array agrees to 1e-9; a part without any way to a terminal has no solution in SPICE. Throws
/// Error(value) as check() does, and for a number of voltages that does not fit.
///
/// Cells with a curve are sources of its current, their selectors behind a node of their own; such arrays agree to
/// 1e-8. `held` (V) is behind every sense input, 0 V if empty.
std::string to_spice(const Matrix& G, const Lines& lines, const Eigen::VectorXd& V, const CellShape& shape = {},
                     const Eigen::VectorXd& held = {});

/// A gated array, some of whose rows an input opens. `i(vsense3)` is the current of column 3, `i(vsource3)` what flows
/// into its driver. Throws Error(value) as gated_currents does.
std::string to_spice(const Matrix& G, const GatedLines& lines, const Opened& input, const CellShape& shape = {});

}  // namespace wordline::crossbar
