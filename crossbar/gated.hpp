#pragma once

#include "crossbar/curve.hpp"
#include "crossbar/solver.hpp"
#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// Which rows each input vector opens, [vector][row].
using Opened = Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Metal and supply of an array whose inputs open gates: every column has a source line beside its bit line, and one
/// access device per cell. Resistances may be 0, which contracts nodes, and infinite, which leaves a line open.
struct GatedLines {
  double source = 0.0;     ///< ohm per source-line segment
  double col = 0.0;        ///< ohm per bit-line segment
  Eigen::VectorXd driver;  ///< ohm, one per column, between v_read and the source line
  Eigen::VectorXd sense;   ///< ohm, one per column, between the bit line's last cell and virtual ground
  SourceEnd source_end = SourceEnd::opposite;
  double v_read = 0.2;   ///< V behind every driver
  double leakage = 0.0;  ///< S, a closed access device, in series with its cell; 0: cut off
};

struct GatedCurrents {
  Matrix columns;         ///< A, [vector][column]: into the sense inputs, and out of the source drivers
  Eigen::VectorXd power;  ///< W, [vector]: what the source drivers give
};

/// Currents of a gated array, exactly. Columns share no metal, so each is a ladder of two rails between its driver and
/// its sense input; its nodes are eliminated row by row, O(rows cols) per vector. Inputs choose the network itself, so
/// that no effective matrix exists for all of them. Every vector gives the same bits whichever others run beside it.
/// Throws Error(value) for conductances, resistances, voltages and sizes that are none.
GatedCurrents gated_currents(const Matrix& G, const GatedLines& lines, const Opened& inputs);

/// Fast and approximate: what cells carry per volt of v_read while rows are open as in one pattern.
struct SecantConductance {
  Matrix opened;  ///< S, for open rows
  Matrix closed;  ///< S, for closed rows; 0 without leakage

  /// A, [vector][column], as if every cell kept the share of v_read it has in the pattern.
  Matrix currents(const Opened& inputs, double v_read) const;
};

/// The secant at `activity`, for every row the part of inputs that open it, from 0 to 1. Exact for a pattern of zeros
/// and ones, and, since cells then carry less the more rows are open, too low with fewer open rows and too high with
/// more. Throws Error(value) as gated_currents does.
SecantConductance secant_conductance(const Matrix& G, const GatedLines& lines, const Eigen::VectorXd& activity);

/// The same array for many inputs: rows whose voltage is not 0 are open. Exact.
std::unique_ptr<const ArraySolver> gated_solver(Matrix G, GatedLines lines);

/// The same for cells with a curve, closed ones cut off: every cell is replaced by its current over its voltage, until
/// the voltages stay as they are to 1e-10 of v_read, going less far where that does not come nearer.
/// Throws Error(value) as gated_currents does, and for leakage; Error(convergence) where no solution is found.
std::unique_ptr<const ArraySolver> gated_solver(Matrix G, GatedLines lines, Curve curve);

}  // namespace wordline::crossbar
