#pragma once

#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// Conductances between the ends of an array's lines where the word lines, the bit lines or both have no resistance:
/// such a line is one node, and the lines that do have resistance are ladders beside each other. Same result as
/// kron_reduction.
///
/// row, col: ohm per segment; at least one of them is 0.
Eigen::MatrixXd contracted_lines(const Matrix& G, double row, double col);

}  // namespace wordline::crossbar
