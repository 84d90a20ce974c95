#pragma once

#include <functional>

#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// Currents (A) and slopes dI/dV (S) of all cells of an array at their voltages (V). `G` is the slope at 0 V; a curve
/// is odd and rises everywhere.
using Curve = std::function<void(const Matrix& G, const Matrix& V, Matrix& I, Matrix& slope)>;

/// I = G v0 sinh(V / v0), v0 in V: the usual form of tunnelling through a thin gap.
/// Throws Error(value) for a v0 that is not above 0.
Curve sinh_curve(double v0);
/// I = G (V + c2 V|V| + c3 V^3), c2 in 1/V and c3 in 1/V^2. Throws Error(value) where it would not rise up to v_max
/// (V).
Curve polynomial_curve(double c2, double c3, double v_max);

/// A driven array of nonlinear cells: voltages (V) of all nodes, currents (A) of cells and terminals.
struct PassiveSolution {
  Matrix word, bit, cell;
  Eigen::VectorXd driver;  ///< from every driver into its line
  Eigen::VectorXd sense;   ///< into every sense input
  int steps = 0;           ///< of Newton's method, from the linear solution on
};

/// Solves a passive array exactly: Newton's method from the solution of linear cells, halving steps that do not reduce
/// the residual; each step by conjugate gradients, preconditioned by exact solves along every line
/// (docs/methods/passive.md). Terminals may have 0 ohm or float (infinity); segments have a resistance.
/// Throws Error(value) as check() does and for segments of 0 or infinite ohm; Error(convergence), with the residual and
/// kappa = r G_max n^2, where no solution is found: the last iterate is never returned.
PassiveSolution solve_passive(const Matrix& G, const Lines& lines, const Eigen::VectorXd& V, const Curve& curve);

}  // namespace wordline::crossbar
