#include "crossbar/passive.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "crossbar/rail.hpp"

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::Index;
using Eigen::VectorXd;
using Drives = Eigen::Array<double, 1, drives_at_once>;
using Chosen = Eigen::Array<bool, 1, drives_at_once>;

constexpr int most_steps = 60, most_halvings = 40, stages = 16;

// Numbers of all nodes.
struct Nodes {
  Field word, bit;

  static Nodes zero(Index cells) { return {Field::Zero(cells, drives_at_once), Field::Zero(cells, drives_at_once)}; }
  Drives dot(const Nodes& other) const {
    return (word * other.word).colwise().sum() + (bit * other.bit).colwise().sum();
  }
  void add(const Drives& factor, const Nodes& other) {
    word += other.word.rowwise() * factor;
    bit += other.bit.rowwise() * factor;
  }
  Drives largest() const { return word.abs().colwise().maxCoeff().max(bit.abs().colwise().maxCoeff()); }
};

// Voltages behind the terminals of up to drives_at_once drives, [line][drive].
struct Sources {
  Field drive, held;
};

class Array {
 public:
  Array(const Matrix& G, const Lines& lines, const Curve& curve)
      : G_(G),
        lines_(lines),
        curve_(curve),
        words_(word_lines(G.rows(), G.cols()), lines.row, lines.driver),
        bits_(bit_lines(G.rows(), G.cols()), lines.col, lines.sense) {}

  Index rows() const { return G_.rows(); }
  Index cols() const { return G_.cols(); }
  // r G_max n^2: how bad the lines are.
  double kappa() const {
    const auto n = static_cast<double>(std::max(rows(), cols()));
    return std::max(lines_.row, lines_.col) * G_.maxCoeff() * n * n;
  }
  void follow(const Field& V, Field& I, Field& slope) const { curve_(G_, V, I, slope); }

  struct Factor {
    Field word, bit;
  };

  Nodes start(const Sources& sources) const {
    Nodes out = Nodes::zero(G_.size());
    words_.start(sources.drive, out.word);
    bits_.start(sources.held, out.bit);
    return out;
  }
  // Current out of every node, with the cells' currents I.
  Nodes excess(const Nodes& at, const Field& I, const Sources& sources) const {
    Nodes out = leaving(at, I);
    words_.take_sources(sources.drive, out.word);
    bits_.take_sources(sources.held, out.bit);
    return projected(std::move(out));
  }
  // The same for a change of voltages and cells of conductance `slope`.
  Nodes apply(const Nodes& change, const Field& slope) const {
    return projected(leaving(change, slope * (change.word - change.bit)));
  }
  Factor factor(const Field& slope) const {
    Factor out{Field::Zero(G_.size(), drives_at_once), Field::Zero(G_.size(), drives_at_once)};
    words_.factor(slope, out.word);
    bits_.factor(slope, out.bit);
    return out;
  }
  void precondition(const Factor& factor, const Nodes& r, Nodes& z) const {
    words_.solve(factor.word, r.word, z.word);
    bits_.solve(factor.bit, r.bit, z.bit);
  }
  // A that rounding alone leaves at a node: conductances of segments and terminals times the last bit of a voltage.
  Drives rounding(const Sources& s) const {
    const Drives volts = s.drive.abs().colwise().maxCoeff().max(s.held.abs().colwise().maxCoeff());
    return 8.0 * std::numeric_limits<double>::epsilon() * (words_.largest() + bits_.largest()) * volts;
  }

 private:
  Nodes leaving(const Nodes& at, const Field& I) const {
    Nodes out{I, -I};
    words_.add_leaving(at.word, out.word);
    bits_.add_leaving(at.bit, out.bit);
    return out;
  }
  Nodes projected(Nodes x) const {
    words_.project(x.word);
    bits_.project(x.bit);
    return x;
  }

  const Matrix& G_;
  const Lines& lines_;
  const Curve& curve_;
  Rail words_, bits_;
};

