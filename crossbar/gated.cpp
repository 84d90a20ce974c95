#include "crossbar/gated.hpp"

#include <cmath>

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::ArrayXd;
using Eigen::Index;

// One vector on its way down all columns; the far ends of both lines are at row 0.
ArrayXd cells(const Matrix& G, const GatedLines& lines, const Gates& open, Index vector, Index row) {
  if (open(vector, row)) return G.row(row).transpose();
  return (G.row(row).array() > 0.0).select(ArrayXd::Constant(G.cols(), lines.off).transpose(), 0.0).transpose();
}

ArrayXd behind(const ArrayXd& y, double ohm) {
  if (!std::isfinite(ohm)) return ArrayXd::Zero(y.size());
  return y / (1.0 + y * ohm);
}

// Both rails start at the last row: above it there is one conductance between them.
ArrayXd same_end(const Matrix& G, const GatedLines& lines, const Gates& open, Index vector) {
  ArrayXd y = cells(G, lines, open, vector, 0);
  for (Index row = 1; row < G.rows(); ++row)
    y = behind(y, lines.source + lines.col) + cells(G, lines, open, vector, row);
  return behind(y, lines.driver);
}

// Conductances between the driver D, the source line s and the bit line b at the row that was added last.
class Opposite {
 public:
  Opposite(const ArrayXd& first, double driver)
      : at_driver_(driver == 0.0), ds_(ArrayXd::Constant(first.size(), 1.0 / driver)), db_(0.0 * first), sb_(first) {
    if (at_driver_) ds_.setZero();
  }

  void add(const ArrayXd& cells, double source, double col) {
    if (source > 0.0) leave_source(1.0 / source);
    if (col > 0.0) leave_bit(1.0 / col);
    sb_ += cells;
  }

  // Between D and b, the source line's end floating.
  ArrayXd conductance() const { return at_driver_ ? sb_ : db_ + through(ds_, sb_, ds_ + sb_); }

 private:
  // What a node of total conductance `sum` adds between two others; an island adds nothing.
  static ArrayXd through(const ArrayXd& a, const ArrayXd& b, const ArrayXd& sum) {
    return (sum > 0.0).select(a / (sum > 0.0).select(sum, 1.0) * b, 0.0);
  }

  void leave_source(double g) {
    const ArrayXd next = ArrayXd::Constant(sb_.size(), g);
    if (at_driver_) {  // D itself is left behind, and stays
      db_ += sb_;
      sb_.setZero();
      ds_ = next;
      at_driver_ = false;
      return;
    }
    const ArrayXd sum = ds_ + sb_ + next;
    db_ += through(ds_, sb_, sum);
    ds_ = through(ds_, next, sum);
    sb_ = through(sb_, next, sum);
  }
  void leave_bit(double g) {
    const ArrayXd next = ArrayXd::Constant(sb_.size(), g), sum = db_ + sb_ + next;
    if (!at_driver_) ds_ += through(db_, sb_, sum);
    db_ = through(db_, next, sum);
    sb_ = through(sb_, next, sum);
  }

  bool at_driver_;  // D and s are one node; then ds and db mean nothing
  ArrayXd ds_, db_, sb_;
};

ArrayXd opposite_end(const Matrix& G, const GatedLines& lines, const Gates& open, Index vector) {
  Opposite ladder(cells(G, lines, open, vector, 0), lines.driver);
  for (Index row = 1; row < G.rows(); ++row) ladder.add(cells(G, lines, open, vector, row), lines.source, lines.col);
  return ladder.conductance();
}

void check_lines(const Matrix& G, const GatedLines& lines) {
  check(G, {.row = lines.source,
            .col = lines.col,
            .driver = Eigen::VectorXd::Constant(G.rows(), lines.driver),
            .sense = Eigen::VectorXd::Constant(G.cols(), lines.sense)});
  core::require(lines.off >= 0.0 && std::isfinite(lines.off), ErrorKind::value,
                {.rule = "the conductance of a closed cell is finite and not negative",
                 .name = "off",
                 .value = core::number(lines.off),
                 .unit = "S",
                 .allowed = ">= 0",
                 .remedy = "use 0 for a perfect switch"});
}

void check_inputs(const Matrix& G, const Gates& open, double v_read) {
  core::require(open.cols() == G.rows(), ErrorKind::value,
                {.rule = "every vector opens or closes every row",
                 .name = "open",
                 .value = std::to_string(open.cols()) + " rows",
                 .unit = "",
                 .allowed = std::to_string(G.rows()),
                 .remedy = ""});
  core::require(std::isfinite(v_read), ErrorKind::value,
                {.rule = "source lines are driven with a finite voltage",
                 .name = "v_read",
                 .value = core::number(v_read),
                 .unit = "V",
                 .allowed = "finite",
                 .remedy = ""});
}

}  // namespace

Matrix gated_currents(const Matrix& G, const GatedLines& lines, const Gates& open, double v_read) {
  check_lines(G, lines);
  check_inputs(G, open, v_read);
  Matrix I(open.rows(), G.cols());
  for (Index v = 0; v < open.rows(); ++v) {
    const ArrayXd y = lines.end == SourceEnd::same ? same_end(G, lines, open, v) : opposite_end(G, lines, open, v);
    I.row(v) = v_read * behind(y, lines.sense).transpose();
  }
  return I;
}

}  // namespace wordline::crossbar
