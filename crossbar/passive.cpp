#include "crossbar/passive.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::Index;
using Eigen::VectorXd;

constexpr int most_steps = 60, most_halvings = 40;
constexpr double tolerance = 1e-13;  // of the largest terminal current, for the error of Kirchhoff's law at every node

// Numbers of all nodes.
struct Nodes {
  Matrix word, bit;

  double dot(const Nodes& other) const {
    return word.cwiseProduct(other.word).sum() + bit.cwiseProduct(other.bit).sum();
  }
  void add(double factor, const Nodes& other) {
    word += factor * other.word;
    bit += factor * other.bit;
  }
  double largest() const { return std::max(word.cwiseAbs().maxCoeff(), bit.cwiseAbs().maxCoeff()); }
};

// One kind of line, as rows of a matrix, with its terminal at the first node. Behind 0 ohm that node is held.
class Rail {
 public:
  Rail(double segment, const VectorXd& terminal) : g_(1.0 / segment), held_(terminal.array() == 0.0), end_(terminal) {
    for (Index i = 0; i < end_.size(); ++i) end_(i) = held_(i) ? 0.0 : 1.0 / terminal(i);
  }

  const VectorXd& terminal() const { return end_; }
  double largest() const { return std::max(g_, end_.maxCoeff()); }
  // Takes out what belongs to held nodes.
  void mask(Matrix& x) const {
    for (Index i = 0; i < x.rows(); ++i)
      if (held_(i)) x(i, 0) = 0.0;
  }
  // Current out of every node along its line and, for a terminal at 0 V, through it.
  Matrix leaving(const Matrix& v) const {
    Matrix out = Matrix::Zero(v.rows(), v.cols());
    const Index n = v.cols() - 1;
    if (n > 0) {
      const Matrix forward = g_ * (v.leftCols(n) - v.rightCols(n));
      out.leftCols(n) += forward;
      out.rightCols(n) -= forward;
    }
    out.col(0) += end_.cwiseProduct(v.col(0));
    return out;
  }
  // Solves every line by itself with `load` to ground at each node (Thomas).
  Matrix solve(const Matrix& load, const Matrix& rhs) const {
    const Index n = rhs.cols();
    Matrix ratio(rhs.rows(), n), out = rhs;
    for (Index i = 0; i < rhs.rows(); ++i) {
      for (Index j = 0; j < n; ++j) {
        const bool fixed = j == 0 && held_(i);
        const double before = j > 0 && !(j == 1 && held_(i)) ? g_ : 0.0;
        const double diagonal =
            fixed ? 1.0 : load(i, j) + g_ * static_cast<double>((j > 0) + (j + 1 < n)) + (j == 0 ? end_(i) : 0.0);
        const double pivot = diagonal - (j > 0 ? before * ratio(i, j - 1) : 0.0);
        ratio(i, j) = fixed || pivot <= 0.0 ? 0.0 : g_ / pivot;
        out(i, j) = pivot > 0.0 ? (out(i, j) + (j > 0 ? before * out(i, j - 1) : 0.0)) / pivot : 0.0;
      }
      for (Index j = n - 2; j >= 0; --j) out(i, j) += ratio(i, j) * out(i, j + 1);
    }
    return out;
  }

 private:
  double g_;
  Eigen::Array<bool, Eigen::Dynamic, 1> held_;
  VectorXd end_;
};

// Bit lines from the sensed end on: as rows, last cell first.
Matrix turned(const Matrix& x) { return x.transpose().rowwise().reverse(); }
Matrix back(const Matrix& x) { return x.rowwise().reverse().transpose(); }

class Array {
 public:
  Array(const Matrix& G, const Lines& lines, const VectorXd& V)
      : G_(G), V_(V), words_(lines.row, lines.driver), bits_(lines.col, lines.sense) {}

  // Every word line at its driver's voltage, every bit line at ground.
  Nodes start() const { return {V_.replicate(1, G_.cols()), Matrix::Zero(G_.rows(), G_.cols())}; }

  // Current out of every node, with the cells' currents I.
  Nodes excess(const Nodes& at, const Matrix& I) const {
    Nodes out = lines_alone(at);
    for (Index i = 0; i < G_.rows(); ++i) out.word(i, 0) -= words_.terminal()(i) * V_(i);
    return with_cells(std::move(out), I);
  }
  // The same for a change of voltages and cells of conductance `slope`.
  Nodes apply(const Nodes& change, const Matrix& slope) const {
    return with_cells(lines_alone(change), slope.cwiseProduct(change.word - change.bit));
  }
  Nodes precondition(const Nodes& r, const Matrix& slope) const {
    return {words_.solve(slope, r.word), back(bits_.solve(turned(slope), turned(r.bit)))};
  }
  // A that rounding alone leaves at a node: conductances of segments and terminals times the last bit of a voltage.
  double rounding() const {
    const double g = words_.largest() + bits_.largest();
    return 8.0 * std::numeric_limits<double>::epsilon() * g * V_.cwiseAbs().maxCoeff();
  }

