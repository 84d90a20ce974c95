#include "crossbar/gated.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "crossbar/gated_ladder.hpp"
#include "crossbar/line_checks.hpp"

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::Index;
using Eigen::VectorXd;
using rails::behind;
using rails::Cells;
using rails::conductance;
using rails::Pack;
using rails::Shape;
using rails::shape_of;
using rails::voltages;

constexpr int wide = 8;  // vectors side by side, the doubles of two to four registers

double terminals(const GatedLines& lines, Index column) { return lines.driver(column) + lines.sense(column); }

double closed_cell(double g, double leakage) {
  return g > 0.0 && leakage > 0.0 ? 1.0 / (1.0 / g + 1.0 / leakage) : 0.0;
}

Matrix closed_cells(const Matrix& G, double leakage) {
  return G.unaryExpr([&](double g) { return closed_cell(g, leakage); });
}

void check_number(bool holds, const char* name, double value, const char* unit, const char* allowed) {
  core::require(holds, ErrorKind::value,
                {.rule = "a supply and an access device are described by finite numbers",
                 .name = name,
                 .value = core::number(value),
                 .unit = unit,
                 .allowed = allowed,
                 .remedy = ""});
}

void check_gated(const Matrix& G, const GatedLines& lines) {
  check_cells(G);
  check_ohm(lines.source, "source");
  check_ohm(lines.col, "col");
  check_terminals(lines.driver, G.cols(), "driver");
  check_terminals(lines.sense, G.cols(), "sense");
  check_number(std::isfinite(lines.v_read), "v_read", lines.v_read, "V", "finite");
  check_number(lines.leakage >= 0.0 && std::isfinite(lines.leakage), "leakage", lines.leakage, "S", ">= 0");
}

void check_rows(Index given, Index rows, const char* name) {
  core::require(given == rows, ErrorKind::value,
                {.rule = "every row has one input",
                 .name = name,
                 .value = std::to_string(given) + " rows",
                 .unit = "",
                 .allowed = std::to_string(rows),
                 .remedy = ""});
}

}  // namespace

GatedCurrents gated_currents(const Matrix& G, const GatedLines& lines, const Opened& inputs) {
  check_gated(G, lines);
  check_rows(inputs.cols(), G.rows(), "inputs");
  const Shape shape = shape_of(lines);
  const Matrix closed = closed_cells(G, lines.leakage);
  GatedCurrents out{.columns = Matrix(inputs.rows(), G.cols()), .power = VectorXd::Zero(inputs.rows())};
  Cells<wide> cells(static_cast<std::size_t>(G.rows()));
  for (Index first = 0; first < inputs.rows(); first += wide) {
    const Index lanes = std::min<Index>(wide, inputs.rows() - first);
    for (Index j = 0; j < G.cols(); ++j) {
      for (Index i = 0; i < G.rows(); ++i)
        for (Index lane = 0; lane < wide; ++lane)
          cells[static_cast<std::size_t>(i)](lane) = lane < lanes && inputs(first + lane, i) ? G(i, j) : closed(i, j);
      const Pack<wide> seen = lines.v_read * behind<wide>(conductance<wide>(cells, shape), terminals(lines, j));
      out.columns.col(j).segment(first, lanes) = seen.head(lanes).matrix();
    }
  }
  for (Index j = 0; j < G.cols(); ++j) out.power += lines.v_read * out.columns.col(j);
  return out;
}

SecantConductance secant_conductance(const Matrix& G, const GatedLines& lines, const VectorXd& activity) {
  check_gated(G, lines);
  check_rows(activity.size(), G.rows(), "activity");
  for (const double p : activity) check_number(p >= 0.0 && p <= 1.0, "activity", p, "", "[0, 1]");
  const Shape shape = shape_of(lines);
  SecantConductance out{.opened = G, .closed = closed_cells(G, lines.leakage)};
  Cells<1> cells(static_cast<std::size_t>(G.rows()));
  for (Index j = 0; j < G.cols(); ++j) {
    for (Index i = 0; i < G.rows(); ++i)
      cells[static_cast<std::size_t>(i)](0) = activity(i) * G(i, j) + (1.0 - activity(i)) * out.closed(i, j);
    const double ohm = terminals(lines, j);
    const double ladder = rails::behind_terminals<1>(conductance<1>(cells, shape), ohm)(0);
    const Cells<1> v = voltages<1>(cells, shape);
    for (Index i = 0; i < G.rows(); ++i) {
      out.opened(i, j) *= ladder * v[static_cast<std::size_t>(i)](0);
      out.closed(i, j) *= ladder * v[static_cast<std::size_t>(i)](0);
    }
  }
  return out;
}

Matrix SecantConductance::currents(const Opened& inputs, double v_read) const {
  check_rows(inputs.cols(), opened.rows(), "inputs");
  const Matrix open = inputs.cast<double>(), shut = (!inputs).cast<double>();
  return v_read * (open * opened + shut * closed);
}

namespace {

// Rows with a voltage are open.
class GatedArray final : public ArraySolver {
 public:
  GatedArray(Matrix G, GatedLines lines) : G_(std::move(G)), lines_(std::move(lines)) { check_gated(G_, lines_); }

  DrivenArray solve(const Matrix& V) const override {
    GatedCurrents seen = gated_currents(G_, lines_, V.array() != 0.0);
    return {.columns = std::move(seen.columns), .power = std::move(seen.power)};
  }

 private:
  Matrix G_;
  GatedLines lines_;
};

}  // namespace

std::unique_ptr<const ArraySolver> gated_solver(Matrix G, GatedLines lines) {
  return std::make_unique<const GatedArray>(std::move(G), std::move(lines));
}

}  // namespace wordline::crossbar