// Conjugate gradients for apply(x) = -r, down to `relative` of r; drives that are not chosen get 0.
Nodes correction(const Array& array, const Field& slope, Nodes r, double relative, const Chosen& chosen) {
  const Array::Factor factor = array.factor(slope);
  Nodes x = Nodes::zero(slope.rows()), z = x;
  const Drives goal = relative * relative * r.dot(r);
  array.precondition(factor, r, z);
  Nodes p = z;
  Drives rz = r.dot(z);
  const Index most = 20 * (array.rows() + array.cols());
  for (Index k = 0; k < most; ++k) {
    const Chosen on = chosen && r.dot(r) > goal && rz > 0.0;
    if (!on.any()) break;
    const Nodes Ap = array.apply(p, slope);
    const Drives curvature = p.dot(Ap);
    const Drives alpha = (on && curvature > 0.0).select(rz / curvature, 0.0);
    x.add(-alpha, p);
    r.add(-alpha, Ap);
    array.precondition(factor, r, z);
    const Drives next = r.dot(z), beta = on.select(next / rz, 0.0);
    p.word = z.word + p.word.rowwise() * beta;
    p.bit = z.bit + p.bit.rowwise() * beta;
    rz = on.select(next, rz);
  }
  return x;
}

// Drives of one array on their way to a solution. `tolerance` is of the largest terminal current, for the error of
// Kirchhoff's law at every node.
class Newton {
 public:
  Newton(const Array& array, Sources sources, double tolerance)
      : array_(array), full_(std::move(sources)), now_(full_), tolerance_(tolerance) {}

  void solve() {
    begin();
    run();
    if (!failed_.any()) return;
    // From 0 V up, those that led nowhere; the others stay where they are.
    const Chosen again = failed_;
    for (int k = 1; k <= stages; ++k) {
      scale(again.select(static_cast<double>(k) / stages, Drives::Ones()));
      if (k == 1) restart(again);
      failed_.setConstant(false);
      evaluate(at_);
      run();
      if (failed_.any()) fail();
    }
  }

  const Nodes& at() const { return at_; }
  const Field& I() const { return I_; }
  int steps() const { return steps_; }

 private:
  void begin() {
    at_ = array_.start(now_);
    linear(Chosen::Constant(true));
    evaluate(at_);
  }
  void scale(const Drives& part) {
    now_.drive = full_.drive.rowwise() * part;
    now_.held = full_.held.rowwise() * part;
  }
  void restart(const Chosen& which) {
    const Nodes fresh = array_.start(now_);
    for (int lane = 0; lane < drives_at_once; ++lane)
      if (which(lane)) {
        at_.word.col(lane) = fresh.word.col(lane);
        at_.bit.col(lane) = fresh.bit.col(lane);
      }
    linear(which);
  }
  // To the solution of linear cells with the curve's slopes at 0 V.
  void linear(const Chosen& which) {
    Field slope, none = Field::Zero(at_.word.rows(), drives_at_once);
    array_.follow(none, none, slope);
    const Field I = slope * (at_.word - at_.bit);
    at_.add(Drives::Ones(), correction(array_, slope, array_.excess(at_, I, now_), 1e-2, which));
  }
  void run() {
    Chosen done = Chosen::Constant(false);
    for (int k = 0;; ++k) {
      const Chosen on = !done && !failed_ && !(residual_ <= largest_error());
      if (!on.any()) return;
      if (k == most_steps) {
        failed_ = failed_ || on;
        return;
      }
      done = done || step(on);
      steps_ = std::max(steps_, k + 1);
    }
  }
  // Fills the cells' currents and slopes and the residual at some voltages.
  void evaluate(const Nodes& at) {
    array_.follow(at.word - at.bit, I_, slope_);
    excess_ = array_.excess(at, I_, now_);
    residual_ = excess_.largest();
  }
  Drives largest_error() const {
    Drives most = Drives::Zero();
    const Index rows = array_.rows(), cols = array_.cols();
    for (Index i = 0; i < rows; ++i) most = most.max(I_.middleRows(i * cols, cols).colwise().sum().abs());
    Field columns = Field::Zero(cols, drives_at_once);
    for (Index i = 0; i < rows; ++i) columns += I_.middleRows(i * cols, cols);
    most = most.max(columns.abs().colwise().maxCoeff());
    return (tolerance_ * most).max(array_.rounding(now_));
  }
  // One step of the drives that are on. Those that cannot come nearer are done if what is left is small: the limit of
  // the numbers themselves; else they have failed.
  Chosen step(const Chosen& on) {
    const Nodes change = correction(array_, slope_, excess_, 1e-3, on), before = at_;
    const Drives from = residual_;
    Drives factor = on.select(Drives::Ones(), 0.0);
    Chosen worse = on;
    for (int k = 0; k < most_halvings && worse.any(); ++k) {
      at_ = before;
      at_.add(factor, change);
      evaluate(at_);
      worse = on && !(residual_ < from);
      factor = worse.select(0.5 * factor, factor);
    }
    if (!worse.any()) return worse;
    at_ = before;
    at_.add(worse.select(0.0, factor), change);
    evaluate(at_);
    failed_ = failed_ || (worse && !(residual_ <= 100.0 * largest_error()));
    return worse;
  }
  [[noreturn]] void fail() const {
    int lane = 0;
    failed_.cast<int>().maxCoeff(&lane);
    throw core::Error(
        ErrorKind::convergence,
        {.rule = "no solution was found for the cells' curve; kappa = r G_max n^2 = " + core::number(array_.kappa()),
         .name = "residual",
         .value = core::number(residual_(lane)),
         .unit = "A",
         .allowed = "<= " + core::number(largest_error()(lane)),
         .remedy = "lower the voltages, or use a smoother curve"});
  }