 private:
  Nodes lines_alone(const Nodes& at) const { return {words_.leaving(at.word), back(bits_.leaving(turned(at.bit)))}; }
  Nodes with_cells(Nodes out, const Matrix& I) const {
    out.word += I;
    out.bit -= I;
    words_.mask(out.word);
    Matrix bits = turned(out.bit);
    bits_.mask(bits);
    out.bit = back(bits);
    return out;
  }

  const Matrix& G_;
  const VectorXd& V_;
  Rail words_, bits_;
};

// Conjugate gradients for apply(x) = -r, down to `relative` of r.
Nodes correction(const Array& array, const Matrix& slope, Nodes r, double relative) {
  Nodes x{Matrix::Zero(slope.rows(), slope.cols()), Matrix::Zero(slope.rows(), slope.cols())};
  const double goal = relative * relative * r.dot(r);
  Nodes z = array.precondition(r, slope), p = z;
  double rz = r.dot(z);
  for (Index k = 0; k < 20 * (slope.rows() + slope.cols()) && r.dot(r) > goal && rz > 0.0; ++k) {
    const Nodes Ap = array.apply(p, slope);
    const double alpha = rz / p.dot(Ap);
    x.add(-alpha, p);
    r.add(-alpha, Ap);
    z = array.precondition(r, slope);
    const double next = r.dot(z);
    p.word = z.word + next / rz * p.word;
    p.bit = z.bit + next / rz * p.bit;
    rz = next;
  }
  return x;
}

// One array on its way to a solution.
class Newton {
 public:
  Newton(const Matrix& G, const Lines& lines, const VectorXd& V, const Curve& curve)
      : G_(G), lines_(lines), array_(G, lines, V), curve_(curve), at_(array_.start()) {}

  PassiveSolution solve() {
    // Linear cells first: twice, so that nothing is left of the first correction's tolerance.
    for (int k = 0; k < 2; ++k)
      at_.add(1.0, correction(array_, G_, array_.excess(at_, G_.cwiseProduct(at_.word - at_.bit)), 1e-12));
    evaluate(at_);
    int steps = 0;
    for (; residual_ > largest_error(); ++steps) {
      if (steps == most_steps) fail();
      if (!step()) break;
    }
    // By Kirchhoff's law; differences of voltages along a line would lose digits where it has next to no resistance.
    return {at_.word, at_.bit, I_, I_.rowwise().sum(), I_.colwise().sum().transpose(), steps};
  }

 private:
  // Fills the cells' currents and slopes and the residual at some voltages.
  void evaluate(const Nodes& at) {
    curve_(G_, at.word - at.bit, I_, slope_);
    excess_ = array_.excess(at, I_);
    residual_ = excess_.largest();
  }
  double largest_error() const {
    const double current = std::max(I_.rowwise().sum().cwiseAbs().maxCoeff(), I_.colwise().sum().cwiseAbs().maxCoeff());
    return std::max(tolerance * current, array_.rounding());
  }
  // False at the limit of the numbers themselves: nothing smaller can be reached, and what is reached is small.
  bool step() {
    const Nodes change = correction(array_, slope_, excess_, 1e-9), before = at_;
    const double from = residual_;
    for (int halvings = 0; halvings < most_halvings; ++halvings) {
      at_ = before;
      at_.add(std::ldexp(1.0, -halvings), change);
      evaluate(at_);
      if (std::isfinite(residual_) && residual_ < from) return true;
    }
    at_ = before;
    evaluate(at_);
    if (residual_ > 100.0 * largest_error()) fail();
    return false;
  }
  [[noreturn]] void fail() const {
    const double n = static_cast<double>(std::max(G_.rows(), G_.cols()));
    const double kappa = std::max(lines_.row, lines_.col) * G_.maxCoeff() * n * n;
    throw core::Error(
        ErrorKind::convergence,
        {.rule = "no solution was found for the cells' curve; kappa = r G_max n^2 = " + core::number(kappa),
         .name = "residual",
         .value = core::number(residual_),
         .unit = "A",
         .allowed = "<= " + core::number(largest_error()),
         .remedy = "lower the voltages, or use a smoother curve"});
  }

  const Matrix& G_;
  const Lines& lines_;
  Array array_;
  const Curve& curve_;
  Nodes at_, excess_;
  Matrix I_, slope_;
  double residual_ = 0.0;
};

void check_segments(const Lines& lines) {
  for (const auto& [name, ohm] : {std::pair{"row", lines.row}, {"col", lines.col}})
    core::require(ohm > 0.0 && std::isfinite(1.0 / ohm) && std::isfinite(ohm), ErrorKind::value,
                  {.rule = "lines of nonlinear cells have a resistance in every segment",
                   .name = name,
                   .value = core::number(ohm),
                   .unit = "ohm",
                   .allowed = "> 0",
                   .remedy = "use a small one: 1e-3 ohm changes next to nothing"});
}

}  // namespace

PassiveSolution solve_passive(const Matrix& G, const Lines& lines, const VectorXd& V, const Curve& curve) {
  check(G, lines);
  check_voltages(G, V);
  check_segments(lines);
  return Newton(G, lines, V, curve).solve();
}

}  // namespace wordline::crossbar
