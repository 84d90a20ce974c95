#pragma once

#include <string>

#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// A driven array as a SPICE deck, in the dialect of ngspice: for a judge from outside, and for looking on in a circuit
/// simulator. `V` (V) holds one voltage per word line; sense inputs are at 0 V. Nodes that 0 ohm connects are one node,
/// what is open is left out. `.op` is printed to 15 digits: `i(vsense3)` is the current (A) of column 3, `i(vdrive2)`
/// the current that flows into the source of row 2, hence what it gives with the sign turned. Tolerances are set so
/// that a linear array agrees to 1e-9; a part without any way to a terminal has no solution in SPICE. Throws
/// Error(value) as check() does, and for a number of voltages that does not fit.
std::string to_spice(const Matrix& G, const Lines& lines, const Eigen::VectorXd& V);

}  // namespace wordline::crossbar
