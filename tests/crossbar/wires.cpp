#include "crossbar/wires.hpp"

#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "crossbar/reference_wires.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/wires.hpp"

using namespace wordline;
using namespace wordline::test;
using crossbar::effective_conductance;
using crossbar::reduce;
using crossbar::Terminals;
using Reference = crossbar::reference::Nodal<long double>;

namespace {

struct Size {
  Index rows, cols;
};

// Every side around the leaves' 4, single lines, and shapes that halve unevenly.
const Size sizes[] = {{1, 1}, {1, 13}, {13, 1}, {2, 3}, {4, 4}, {5, 4}, {7, 9}, {3, 40}, {33, 6}, {20, 30}, {37, 41}};

// Terminals of all kinds on one array: ideal, resistive and open.
Lines mixed(const Matrix& G, double row, double col) {
  Lines lines = alike(G, row, col, 0.0, 0.0);
  const double kinds[] = {7.0, 0.0, 300.0, open};
  for (Index i = 0; i < G.rows(); ++i) lines.driver(i) = kinds[i % 4];
  for (Index j = 0; j < G.cols(); ++j) lines.sense(j) = kinds[(j + 1) % 4];
  return lines;
}

// Everything reduce() gives against nodal analysis with random drives, which is superposition as well.
void check_against_nodes(const Matrix& G, const Lines& lines) {
  INFO(G.rows() << " x " << G.cols() << ", row " << lines.row << ", col " << lines.col);
  const Reference nodes(G, lines);
  const Terminals seen = reduce(G, lines);
  CHECK((seen.effective - nodes.effective()).cwiseAbs().maxCoeff() <= 1e-13 * G.maxCoeff());

  const VectorXd V = random_volts(G.rows(), 3);
  const auto s = nodes.solve(V, VectorXd::Zero(G.cols()));
  const double scale = 1e-13 * (G.transpose() * V).sum();  // of the currents on ideal lines
  CHECK((seen.effective.transpose() * V - s.sense).cwiseAbs().maxCoeff() <= scale);
  CHECK((seen.drivers * V - s.driver).cwiseAbs().maxCoeff() <= scale);
  CHECK(std::abs(V.dot(seen.drivers * V) - s.power) <= scale * V.maxCoeff());
}

std::string complaint(const Matrix& G, const Lines& lines) {
  try {
    reduce(G, lines);
  } catch (const core::Error& error) {
    CHECK(error.kind() == core::ErrorKind::value);
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("arrays with line resistance equal two slow solvers") {
  const double r = GENERATE(1e-2, 1.0, 100.0, 1e4);  // r g_max from 1e-6 to 1
  std::uint32_t seed = 1;
  for (const Size& size : sizes) {
    const Matrix G = random_cells(size.rows, size.cols, seed++);
    const Lines lines = alike(G, r, 0.7 * r, 3.0 * r, 2.0 * r);
    INFO(size.rows << " x " << size.cols << ", " << r << " ohm");
    const Matrix effective = effective_conductance(G, lines);
    CHECK(difference(effective, Reference(G, lines).effective()) < 1e-13);
    CHECK(difference(effective, crossbar::reference::effective_row_by_row(G, lines)) < 1e-13);
    CHECK(effective.minCoeff() >= 0.0);
  }
}

TEST_CASE("currents and power at the terminals are those of all nodes") {
  std::uint32_t seed = 1;
  for (const double row : {0.0, 1.5, open})
    for (const double col : {0.0, 2.5, open})
      for (const Size& size : sizes) {
        Matrix G = random_cells(size.rows, size.cols, seed++);
        if (size.rows > 3) G.row(3).setZero();
        check_against_nodes(G, mixed(G, row, col));
        // All terminals there, so that something flows through the smallest arrays too.
        check_against_nodes(random_cells(size.rows, size.cols, seed++), alike(G, row, col, 0.0, 40.0));
        check_against_nodes(random_cells(size.rows, size.cols, seed++), alike(G, row, col, 30.0, 0.0));
      }
}

TEST_CASE("ideal lines change nothing, to the last bit") {
  const Matrix G = random_cells(6, 9, 1);
  const Terminals seen = reduce(G, alike(G, 0, 0, 0, 0));
  CHECK(seen.effective == G);
  CHECK(seen.drivers.diagonal() == G.rowwise().sum());
  CHECK((seen.drivers - Matrix(seen.drivers.diagonal().asDiagonal())).isZero(0.0));
}

TEST_CASE("segments of next to nothing come to the same as none") {
  const Matrix G = random_cells(9, 14, 2);
  const double almost = GENERATE(1e-11, 1e-100, 1e-300, 1e-310);
  const Matrix contracted = effective_conductance(G, alike(G, 0, 0, 50, 20));
  CHECK(difference(effective_conductance(G, alike(G, almost, almost, 50, 20)), contracted) < 1e-13);
  CHECK(difference(effective_conductance(G, alike(G, almost, 0, 50, 20)), contracted) < 1e-13);
  CHECK(difference(effective_conductance(G, alike(G, 0, almost, 50, 20)), contracted) < 1e-13);
  const Matrix direct = effective_conductance(G, alike(G, 2, 3, 0, 0));
  CHECK(difference(effective_conductance(G, alike(G, 2, 3, almost, almost)), direct) < 1e-13);
}

TEST_CASE("seen from the other side an array is its own mirror image") {
  const Matrix G = random_cells(20, 30, 3);
  const Matrix seen = effective_conductance(G, alike(G, 2, 3, 50, 70));
  const Matrix turned = G.transpose().reverse();
  const Matrix mirrored = effective_conductance(turned, alike(turned, 3, 2, 70, 50)).transpose().reverse();
  CHECK(difference(seen, mirrored) < 1e-14);
}

TEST_CASE("drivers see a symmetric network that loses nothing") {
  const Matrix G = random_cells(17, 23, 4);
  const Terminals seen = reduce(G, alike(G, 2, 3, 50, 70));
  CHECK(seen.drivers == seen.drivers.transpose());
  const VectorXd out = seen.effective.rowwise().sum();
  CHECK((seen.drivers.rowwise().sum() - out).cwiseAbs().maxCoeff() < 1e-14 * out.maxCoeff());
}

TEST_CASE("floating islands and open terminals carry no current") {
  Matrix G = random_cells(6, 6, 5).array() + 1e-6;
  G.row(2).setZero();
  Lines lines = alike(G, 2, 3, 50, 70);
  lines.driver(2) = open;  // a word line that touches nothing
  lines.driver(4) = open;  // one that its cells hold somewhere between
  lines.sense(1) = open;
  const Terminals seen = reduce(G, lines);
  for (const Index row : {2, 4}) {
    CHECK(seen.effective.row(row).isZero(0.0));
    CHECK(seen.drivers.row(row).isZero(0.0));
  }
  CHECK(seen.effective.col(1).isZero(0.0));
  CHECK(difference(seen.effective, Reference(G, lines).effective()) < 1e-13);

  const Terminals dark = reduce(G, alike(G, 2, 3, open, open));
  CHECK(dark.effective.isZero(0.0));
  CHECK(dark.drivers.isZero(0.0));
}

TEST_CASE("a large array of one column or row is a ladder") {
  const Matrix G = Matrix::Constant(1024, 1, 1e-4);
  double y = 0.0;  // from the far end: y <- 1 / (r + 1 / (g + y))
  for (Index i = 0; i < 1024; ++i) y = 1.0 / (5.0 + 1.0 / (1e-4 + y));
  CHECK(effective_conductance(G, alike(G, 0, 5, 0, 5)).sum() == Approx(y).epsilon(1e-13));
  CHECK(effective_conductance(G, alike(G, 3, 5, 0, 5)).sum() == Approx(y).epsilon(1e-13));
  const Matrix H = G.transpose();
  CHECK(effective_conductance(H, alike(H, 5, 3, 5, 0)).sum() == Approx(y).epsilon(1e-13));
}

TEST_CASE("arrays reduced side by side come out to the same bits", "[parallel]") {
  const Matrix G = random_cells(45, 38, 8);
  const Lines lines = alike(G, 2, 3, 50, 70);
  const Terminals alone = reduce(G, lines);
  std::vector<Terminals> many(8);
  core::for_each_block(8, {.threads = 2, .poll = {}},
                       [&](std::int64_t k) { many[static_cast<std::size_t>(k)] = reduce(G, lines); });
  for (const Terminals& seen : many) {
    CHECK(seen.effective == alone.effective);
    CHECK(seen.drivers == alone.drivers);
  }
}

TEST_CASE("impossible arrays are refused by name") {
  using Catch::Matchers::ContainsSubstring;
  const Matrix G = random_cells(2, 3, 6);
  const Lines lines = alike(G, 1, 1, 1, 1);
  for (const double bad : {-1e-6, open, -open, std::nan("")}) {
    Matrix broken = G;
    broken(1, 2) = bad;
    CHECK_THAT(complaint(broken, lines), ContainsSubstring("G[1, 2]"));
  }
  for (const double bad : {-1.0, -open, std::nan("")}) {
    CHECK_THAT(complaint(G, alike(G, bad, 1, 1, 1)), ContainsSubstring("row"));
    CHECK_THAT(complaint(G, alike(G, 1, bad, 1, 1)), ContainsSubstring("col"));
    CHECK_THAT(complaint(G, alike(G, 1, 1, bad, 1)), ContainsSubstring("driver[0]"));
    CHECK_THAT(complaint(G, alike(G, 1, 1, 1, bad)), ContainsSubstring("sense[0]"));
  }
  const Matrix turned = G.transpose();
  CHECK_THAT(complaint(G, alike(turned, 1, 1, 1, 1)), ContainsSubstring("one terminal"));
  CHECK_THAT(complaint(Matrix(0, 3), alike(Matrix(0, 3), 1, 1, 1, 1)), ContainsSubstring("at least one cell"));
  const Matrix huge = Matrix::Constant(9, 9, 1e308);
  CHECK_THAT(complaint(huge, alike(huge, 0, 0, 0, 0)), ContainsSubstring("range of a double"));
}

TEST_CASE("lines without terminals of their own are all alike") {
  const Lines lines = crossbar::lines_of({.row = 1, .col = 2, .driver = 3, .sense = 4}, 2, 5);
  CHECK(lines.row == 1);
  CHECK(lines.col == 2);
  CHECK(lines.driver == VectorXd::Constant(2, 3.0));
  CHECK(lines.sense == VectorXd::Constant(5, 4.0));
  CHECK_FALSE(lines.ideal());
  CHECK(crossbar::lines_of({}, 2, 5).ideal());
  CHECK_FALSE(crossbar::lines_of({.sense = 1e-9}, 2, 5).ideal());
}
