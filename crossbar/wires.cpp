#include "crossbar/wires.hpp"

#include <cmath>
#include <vector>

#include "crossbar/eliminate.hpp"
#include "crossbar/kron.hpp"
#include "crossbar/ladders.hpp"
#include "crossbar/line_checks.hpp"

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Less than 1/ohm can hold is no resistance.
double contract(double ohm) { return std::isfinite(1.0 / ohm) ? ohm : 0.0; }

MatrixXd line_ends(const Matrix& G, double row, double col) {
  if (row > 0.0 && col > 0.0) return kron_reduction({.G = G, .row = 1.0 / row, .col = 1.0 / col});
  return contracted_lines(G, row, col);
}

// Conductances between terminals that lie behind `ohm` of their nodes: Y' = Y - Y sqrt(R) (1 + sqrt(R) Y sqrt(R))^-1
// sqrt(R) Y, written without its differences. Where ohm is 0 the node itself is the terminal. Lower triangles.
MatrixXd behind(const MatrixXd& ends, const VectorXd& ohm) {
  std::vector<Index> direct, inner;
  for (Index end = 0; end < ohm.size(); ++end) (contract(ohm(end)) > 0.0 ? inner : direct).push_back(end);
  const auto full = [&](Index a, Index b) { return a >= b ? ends(a, b) : ends(b, a); };

  MatrixXd terminals = MatrixXd::Zero(ohm.size(), ohm.size());
  MatrixXd nodes(std::ssize(inner), std::ssize(inner));
  MatrixXd couplings = MatrixXd::Zero(std::ssize(inner), ohm.size());
  for (const Index b : direct)
    for (const Index a : direct) terminals(a, b) = full(a, b);
  for (Index k = 0; k < nodes.cols(); ++k) {
    const Index end = inner[static_cast<std::size_t>(k)];
    for (Index l = k; l < nodes.rows(); ++l) nodes(l, k) = full(inner[static_cast<std::size_t>(l)], end);
    for (const Index port : direct) couplings(k, port) = full(end, port);
    couplings(k, end) = 1.0 / ohm(end);
  }
  eliminate(nodes, couplings, terminals);
  return terminals;
}

// Bit lines first, then word lines: two small eliminations cost less than one large one.
MatrixXd terminals_of(const Matrix& G, const Lines& lines) {
  VectorXd sense = VectorXd::Zero(G.rows() + G.cols()), driver = sense;
  sense.tail(G.cols()) = lines.sense;
  driver.head(G.rows()) = lines.driver;
  return behind(behind(line_ends(G, contract(lines.row), contract(lines.col)), sense), driver);
}

}  // namespace

void check(const Matrix& G, const Lines& lines) {
  check_cells(G);
  check_ohm(lines.row, "row");
  check_ohm(lines.col, "col");
  check_terminals(lines.driver, G.rows(), "driver");
  check_terminals(lines.sense, G.cols(), "sense");
}

void check_voltages(const VectorXd& V, Index lines, const std::string& name) {
  core::require(V.size() == lines && V.allFinite(), ErrorKind::value,
                {.rule = "every line has a finite voltage",
                 .name = name,
                 .value = std::to_string(V.size()) + " numbers",
                 .unit = "V",
                 .allowed = std::to_string(lines) + " finite numbers",
                 .remedy = "use 0 for a line at rest"});
}

bool Lines::ideal() const { return row == 0.0 && col == 0.0 && driver.isZero(0.0) && sense.isZero(0.0); }

Lines lines_of(const WiresSpec& wires, Index rows, Index cols) {
  return {.row = wires.row,
          .col = wires.col,
          .driver = VectorXd::Constant(rows, wires.driver),
          .sense = VectorXd::Constant(cols, wires.sense)};
}

Terminals reduce(const Matrix& G, const Lines& lines) {
  check(G, lines);
  const Index m = G.rows();
  const MatrixXd all = terminals_of(G, lines);
  Terminals seen{.effective = all.bottomLeftCorner(G.cols(), m).transpose(), .drivers = Matrix(m, m)};
  const Matrix between = all.topLeftCorner(m, m).selfadjointView<Eigen::Lower>();
  seen.drivers = 0.0 - between.array();
  seen.drivers.diagonal().setZero();
  seen.drivers.diagonal() = seen.effective.rowwise().sum() - seen.drivers.rowwise().sum();
  core::require(seen.effective.allFinite() && seen.drivers.allFinite(), ErrorKind::value,
                {.rule = "conductances and their sums stay within the range of a double",
                 .name = "G",
                 .value = "up to " + core::number(G.maxCoeff()),
                 .unit = "S",
                 .allowed = "",
                 .remedy = "give conductances in S and resistances in ohm"});
  return seen;
}

Matrix effective_conductance(const Matrix& G, const Lines& lines) { return reduce(G, lines).effective; }

}  // namespace wordline::crossbar