  const Array& array_;
  Sources full_, now_;
  double tolerance_;
  Nodes at_, excess_;
  Field I_, slope_;
  Drives residual_ = Drives::Zero();
  Chosen failed_ = Chosen::Constant(false);
  int steps_ = 0;
};

// One drive of a Field as an array.
Matrix one(const Field& field, Index lane, Index rows, Index cols) {
  Matrix out(rows, cols);
  for (Index k = 0; k < field.rows(); ++k) out.data()[k] = field(k, lane);
  return out;
}

class PassiveArray final : public ArraySolver {
 public:
  PassiveArray(Matrix G, Lines lines, Curve curve)
      : G_(std::move(G)), lines_(std::move(lines)), curve_(std::move(curve)) {
    check(G_, lines_);
  }

  DrivenArray solve(const Matrix& V) const override {
    DrivenArray out{.columns = Matrix(V.rows(), G_.cols()), .power = VectorXd(V.rows())};
    for (Index first = 0; first < V.rows(); first += drives_at_once)
      solve_some(V, first, std::min<Index>(drives_at_once, V.rows() - first), out);
    return out;
  }

 private:
  void solve_some(const Matrix& V, Index first, Index count, DrivenArray& out) const {
    const Array array(G_, lines_, curve_);
    Sources sources{Field::Zero(G_.rows(), drives_at_once), Field::Zero(G_.cols(), drives_at_once)};
    sources.drive.leftCols(count) = V.middleRows(first, count).transpose();
    Newton newton(array, sources, 1e-9);
    newton.solve();
    for (Index lane = 0; lane < count; ++lane) {
      const Matrix I = one(newton.I(), lane, G_.rows(), G_.cols());
      out.columns.row(first + lane) = I.colwise().sum();
      out.power(first + lane) = V.row(first + lane).dot(I.rowwise().sum());
    }
  }

  Matrix G_;
  Lines lines_;
  Curve curve_;
};

}  // namespace

PassiveSolution solve_passive(const Matrix& G, const Lines& lines, const VectorXd& V, const Curve& curve,
                              const VectorXd& held) {
  check(G, lines);
  check_voltages(V, G.rows(), "V");
  if (held.size() != 0) check_voltages(held, G.cols(), "held");
  const Array array(G, lines, curve);
  Sources sources{Field::Zero(G.rows(), drives_at_once), Field::Zero(G.cols(), drives_at_once)};
  sources.drive.col(0) = V;
  if (held.size() != 0) sources.held.col(0) = held;
  Newton newton(array, sources, 1e-13);
  newton.solve();
  const Matrix I = one(newton.I(), 0, G.rows(), G.cols());
  // By Kirchhoff's law; differences of voltages along a line would lose digits where it has next to no resistance.
  return {one(newton.at().word, 0, G.rows(), G.cols()),
          one(newton.at().bit, 0, G.rows(), G.cols()),
          I,
          I.rowwise().sum(),
          I.colwise().sum().transpose(),
          newton.steps()};
}

std::unique_ptr<const ArraySolver> passive_solver(Matrix G, Lines lines, Curve curve) {
  return std::make_unique<const PassiveArray>(std::move(G), std::move(lines), std::move(curve));
}

}  // namespace wordline::crossbar
