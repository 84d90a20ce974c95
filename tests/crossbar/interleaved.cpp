// Pairs of rows driven with +V and -V on common bit lines are a linear array like any other.
#include "tests/catch.hpp"
#include "tests/crossbar/network.hpp"
#include "tests/crossbar/wires.hpp"

using namespace wordline;
using namespace wordline::test;

namespace {

VectorXd by_nodes(const Matrix& G, const Lines& lines, const VectorXd& V) {
  const int m = static_cast<int>(G.rows()), n = static_cast<int>(G.cols());
  const auto node = [&](int kind, int i, int j) { return (kind * m + i) * n + j; };
  Network net(2 * m * n + m + n);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      net.conductance(node(0, i, j), node(1, i, j), G(i, j));
      if (j > 0) net.resistor(node(0, i, j - 1), node(0, i, j), lines.row);
      if (i > 0) net.resistor(node(1, i - 1, j), node(1, i, j), lines.col);
    }
  for (int i = 0; i < m; ++i) {
    net.resistor(2 * m * n + i, node(0, i, 0), lines.driver(i));
    net.hold(2 * m * n + i, V(i));
  }
  for (int j = 0; j < n; ++j) {
    net.resistor(2 * m * n + m + j, node(1, m - 1, j), lines.sense(j));
    net.hold(2 * m * n + m + j, 0.0);
  }
  net.solve();
  VectorXd out(n);
  for (int j = 0; j < n; ++j) out(j) = -net.current(2 * m * n + m + j);
  return out;
}

}  // namespace

TEST_CASE("rows of +V and -V on one bit line read the difference of two rows of the effective matrix") {
  const Index pairs = GENERATE(1, 4, 16);
  const Index cols = 9;
  const Matrix G = random_cells(2 * pairs, cols, 11);
  const VectorXd V = random_volts(pairs, 12);
  VectorXd drive(2 * pairs);
  for (Index k = 0; k < pairs; ++k) {
    drive(2 * k) = V(k);
    drive(2 * k + 1) = -V(k);
  }
  for (const double segment : {0.0, 2.5, 200.0}) {
    const Lines lines = alike(G, segment, 0.8 * segment, 100.0, 50.0);
    const Matrix effective = crossbar::effective_conductance(G, lines);
    const Matrix signs =
        effective(Eigen::seqN(0, pairs, 2), Eigen::all) - effective(Eigen::seqN(1, pairs, 2), Eigen::all);
    const VectorXd seen = signs.transpose() * V;
    CHECK((seen - by_nodes(G, lines, drive)).cwiseAbs().maxCoeff() <
          1e-12 * (G.transpose() * drive.cwiseAbs()).maxCoeff());
  }
}
