#pragma once

#include <random>

#include "crossbar/gated.hpp"
#include "tests/crossbar/network.hpp"
#include "tests/crossbar/wires.hpp"

namespace wordline::test {

using crossbar::GatedLines;
using crossbar::Opened;
using crossbar::SourceEnd;

inline Opened random_inputs(Index vectors, Index rows, double part, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::bernoulli_distribution opens(part);
  Opened inputs(vectors, rows);
  for (bool& bit : inputs.reshaped()) bit = opens(random);
  return inputs;
}

inline GatedLines gated_lines(Index cols, double source, double col, double driver, double sense, SourceEnd end) {
  return {.source = source,
          .col = col,
          .driver = VectorXd::Constant(cols, driver),
          .sense = VectorXd::Constant(cols, sense),
          .source_end = end};
}

struct GatedNodes {
  VectorXd columns;  ///< A
  double given = 0;  ///< W, of the sources
  double heat = 0;   ///< W, in all resistors
};

/// The whole array with all its columns, one network. Cell and access device are two resistors with a node between
/// them where the device leaks.
inline GatedNodes gated_nodes(const crossbar::Matrix& G, const GatedLines& lines, const Opened& inputs, Index vector) {
  const int m = static_cast<int>(G.rows()), n = static_cast<int>(G.cols());
  const auto node = [&](int kind, int i, int j) { return (kind * m + i) * n + j; };  // source, bit, inside a cell
  const auto ends = [&](int kind, int j) { return 3 * m * n + 2 * j + kind; };
  Network net(3 * m * n + 2 * n);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < m; ++i) {
      if (inputs(vector, i)) {
        net.conductance(node(0, i, j), node(1, i, j), G(i, j));
      } else {
        net.conductance(node(0, i, j), node(2, i, j), lines.leakage);
        net.conductance(node(2, i, j), node(1, i, j), G(i, j));
      }
      if (i > 0) net.resistor(node(0, i - 1, j), node(0, i, j), lines.source);
      if (i > 0) net.resistor(node(1, i - 1, j), node(1, i, j), lines.col);
    }
    const int fed = lines.source_end == SourceEnd::same ? m - 1 : 0;
    net.resistor(node(0, fed, j), ends(0, j), lines.driver(j));
    net.resistor(node(1, m - 1, j), ends(1, j), lines.sense(j));
    net.hold(ends(0, j), lines.v_read);
    net.hold(ends(1, j), 0.0);
  }
  net.solve();
  GatedNodes out{.columns = VectorXd(n)};
  for (int j = 0; j < n; ++j) {
    out.columns(j) = -net.current(ends(1, j));
    out.given += lines.v_read * net.current(ends(0, j));
  }
  out.heat = net.heat();
  return out;
}

}  // namespace wordline::test
