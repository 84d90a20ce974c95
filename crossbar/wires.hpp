#pragma once

#include <Eigen/Core>
#include <string>

#include "crossbar/array.hpp"

namespace wordline::crossbar {

/// Numbers of one array, [word line][bit line].
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Resistances of the metal of one array: 0 contracts two nodes, infinity leaves a line open there.
///
/// Word line i is driven at its first cell, behind driver(i); bit line j is sensed after its last cell, behind
/// sense(j), at virtual ground. Between neighbouring cells lie `row` and `col`.
struct Lines {
  double row = 0.0;        ///< ohm per word-line segment
  double col = 0.0;        ///< ohm per bit-line segment
  Eigen::VectorXd driver;  ///< ohm, one per word line
  Eigen::VectorXd sense;   ///< ohm, one per bit line

  bool ideal() const;  ///< every resistance is 0
};

/// The lines of an array of the given size whose terminals are all alike.
Lines lines_of(const WiresSpec& wires, Eigen::Index rows, Eigen::Index cols);

/// Throws Error(value) for conductances that are negative or not finite, for resistances that are negative or no
/// numbers, and for terminals that do not fit the array.
void check(const Matrix& G, const Lines& lines);

/// Throws Error(value), with this name, unless V holds one finite voltage per line.
void check_voltages(const Eigen::VectorXd& V, Eigen::Index lines, const std::string& name);

/// An array with line resistance, seen from its terminals. Column currents of driven rows are I = V' effective; the
/// drivers give the currents drivers V, hence the power V' drivers V.
struct Terminals {
  Matrix effective;  ///< S, rows x cols
  Matrix drivers;    ///< S, rows x rows, symmetric: a row driven with 1 V, all others held at 0 V
};

/// Reduces an array of linear cells to its terminals, exactly: hierarchical Kron reduction, O(n^3), on the calling
/// thread. Every entry is accurate to about 1e-14 of itself, whatever the resistances (docs/methods/wires.md); open
/// terminals float, and islands that reach no terminal carry no current.
/// Throws Error(value) as check() does, and for conductances whose sums leave the range of a double.
Terminals reduce(const Matrix& G, const Lines& lines);

/// Conductance (S) between every driver and every sense input: reduce(G, lines).effective.
Matrix effective_conductance(const Matrix& G, const Lines& lines);

/// Part of a cell's own current noise that reaches its column: its voltage per volt of its driver, times the share of
/// its current that its sense input sees. Between 0 and 1, and 1 on ideal lines. O(rows cols): from the ladders of the
/// cell's own two lines, the lines that cross them taken as held; docs/methods/wires.md states the error.
/// Throws Error(value) as check() does.
Matrix noise_transfer(const Matrix& G, const Lines& lines);

}  // namespace wordline::crossbar
