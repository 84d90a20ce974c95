#pragma once

#include "crossbar/curve.hpp"

namespace wordline::crossbar {

/// How the nodes of one kind of line lie in a Field: node k of a line, counted from its terminal.
struct Places {
  Eigen::Index lines = 0, nodes = 0, first = 0, to_line = 1, to_node = 1;

  Eigen::Index at(Eigen::Index line, Eigen::Index k) const { return first + line * to_line + k * to_node; }
};
Places word_lines(Eigen::Index rows, Eigen::Index cols);
Places bit_lines(Eigen::Index rows, Eigen::Index cols);

/// All word lines or all bit lines of an array, each a chain of segments behind its terminal. A segment of 0 ohm makes
/// one node of a line, whose entries then carry the same voltage and a residual that is shared evenly; a terminal of 0
/// ohm holds its node.
class Rail {
 public:
  Rail(const Places& places, double segment, const Eigen::VectorXd& terminal);

  /// Adds the current that leaves every node along its line and through its terminal to 0 V.
  void add_leaving(const Field& V, Field& out) const;
  /// Takes away the current that terminals bring from their sources, [line][drive] in V.
  void take_sources(const Field& sources, Field& out) const;
  /// Voltages before anything flows: every line at its source, lines without one at 0 V.
  void start(const Field& sources, Field& V) const;
  /// Residuals as the solver sees them: nothing where voltages are held, the mean where a line is one node.
  void project(Field& residual) const;

  /// Every line by itself, with `load` (S) from each node to ground: factored once,
  void factor(const Field& load, Field& inverse) const;
  /// then solved for z, given currents r into the nodes.
  void solve(const Field& inverse, const Field& r, Field& z) const;

  /// S, the largest conductance that a node's residual is a difference of.
  double largest() const { return largest_; }

 private:
  template <class F>
  void forward(const F& visit) const;
  template <class F>
  void backward(const F& visit) const;
  void factor_nodes(const Field& load, Field& inverse) const;
  void solve_nodes(const Field& inverse, const Field& r, Field& z) const;

  Places places_;
  bool one_node_;
  double g_;             // S of a segment
  Eigen::VectorXd end_;  // S of every terminal, 0 where open or held
  Eigen::Array<bool, Eigen::Dynamic, 1> held_;
  Eigen::Array<bool, Eigen::Dynamic, 1> driven_;  // has a source at all
  double largest_;
};

}  // namespace wordline::crossbar
