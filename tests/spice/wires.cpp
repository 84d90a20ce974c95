// ngspice as judge of arrays with line resistance.
#include <algorithm>
#include <array>
#include <cmath>

#include "crossbar/passive.hpp"
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

TEST_CASE("ngspice gives the currents of cells with a sinh curve") {
  const double v0 = 0.25;
  for (const Index n : {8, 16}) {
    const Matrix G = structured(n, n);
    const Lines lines = test::alike(G, 1.0, 1.0, 1.0, 1.0);
    const VectorXd V = 2.5 * test::random_volts(n, 4);
    // Every cell's resistor gives way to a source of its curve's current.
    std::istringstream deck(to_spice(G, lines, V));
    std::string nonlinear;
    for (std::string line; std::getline(deck, line);) {
      std::istringstream words(line);
      std::string name, from, to, ohm;
      words >> name >> from >> to >> ohm;
      if (name.rfind("Rcell", 0) == 0)
        line = "B" + name + " " + from + " " + to + " I=" + std::to_string(v0) + "/" + ohm + "*sinh(v(" + from + "," +
               to + ")/" + std::to_string(v0) + ")";
      nonlinear += line + "\n";
    }
    const auto seen = ngspice(nonlinear);
    const PassiveSolution s = solve_passive(G, lines, V, sinh_curve(v0));
    double worst = 0.0;
    for (Index j = 0; j < n; ++j)
      worst = std::max(worst, std::abs(seen.at("i(vsense" + std::to_string(j) + ")") - s.sense(j)));
    INFO(n << " x " << n << ": " << worst / s.sense.maxCoeff());
    CHECK(worst < 1e-8 * s.sense.maxCoeff());
    CHECK(test::difference(s.sense, reduce(G, lines).effective.transpose() * V) > 0.05);
  }
}
