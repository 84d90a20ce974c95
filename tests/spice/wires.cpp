// ngspice as judge of arrays with line resistance.
#include <algorithm>
#include <array>
#include <cmath>

#include "crossbar/passive.hpp"
#include "crossbar/shapes.hpp"
#include "crossbar/spice.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/wires.hpp"
#include "tests/spice/ngspice.hpp"

using namespace wordline;
using namespace wordline::crossbar;
using test::Index;
using test::VectorXd;

namespace {

// D(m, n) of the golden cases.
Matrix structured(Index rows, Index cols) {
  Matrix G(rows, cols);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; ++j) G(i, j) = 1e-6 + 9.9e-5 * static_cast<double>((31 * i + 17 * j) % 97) / 96.0;
  return G;
}

// Largest difference of terminal currents over the largest current.
double disagreement(const Matrix& G, const Lines& lines, const VectorXd& V) {
  const auto seen = test::ngspice(to_spice(G, lines, V));
  const Terminals t = reduce(G, lines);
  const VectorXd column = t.effective.transpose() * V, driver = t.drivers * V;
  double worst = 0.0;
  for (Index j = 0; j < G.cols(); ++j)
    worst = std::max(worst, std::abs(seen.at("i(vsense" + std::to_string(j) + ")") - column(j)));
  for (Index i = 0; i < G.rows(); ++i)
    worst = std::max(worst, std::abs(-seen.at("i(vdrive" + std::to_string(i) + ")") - driver(i)));
  return worst / std::max(column.cwiseAbs().maxCoeff(), driver.cwiseAbs().maxCoeff());
}

}  // namespace

TEST_CASE("ngspice gives the currents of the reduction, random and structured cells") {
  for (const Index n : {8, 32})
    for (const Matrix& G : {structured(n, n), test::random_cells(n, n, 3)}) {
      const double off = disagreement(G, test::alike(G, 2.5, 2.5, 100.0, 50.0), test::random_volts(n, 4));
      INFO(n << " x " << n << ": " << off);
      CHECK(off < 1e-9);
    }
}

TEST_CASE("ngspice agrees where lines have no resistance, other ones, or end open") {
  const Matrix G = structured(8, 6);
  const VectorXd V = test::random_volts(8, 5);
  for (const auto& [row, col, driver, sense] : {std::array{0.0, 3.0, 0.0, 20.0},
                                                {3.0, 0.0, 20.0, 0.0},
                                                {0.0, 0.0, 0.0, 0.0},
                                                {0.0, 0.0, 7.0, 9.0},
                                                {40.0, 80.0, 0.0, 0.0}})
    CHECK(disagreement(G, test::alike(G, row, col, driver, sense), V) < 1e-9);
  Lines open = test::alike(G, 2.0, 3.0, 10.0, 5.0);
  open.driver(3) = open.sense(1) = test::open;
  CHECK(disagreement(G, open, V) < 1e-9);
}

TEST_CASE("ngspice gives the currents of passive arrays of nonlinear cells, with and without selectors") {
  const SinhSpec sinh{.v0 = 0.25};
  const PolynomialSpec polynomial{.c2 = -0.5, .c3 = 2.0};
  const ExponentialSelectorSpec exponential{.i0 = 2e-7, .v0 = 0.07};
  const ThresholdSelectorSpec threshold{.v_th = 0.2, .g_off = 1e-8, .g_on = 1e-4, .width = 0.02};
  const std::vector<CellShape> shapes{{.curve = sinh, .selector = {}},
                                      {.curve = polynomial, .selector = {}},
                                      {.curve = {}, .selector = exponential},
                                      {.curve = sinh, .selector = exponential},
                                      {.curve = {}, .selector = threshold}};
  for (const Index n : {8, 16, 32})
    for (const CellShape& shape : shapes) {
      if (n == 32 && shape.selector.index() != 0) continue;
      const Matrix G = structured(n, n);
      const Lines lines = test::alike(G, 1.0, 1.0, 1.0, 1.0);
      const VectorXd V = 2.5 * test::random_volts(n, 4), held = 0.1 * test::random_volts(n, 6);
      const auto seen = test::ngspice(to_spice(G, lines, V, shape, held));
      const PassiveSolution s = solve_passive(G, lines, V, curve_of(shape), held);
      double worst = 0.0;
      for (Index j = 0; j < n; ++j)
        worst = std::max(worst, std::abs(seen.at("i(vsense" + std::to_string(j) + ")") - s.sense(j)));
      INFO(n << " x " << n << ", curve " << shape.curve.index() << ", selector " << shape.selector.index() << ": "
             << worst / s.sense.maxCoeff() << ", " << s.steps << " steps");
      CHECK(worst < 1e-8 * s.sense.maxCoeff());
    }
}
