#pragma once

#include "crossbar/curve.hpp"
#include "crossbar/solver.hpp"

namespace wordline::crossbar {

/// A driven array of nonlinear cells: voltages (V) of all nodes, currents (A) of cells and terminals.
struct PassiveSolution {
  Matrix word, bit, cell;
  Eigen::VectorXd driver;  ///< from every driver into its line
  Eigen::VectorXd sense;   ///< into every sense input
  int steps = 0;           ///< of Newton's method, from the linear solution on
};

/// Solves a passive array exactly: Newton's method from the solution of linear cells, halving steps that do not reduce
/// the residual; each step by conjugate gradients, preconditioned by exact solves along every line
/// (docs/methods/passive.md). Where that leads nowhere the drive is raised from 0 in parts. `held` (V) is behind every
/// sense input, 0 V if empty. Resistances may be 0, and infinite, which leaves a line floating.
/// Throws Error(value) as check() does; Error(convergence), with the residual and kappa = r G_max n^2, where no
/// solution is found: the last iterate is never returned.
PassiveSolution solve_passive(const Matrix& G, const Lines& lines, const Eigen::VectorXd& V, const Curve& curve,
                              const Eigen::VectorXd& held = {});

/// The same array for many drives, to 1e-9 of the largest current: a few digits more than single precision holds.
std::unique_ptr<const ArraySolver> passive_solver(Matrix G, Lines lines, Curve curve);

}  // namespace wordline::crossbar
