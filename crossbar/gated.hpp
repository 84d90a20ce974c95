#pragma once

#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// Where the current of a column enters its source line: at the end where the bit line is sensed, or at the other one.
enum class SourceEnd { same, opposite };

/// The lines of a gated 1T1R array: inputs stand on the gates and open rows, current comes along source lines that run
/// parallel to the bit lines, one for every column. 0 ohm makes one node of two, infinity leaves a line open.
struct GatedLines {
  double source = 0.0;  ///< ohm per source-line segment between two neighbouring cells
  double col = 0.0;     ///< ohm per bit-line segment
  double driver = 0.0;  ///< ohm between the driver of a source line and its line
  double sense = 0.0;   ///< ohm between the last cell of a bit line and its sense input, at virtual ground
  SourceEnd end = SourceEnd::same;
  double off = 0.0;  ///< S, conductance of a cell whose row is closed
};

/// Which rows every input vector opens, [vector][row], 0 or 1.
using Gates = Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Column currents (A), [vector][col], of source lines driven with v_read (V). Columns do not see each other: each is a
/// ladder of two rails, reduced row by row in O(rows) to the conductance between its two terminals without one
/// subtraction (docs/methods/topologies.md). The drivers take v_read times the sum of a vector's currents.
/// Throws Error(value) for conductances and resistances as check() does, for gates that do not fit and for a voltage
/// that is not finite.
Matrix gated_currents(const Matrix& G, const GatedLines& lines, const Gates& open, double v_read);

}  // namespace wordline::crossbar
