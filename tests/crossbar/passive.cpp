// Passive arrays of nonlinear cells: Newton's method against closed forms, linear arrays and a slow Newton.
#include "crossbar/passive.hpp"

#include <Eigen/Dense>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "crossbar/shapes.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/wires.hpp"

using namespace wordline;
using namespace wordline::crossbar;
using test::Index;
using test::VectorXd;

namespace {

const Curve linear = linear_curve();

Matrix cells(Index n) { return test::random_cells(n, n, 3).cwiseMax(1e-6); }

VectorXd volts(Index n) { return 2.5 * test::random_volts(n, 4); }  // up to 0.5 V

// Kirchhoff's current law summed over each line and the law of every cell.
void check_laws(const Matrix& G, const Lines& lines, const VectorXd& V, const PassiveSolution& s, double v0) {
  const Matrix I = G.array() * v0 * ((s.word - s.bit).array() / v0).sinh();
  CHECK(test::difference(s.cell, I) < 1e-14);
  const double scale = s.driver.cwiseAbs().maxCoeff();
  for (Index i = 0; i < G.rows(); ++i)
    for (Index j = 0; j + 1 < G.cols(); ++j) {
      const double along = (s.word(i, j) - s.word(i, j + 1)) / lines.row;
      CHECK(std::abs(along - s.cell.row(i).tail(G.cols() - 1 - j).sum()) < 1e-10 * scale);
    }
  for (Index j = 0; j < G.cols(); ++j) {
    CHECK(std::abs(s.cell.col(j).sum() - s.sense(j)) < 1e-10 * scale);
    for (Index i = 0; i + 1 < G.rows(); ++i) {
      const double along = (s.bit(i, j) - s.bit(i + 1, j)) / lines.col;
      CHECK(std::abs(along - s.cell.col(j).head(i + 1).sum()) < 1e-10 * scale);
    }
  }
  for (Index i = 0; i < G.rows(); ++i)
    CHECK(std::abs((V(i) - s.word(i, 0)) / lines.driver(i) - s.driver(i)) < 1e-10 * scale);
  for (Index j = 0; j < G.cols(); ++j)
    CHECK(std::abs(s.bit(G.rows() - 1, j) / lines.sense(j) - s.sense(j)) < 1e-10 * scale);
}

}  // namespace

TEST_CASE("a passive array of linear cells is its effective conductance") {
  const Matrix G = test::random_cells(12, 9, 3);
  const VectorXd V = volts(12);
  Lines open = test::alike(G, 3.0, 2.0, 50.0, 20.0);
  open.driver(2) = open.sense(4) = test::open;
  for (const Lines& lines : {test::alike(G, 3.0, 2.0, 50.0, 20.0), test::alike(G, 30.0, 20.0, 0.0, 0.0),
                             test::alike(G, 1e-3, 1e-3, 0.0, 5.0), open, test::alike(G, 0.0, 2.0, 50.0, 20.0),
                             test::alike(G, 3.0, 0.0, 50.0, 0.0), test::alike(G, 0.0, 0.0, 50.0, 20.0),
                             test::alike(G, 0.0, 2.0, 0.0, 20.0), test::alike(G, test::open, 2.0, 5.0, 20.0)}) {
    const PassiveSolution s = solve_passive(G, lines, V, linear);
    const Terminals t = reduce(G, lines);
    CHECK(test::difference(s.sense, t.effective.transpose() * V) < 1e-10);
    CHECK(test::difference(s.driver, t.drivers * V) < 1e-10);
    CHECK(s.steps <= 3);
    // Gentle curves are linear ones.
    CHECK(test::difference(solve_passive(G, lines, V, sinh_curve(1e3)).sense, s.sense) < 1e-6);
  }
}

TEST_CASE("nonlinear cells obey their curve and Kirchhoff's laws in at most six steps") {
  for (const auto& [n, v0] : {std::pair<Index, double>{64, 1.0}, {64, 0.25}, {64, 0.125}, {128, 0.25}, {128, 0.125}}) {
    const Matrix G = cells(n);
    const Lines lines = test::alike(G, 1.0, 1.0, 1.0, 1.0);
    const PassiveSolution s = solve_passive(G, lines, volts(n), sinh_curve(v0));
    INFO(n << " x " << n << ", v0 = " << v0 << " V: " << s.steps << " steps");
    CHECK(s.steps <= 6);
    CHECK(s.steps >= 1);
    if (n == 64) check_laws(G, lines, volts(n), s, v0);
  }
}

TEST_CASE("one nonlinear cell between resistors solves its own equation") {
  const Matrix G = Matrix::Constant(1, 1, 1e-4);
  const Lines lines = test::alike(G, 1.0, 1.0, 2000.0, 3000.0);
  const PassiveSolution s = solve_passive(G, lines, VectorXd::Constant(1, 1.0), sinh_curve(0.1));
  double low = 0.0, high = 1.0;  // the cell's voltage, by bisection
  for (int k = 0; k < 200; ++k) {
    const double v = (low + high) / 2;
    (1e-4 * 0.1 * std::sinh(v / 0.1) < (1.0 - v) / 5000.0 ? low : high) = v;
  }
  CHECK(s.sense(0) == Approx((1.0 - low) / 5000.0).epsilon(1e-12));
}

