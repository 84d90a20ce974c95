#pragma once

#include <memory>

#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// What an array does with several drives.
struct DrivenArray {
  Matrix columns;         ///< A, [drive][column], into the sense inputs at 0 V
  Eigen::VectorXd power;  ///< W, [drive], what all drivers give
};

/// An array that has no matrix for all inputs and is solved anew for every one.
class ArraySolver {
 public:
  virtual ~ArraySolver() = default;

  /// V [drive][row], in V. Every drive gives the same bits whichever others run beside it. Safe to call from several
  /// threads. Throws Error(convergence) where no solution is found.
  virtual DrivenArray solve(const Matrix& V) const = 0;
};

}  // namespace wordline::crossbar
