#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "crossbar/gated_ladder.hpp"

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::Index;
using rails::Cells;
using Drives = Eigen::Array<double, 1, drives_at_once>;
using Pack = rails::Pack<drives_at_once>;

constexpr double tolerance = 1e-10;
constexpr int most_steps = 200;

// Several inputs of one array on their way to voltages V of all cells that agree with the currents these give.
class Iteration {
 public:
  Iteration(const Matrix& G, const GatedLines& lines, const Curve& curve, const Field& open)
      : G_(G), lines_(lines), curve_(curve), shape_(rails::shape_of(lines)), open_(open), V_(lines.v_read * open) {}

  void solve() {
    Drives part = Drives::Ones(), before = Drives::Constant(1e300), change = before;
    for (int k = 0; k < most_steps; ++k) {
      const Field next = voltages(secants());
      change = (next - V_).abs().colwise().maxCoeff();
      const auto on = change > tolerance * std::abs(lines_.v_read);
      if (!on.any()) return;
      part = on.select((change > 0.9 * before).select(0.5 * part, part), 0.0 * part);
      V_ += (next - V_).rowwise() * part;
      before = change;
    }
    fail(change.maxCoeff());
  }

  // Column sums of cells, [column][drive]; closed ones see 0 V.
  Field columns() const {
    Field I, slope, out = Field::Zero(G_.cols(), drives_at_once);
    curve_(G_, V_, I, slope);
    for (Index i = 0; i < G_.rows(); ++i) out += I.middleRows(i * G_.cols(), G_.cols());
    return out;
  }

 private:
  // S, current over voltage, or the slope where there is none.
  Field secants() const {
    Field I, slope;
    curve_(G_, V_, I, slope);
    return open_ * (V_ == 0.0).select(slope, I / (V_ == 0.0).select(1.0, V_));
  }
  // What linear cells of conductance g would see; 0 where closed.
  Field voltages(const Field& g) const {
    Field out(g.rows(), drives_at_once);
    Cells<drives_at_once> column(static_cast<std::size_t>(G_.rows()));
    for (Index j = 0; j < G_.cols(); ++j) {
      for (Index i = 0; i < G_.rows(); ++i) column[static_cast<std::size_t>(i)] = g.row(i * G_.cols() + j).transpose();
      const Pack ladder =
          lines_.v_read * rails::behind_terminals<drives_at_once>(rails::conductance<drives_at_once>(column, shape_),
                                                                  lines_.driver(j) + lines_.sense(j));
      const auto v = rails::voltages<drives_at_once>(column, shape_);
      for (Index i = 0; i < G_.rows(); ++i)
        out.row(i * G_.cols() + j) = (ladder * v[static_cast<std::size_t>(i)]).transpose();
    }
    return out * open_;
  }
  [[noreturn]] void fail(double change) const {
    const auto n = static_cast<double>(G_.rows());
    throw core::Error(ErrorKind::convergence,
                      {.rule = "no solution was found for the cells' curve; kappa = r G_max n^2 = " +
                               core::number((lines_.source + lines_.col) * G_.maxCoeff() * n * n),
                       .name = "change of a cell's voltage",
                       .value = core::number(change),
                       .unit = "V",
                       .allowed = "<= " + core::number(tolerance * std::abs(lines_.v_read)),
                       .remedy = "lower v_read, or use a smoother curve"});
  }

  const Matrix& G_;
  const GatedLines& lines_;
  const Curve& curve_;
  rails::Shape shape_;
  Field open_, V_;
};

class CurvedGatedArray final : public ArraySolver {
 public:
  CurvedGatedArray(Matrix G, GatedLines lines, Curve curve)
      : G_(std::move(G)), lines_(std::move(lines)), curve_(std::move(curve)) {
    core::require(lines_.leakage == 0.0, ErrorKind::value,
                  {.rule = "closed cells with a curve are cut off",
                   .name = "leakage",
                   .value = core::number(lines_.leakage),
                   .unit = "S",
                   .allowed = "0",
                   .remedy = "use linear cells for closed ones that leak"});
    static_cast<void>(gated_currents(G_, lines_, Opened(0, G_.rows())));  // checks numbers and sizes
  }

  DrivenArray solve(const Matrix& V) const override {
    DrivenArray out{.columns = Matrix(V.rows(), G_.cols()), .power = Eigen::VectorXd(V.rows())};
    for (Index first = 0; first < V.rows(); first += drives_at_once) {
      const Index count = std::min<Index>(drives_at_once, V.rows() - first);
      Iteration iteration(G_, lines_, curve_, opened(V, first, count));
      iteration.solve();
      out.columns.middleRows(first, count) = iteration.columns().leftCols(count).transpose();
    }
    out.power = lines_.v_read * out.columns.rowwise().sum();
    return out;
  }

 private:
  Field opened(const Matrix& V, Index first, Index count) const {
    Field open = Field::Zero(G_.size(), drives_at_once);
    for (Index lane = 0; lane < count; ++lane)
      for (Index i = 0; i < G_.rows(); ++i)
        if (V(first + lane, i) != 0.0) open.col(lane).segment(i * G_.cols(), G_.cols()).setOnes();
    return open;
  }

  Matrix G_;
  GatedLines lines_;
  Curve curve_;
};

}  // namespace

std::unique_ptr<const ArraySolver> gated_solver(Matrix G, GatedLines lines, Curve curve) {
  return std::make_unique<const CurvedGatedArray>(std::move(G), std::move(lines), std::move(curve));
}

}  // namespace wordline::crossbar
