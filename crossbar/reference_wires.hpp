#pragma once

#include <memory>

#include "crossbar/wires.hpp"

/// Arrays with line resistance, solved slowly in two further ways (docs/methods/wires.md). What wires.hpp is measured
/// against; in long double they are good for references where segments have far less resistance than cells.
namespace wordline::crossbar::reference {

/// A driven array: potentials (V) of all nodes and currents (A) at its terminals.
struct Solution {
  Matrix word;             ///< V, word line at every cell
  Matrix bit;              ///< V, bit line at every cell
  Eigen::VectorXd driver;  ///< A, from every driver into the array
  Eigen::VectorXd sense;   ///< A, from the array into every sense input
  double power = 0.0;      ///< W, I^2 R of all segments, terminals and cells
};

/// Nodal analysis: every node is an unknown of one sparse system, factored once. Nodes that 0 ohm connects are one
/// node; nodes without a path to a terminal are at 0 V. Scalar: double or long double.
template <class Scalar>
class Nodal {
 public:
  Nodal(const Matrix& G, const Lines& lines);
  ~Nodal();
  Nodal(Nodal&&) noexcept;
  Nodal& operator=(Nodal&&) noexcept;

  /// drive: V behind every driver. held: V behind every sense input.
  Solution solve(const Eigen::VectorXd& drive, const Eigen::VectorXd& held) const;

  /// S, [word line][bit line]; one solve for every bit line.
  Matrix effective() const;

 private:
  struct System;
  std::unique_ptr<System> system_;
};

/// Effective conductances row by row: the word line of a row is eliminated, what is left joins the bit lines above.
/// Every resistance must be finite and above 0. O(rows cols^3).
Matrix effective_row_by_row(const Matrix& G, const Lines& lines);

/// noise_transfer as it is defined, from one solve for every row and every column.
Matrix noise_transfer(const Matrix& G, const Lines& lines);

}  // namespace wordline::crossbar::reference
