// ngspice as judge of gated arrays.
#include "tests/crossbar/gated.hpp"

#include "crossbar/spice.hpp"
#include "tests/catch.hpp"
#include "tests/spice/ngspice.hpp"

using namespace wordline;
using namespace wordline::test;
using crossbar::CellShape;
using crossbar::to_spice;

namespace {

// Columns and power of one input against ngspice's, relative to the largest current.
void compare(const Matrix& G, const GatedLines& lines, const Opened& input, const CellShape& shape, double tolerance) {
  const auto seen = ngspice(to_spice(G, lines, input, shape));
  const Matrix V = lines.v_read * input.cast<double>().matrix();
  const auto ours =
      (shape.linear() ? crossbar::gated_solver(G, lines) : crossbar::gated_solver(G, lines, crossbar::curve_of(shape)))
          ->solve(V);
  const double most = ours.columns.cwiseAbs().maxCoeff();
  REQUIRE(most > 0.0);
  double power = 0.0;
  for (Index j = 0; j < G.cols(); ++j) {
    CHECK(std::abs(seen.at("i(vsense" + std::to_string(j) + ")") - ours.columns(0, j)) < tolerance * most);
    power -= lines.v_read * seen.at("i(vsource" + std::to_string(j) + ")");
  }
  CHECK(power == Approx(ours.power(0)).epsilon(tolerance));
}

}  // namespace

TEST_CASE("ngspice gives the currents and the power of gated arrays") {
  for (const Index n : {8, 32})
    for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
      for (const double leakage : {0.0, 1e-7}) {
        GatedLines lines = gated_lines(n, 2.5, 1.5, 100.0, 50.0, end);
        lines.leakage = leakage;
        INFO(n << " x " << n << ", leakage " << leakage);
        compare(random_cells(n, n, 21), lines, random_inputs(1, n, 0.5, 22), {}, 1e-9);
      }
}

TEST_CASE("ngspice gives the currents of gated arrays without resistance in one of their lines") {
  for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite}) {
    compare(random_cells(8, 6, 21), gated_lines(6, 0.0, 20.0, 10.0, 0.0, end), random_inputs(1, 8, 0.5, 22), {}, 1e-9);
    compare(random_cells(8, 6, 21), gated_lines(6, 20.0, 0.0, 0.0, 10.0, end), random_inputs(1, 8, 0.5, 22), {}, 1e-9);
  }
}

TEST_CASE("ngspice gives the currents of gated arrays of nonlinear cells") {
  for (const Index n : {8, 32})
    for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
      for (const CellShape& shape :
           {CellShape{.curve = crossbar::SinhSpec{.v0 = 0.2}, .selector = {}},
            CellShape{.curve = crossbar::PolynomialSpec{.c2 = -0.8, .c3 = 0.9}, .selector = {}}}) {
        GatedLines lines = gated_lines(n, 10.0, 5.0, 100.0, 50.0, end);
        lines.v_read = 0.4;
        INFO(n << " x " << n << ", curve " << shape.curve.index());
        compare(random_cells(n, n, 21).cwiseMax(1e-6), lines, random_inputs(1, n, 0.5, 22), shape, 1e-8);
      }
}