TEST_CASE("half-selected cells carry less by the curve's ratio") {
  // Row 0 at V/2 and column 0 held at -V/2 would be one way; sense inputs are at 0 V here, so rows are at V and V/2.
  const double v0 = 0.1, v = 0.5;
  const Matrix G = Matrix::Constant(4, 1, 1e-5);
  VectorXd V = VectorXd::Constant(4, v / 2);
  V(0) = v;
  const PassiveSolution s = solve_passive(G, test::alike(G, 1e-6, 1e-6, 0.0, 0.0), V, sinh_curve(v0));
  CHECK(s.cell(0, 0) / s.cell(1, 0) == Approx(2.0 * std::cosh(v / (2.0 * v0))).epsilon(1e-6));
}

TEST_CASE("polynomial curves are followed, and those that fall are refused") {
  using Catch::Matchers::ContainsSubstring;
  const Matrix G = test::random_cells(8, 6, 3);
  const PassiveSolution s =
      solve_passive(G, test::alike(G, 5.0, 5.0, 10.0, 10.0), volts(8), polynomial_curve(-0.3, 0.1, 0.5));
  const auto v = (s.word - s.bit).array();
  CHECK(test::difference(s.cell, G.array() * (v - 0.3 * v * v.abs() + 0.1 * v.cube())) < 1e-13);
  CHECK_THROWS_WITH(polynomial_curve(-1.5, 0.0, 0.5), ContainsSubstring("rises with its voltage"));
  CHECK_NOTHROW(polynomial_curve(-0.9, 0.0, 0.5));
  CHECK_THROWS_WITH(sinh_curve(0.0), ContainsSubstring("v0 = 0 V"));
}

TEST_CASE("what has no solution, or no resistance, is an error and never an iterate") {
  const Matrix G = cells(8);
  const Lines lines = test::alike(G, 1.0, 1.0, 1.0, 1.0);
  const Curve mad = [](const Matrix& g, const Field& V, Field& I, Field& slope) {
    linear(g, V, I, slope);
    I = (V * 1e4).sin() * slope + 1e-3;
  };
  try {
    solve_passive(G, lines, volts(8), mad);
    FAIL("returned");
  } catch (const core::Error& e) {
    CHECK(e.kind() == core::ErrorKind::convergence);
    CHECK(std::string(e.what()).find("kappa") != std::string::npos);
  }
  CHECK_THROWS_AS(solve_passive(G, lines, volts(7), linear), core::Error);
}

TEST_CASE("slopes are those of their curves, selectors included") {
  const Matrix G = Matrix::Constant(2, 3, 2e-5);
  const SinhSpec sinh{.v0 = 0.1};
  const PolynomialSpec polynomial{.c2 = -0.5, .c3 = 2.0};
  const ExponentialSelectorSpec exponential{.i0 = 2e-7, .v0 = 0.07};
  const ThresholdSelectorSpec threshold{.v_th = 0.2, .g_off = 1e-8, .g_on = 1e-4, .width = 0.02};
  for (const CellShape& shape :
       {CellShape{}, CellShape{.curve = sinh}, CellShape{.curve = polynomial},
        CellShape{.curve = sinh, .selector = exponential}, CellShape{.curve = polynomial, .selector = threshold}})
    for (const double v : {-0.35, 0.05, 0.22, 0.4}) {
      INFO(shape.curve.index() << " " << shape.selector.index() << " at " << v);
      const double h = 1e-6;
      Field V = Field::Constant(6, drives_at_once, v), I, slope, above, below, unused;
      const Curve curve = curve_of(shape);
      curve(G, V, I, slope);
      curve(G, V + h, above, unused);
      curve(G, V - h, below, unused);
      CHECK(slope(4, 2) == Approx((above(4, 2) - below(4, 2)) / (2.0 * h)).epsilon(1e-5));
      curve(G, -V, above, unused);
      CHECK(above(3, 1) == Approx(-I(3, 1)).epsilon(1e-14));
    }
}

TEST_CASE("a drive is solved to the same bits alone and among others") {
  const Matrix G = cells(20);
  const Lines lines = test::alike(G, 1.0, 2.0, 5.0, 3.0);
  const auto array = passive_solver(G, lines, sinh_curve(0.15));
  Matrix V(7, 20);
  for (Index k = 0; k < 7; ++k) V.row(k) = (k == 3 ? 0.0 : 1.0 + 0.3 * static_cast<double>(k)) * volts(20).transpose();
  const DrivenArray all = array->solve(V);
  for (Index k = 0; k < 7; ++k) {
    const DrivenArray one = array->solve(V.row(k));
    CHECK(one.columns.row(0) == all.columns.row(k));
    CHECK(one.power(0) == all.power(k));
    if (k == 3) continue;  // no current at all
    const PassiveSolution exact = solve_passive(G, lines, V.row(k).transpose(), sinh_curve(0.15));
    CHECK(test::difference(one.columns.row(0).transpose(), exact.sense) < 1e-8);
  }
  CHECK(all.columns.row(3).isZero(0.0));
}

TEST_CASE("a steep threshold that needs its drive raised in parts is solved all the same") {
  const Matrix G = cells(12);
  const Lines lines = test::alike(G, 5.0, 5.0, 50.0, 50.0);
  const Curve curve = curve_of(
      {.curve = {}, .selector = ThresholdSelectorSpec{.v_th = 0.25, .g_off = 1e-10, .g_on = 1e-2, .width = 1e-3}});
  const PassiveSolution s = solve_passive(G, lines, 2.0 * volts(12), curve);
  for (Index i = 0; i < 12; ++i)
    CHECK(std::abs((2.0 * volts(12)(i) - s.word(i, 0)) / 50.0 - s.driver(i)) < 1e-9 * s.driver.maxCoeff());
}
