#include "crossbar/gated.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "crossbar/line_checks.hpp"
#include "crossbar/rails.hpp"

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::Index;
using Eigen::VectorXd;
using rails::behind;
using rails::Cells;
using rails::Pack;
using rails::Triangle;

constexpr int wide = 8;  // vectors side by side, the doubles of two to four registers

// Products of such conductances would leave the range of a double; no cell feels such a resistance.
double contract(double ohm) { return ohm > 1e-150 ? ohm : 0.0; }

// A ladder whose first row is fed: where one rail is a single node, another ladder with one side.
struct Shape {
  double source, bit;
  bool reversed;   // rows from the last to the first
  bool one_sided;  // `bit` is then the resistance of both rails
};

Shape shape_of(const GatedLines& lines) {
  const double source = contract(lines.source), bit = contract(lines.col);
  if (lines.source_end == SourceEnd::same) return {0.0, source + bit, false, true};
  if (source == 0.0) return {0.0, bit, false, true};
  if (bit == 0.0) return {0.0, source, true, true};
  return {source, bit, false, false};
}

template <int lanes>
Pack<lanes> conductance(Cells<lanes> g, const Shape& shape) {
  if (shape.reversed) std::reverse(g.begin(), g.end());
  if (shape.one_sided || g.size() == 1) return rails::one_sided<lanes>(std::move(g), shape.bit).back();
  auto ladder = Triangle<lanes>::second_row(g[0], g[1], shape.source, shape.bit);
  for (std::size_t i = 2; i < g.size(); ++i) ladder.advance(g[i], 1.0 / shape.source, 1.0 / shape.bit);
  return ladder.through();
}

// Voltage across every cell for 1 V across a ladder with one side: shares, from the terminals on.
std::vector<double> one_sided_voltages(const Cells<1>& g, double ohm) {
  const Cells<1> y = rails::one_sided<1>(g, ohm);
  std::vector<double> v(g.size(), 1.0);
  for (std::size_t i = g.size() - 1; i > 0; --i) v[i - 1] = std::isfinite(ohm) ? v[i] / (1.0 + y[i - 1](0) * ohm) : 0.0;
  return v;
}

// The same for a ladder fed at one end and sensed at the other, from potentials; bit rail of the last row at 0 V.
std::vector<double> opposite_voltages(const Cells<1>& g, double source, double bit) {
  auto ladder = Triangle<1>::second_row(g[0], g[1], source, bit);
  std::vector<Triangle<1>::Row> rows;
  for (std::size_t i = 2; i < g.size(); ++i) rows.push_back(ladder.advance(g[i], 1.0 / source, 1.0 / bit));
  std::vector<double> v(g.size());
  double s = rails::share<1>(ladder.source, ladder.source + ladder.across)(0), b = 0.0;
  v.back() = s;
  for (std::size_t i = rows.size(); i > 0; --i) {
    const auto& row = rows[i - 1];
    const double below = b, right = s;
    b = row.bit_feed(0) + row.bit_source(0) * right + row.bit_next(0) * below;
    s = row.source_feed(0) + row.source_bit(0) * b + row.source_next(0) * right;
    v[i] = s - b;
  }
  v[0] = std::isfinite(bit) ? (1.0 - b) / (1.0 + g[0](0) * bit) : 0.0;
  return v;
}

std::vector<double> voltages(Cells<1> g, const Shape& shape) {
  if (!shape.one_sided && g.size() > 1) return opposite_voltages(g, shape.source, shape.bit);
  if (shape.reversed) std::reverse(g.begin(), g.end());
  auto v = one_sided_voltages(g, shape.bit);
  if (shape.reversed) std::reverse(v.begin(), v.end());
  return v;
}

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
    const double ladder = std::isfinite(ohm) ? 1.0 / (1.0 + conductance<1>(cells, shape)(0) * ohm) : 0.0;
    const std::vector<double> v = voltages(cells, shape);
    for (Index i = 0; i < G.rows(); ++i) {
      out.opened(i, j) *= ladder * v[static_cast<std::size_t>(i)];
      out.closed(i, j) *= ladder * v[static_cast<std::size_t>(i)];
    }
  }
  return out;
}

Matrix SecantConductance::currents(const Opened& inputs, double v_read) const {
  check_rows(inputs.cols(), opened.rows(), "inputs");
  const Matrix open = inputs.cast<double>(), shut = (!inputs).cast<double>();
  return v_read * (open * opened + shut * closed);
}

}  // namespace wordline::crossbar
