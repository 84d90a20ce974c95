#include "crossbar/reference_wires.hpp"

#include <Eigen/Cholesky>
#include <Eigen/SparseCholesky>
#include <cmath>
#include <numeric>
#include <vector>

namespace wordline::crossbar::reference {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

struct Resistor {
  Index a, b;
  double ohm;
};

// Numbers of nodes: word lines, bit lines, drivers, sense inputs.
struct Numbering {
  Index rows, cols;

  Index word(Index i, Index j) const { return i * cols + j; }
  Index bit(Index i, Index j) const { return rows * cols + i * cols + j; }
  Index driver(Index i) const { return 2 * rows * cols + i; }
  Index sense(Index j) const { return driver(rows) + j; }
  Index count() const { return sense(cols); }
};

std::vector<Resistor> resistors(const Matrix& G, const Lines& lines) {
  const Numbering at{.rows = G.rows(), .cols = G.cols()};
  std::vector<Resistor> all;
  for (Index i = 0; i < at.rows; ++i) all.push_back({at.driver(i), at.word(i, 0), lines.driver(i)});
  for (Index j = 0; j < at.cols; ++j) all.push_back({at.bit(at.rows - 1, j), at.sense(j), lines.sense(j)});
  for (Index i = 0; i < at.rows; ++i)
    for (Index j = 0; j < at.cols; ++j) {
      all.push_back({at.word(i, j), at.bit(i, j), 1.0 / G(i, j)});
      if (j + 1 < at.cols) all.push_back({at.word(i, j), at.word(i, j + 1), lines.row});
      if (i + 1 < at.rows) all.push_back({at.bit(i, j), at.bit(i + 1, j), lines.col});
    }
  return all;
}

// Sets of nodes that are connected; a set goes by the highest number in it, so by its terminal if it has one.
class Sets {
 public:
  explicit Sets(Index nodes) : parent_(static_cast<std::size_t>(nodes)) {
    std::iota(parent_.begin(), parent_.end(), Index{0});
  }
  Index find(Index node) {
    while (at(node) != node) node = at(node) = at(at(node));
    return node;
  }
  void unite(Index a, Index b) {
    a = find(a);
    b = find(b);
    at(std::min(a, b)) = std::max(a, b);
  }

 private:
  Index& at(Index node) { return parent_[static_cast<std::size_t>(node)]; }
  std::vector<Index> parent_;
};

}  // namespace

template <class Scalar>
struct Nodal<Scalar>::System {
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
  struct Edge {
    Index a, b;
    Scalar siemens;
  };

  Numbering at;
  std::vector<Index> node;     // which node each number stands for once 0 ohm is contracted
  std::vector<Index> unknown;  // its place in the system, or -1 where the potential is known
  std::vector<Edge> edges;
  Eigen::SimplicialLDLT<Eigen::SparseMatrix<Scalar>> factor;

  System(const Matrix& G, const Lines& lines) : at{.rows = G.rows(), .cols = G.cols()} {
    const std::vector<Resistor> all = resistors(G, lines);
    Sets joined(at.count());
    for (const Resistor& r : all)
      if (r.ohm == 0.0) joined.unite(r.a, r.b);
    for (Index k = 0; k < at.count(); ++k) node.push_back(joined.find(k));
    for (const Resistor& r : all)
      if (r.ohm > 0.0 && std::isfinite(r.ohm)) edges.push_back({joined.find(r.a), joined.find(r.b), 1 / Scalar(r.ohm)});
    number_unknowns();
    assemble();
  }

  void number_unknowns() {
    Sets connected(at.count());
    for (const Edge& e : edges) connected.unite(e.a, e.b);
    Index next = 0;
    for (Index k = 0; k < at.count(); ++k) {
      const bool own = node[static_cast<std::size_t>(k)] == k && k < at.driver(0);
      unknown.push_back(own && connected.find(k) >= at.driver(0) ? next++ : -1);
    }
  }

  Index place(Index k) const { return unknown[static_cast<std::size_t>(k)]; }

  void assemble() {
    std::vector<Eigen::Triplet<Scalar>> entries;
    const auto add = [&](Index r, Index c, Scalar value) {
      if (place(r) >= 0 && place(c) >= 0)
        entries.emplace_back(static_cast<int>(place(r)), static_cast<int>(place(c)), value);
    };
    for (const Edge& e : edges) {
      add(e.a, e.a, e.siemens);
      add(e.b, e.b, e.siemens);
      add(e.a, e.b, -e.siemens);
      add(e.b, e.a, -e.siemens);
    }
    const Index size = std::count_if(unknown.begin(), unknown.end(), [](Index k) { return k >= 0; });
    Eigen::SparseMatrix<Scalar> Y(size, size);
    Y.setFromTriplets(entries.begin(), entries.end());
    if (size > 0) factor.compute(Y);
  }

  // Potentials of all nodes; `fixed` holds those of the terminals.
  Vector potentials(const Vector& fixed) const {
    Vector v = fixed, injected = Vector::Zero(std::max<Index>(factor.rows(), 0));
    for (const Edge& e : edges) {
      if (place(e.a) >= 0 && place(e.b) < 0) injected(place(e.a)) += e.siemens * fixed(e.b);
      if (place(e.b) >= 0 && place(e.a) < 0) injected(place(e.b)) += e.siemens * fixed(e.a);
    }
    if (injected.size() > 0) injected = Vector(factor.solve(injected));
    for (Index k = 0; k < v.size(); ++k)
      if (place(k) >= 0) v(k) = injected(place(k));
    return v;
  }

  Vector terminals(const VectorXd& drive, const VectorXd& held) const {
    Vector fixed = Vector::Zero(at.count());
    fixed.segment(at.driver(0), at.rows) = drive.cast<Scalar>();
    fixed.segment(at.sense(0), at.cols) = held.cast<Scalar>();
    return fixed;
  }

  // Current out of every node into the array.
  Vector currents(const Vector& v) const {
    Vector out = Vector::Zero(v.size());
    for (const Edge& e : edges) {
      const Scalar current = e.siemens * (v(e.a) - v(e.b));
      out(e.a) += current;
      out(e.b) -= current;
    }
    return out;
  }
};

template <class Scalar>
Nodal<Scalar>::Nodal(const Matrix& G, const Lines& lines) : system_(std::make_unique<System>(G, lines)) {}
template <class Scalar>
Nodal<Scalar>::~Nodal() = default;
template <class Scalar>
Nodal<Scalar>::Nodal(Nodal&&) noexcept = default;
template <class Scalar>
Nodal<Scalar>& Nodal<Scalar>::operator=(Nodal&&) noexcept = default;

template <class Scalar>
Solution Nodal<Scalar>::solve(const VectorXd& drive, const VectorXd& held) const {
  const Numbering& at = system_->at;
  const auto v = system_->potentials(system_->terminals(drive, held));
  const VectorXd out = system_->currents(v).template cast<double>();
  Solution s{.word = Matrix(at.rows, at.cols), .bit = Matrix(at.rows, at.cols)};
  const auto potential = [&](Index k) { return static_cast<double>(v(system_->node[static_cast<std::size_t>(k)])); };
  for (Index i = 0; i < at.rows; ++i)
    for (Index j = 0; j < at.cols; ++j) {
      s.word(i, j) = potential(at.word(i, j));
      s.bit(i, j) = potential(at.bit(i, j));
    }
  s.driver = out.segment(at.driver(0), at.rows);
  s.sense = -out.segment(at.sense(0), at.cols);
  for (const auto& e : system_->edges) {
    const Scalar drop = v(e.a) - v(e.b);
    s.power += static_cast<double>(e.siemens * drop * drop);
  }
  return s;
}

// By reciprocity: the current that 1 V behind a sense input drives into a driver at 0 V.
template <class Scalar>
Matrix Nodal<Scalar>::effective() const {
  const Numbering& at = system_->at;
  const VectorXd rest = VectorXd::Zero(at.rows);
  Matrix effective(at.rows, at.cols);
  for (Index j = 0; j < at.cols; ++j) {
    const auto v = system_->potentials(system_->terminals(rest, VectorXd::Unit(at.cols, j)));
    effective.col(j) = -system_->currents(v).segment(at.driver(0), at.rows).template cast<double>();
  }
  return effective;
}

template class Nodal<double>;
template class Nodal<long double>;

namespace {

using Wide = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using WideVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

// Conductance matrix of one word line whose bit-line sides are held.
Wide word_line(const WideVector& g, long double segment, long double driver) {
  Wide T = g.asDiagonal();
  T(0, 0) += driver;
  for (Index j = 0; j + 1 < g.size(); ++j) {
    T(j, j) += segment;
    T(j + 1, j + 1) += segment;
    T(j, j + 1) = T(j + 1, j) = -segment;
  }
  return T;
}

}  // namespace

Matrix effective_row_by_row(const Matrix& G, const Lines& lines) {
  const Index m = G.rows(), n = G.cols();
  const long double gw = 1 / static_cast<long double>(lines.row), gb = 1 / static_cast<long double>(lines.col);
  Wide D_inverse, X = Wide::Zero(n, m);  // bit lines of the row above: inverse, volts per volt of each driver
  for (Index i = 0; i < m; ++i) {
    const long double gd = 1 / static_cast<long double>(lines.driver(i));
    const WideVector g = G.row(i).transpose().cast<long double>();
    const Wide Z = word_line(g, gw, gd).llt().solve(Wide::Identity(n, n));
    Wide D = Wide(g.asDiagonal()) - g.asDiagonal() * Z * g.asDiagonal();
    if (i + 1 < m) D.diagonal().array() += gb;
    if (i + 1 == m) D.diagonal() += lines.sense.cast<long double>().cwiseInverse();
    if (i > 0) D += gb * Wide::Identity(n, n) - gb * gb * D_inverse;
    X *= gb;
    X.col(i) = gd * (g.asDiagonal() * Z.col(0));
    D_inverse = D.llt().solve(Wide::Identity(n, n));
    X = (D_inverse * X).eval();
  }
  const WideVector gs = lines.sense.cast<long double>().cwiseInverse();
  return Wide(gs.asDiagonal() * X).transpose().cast<double>();
}

Matrix noise_transfer(const Matrix& G, const Lines& lines) {
  const Nodal<double> nodal(G, lines);
  const VectorXd rows = VectorXd::Zero(G.rows()), cols = VectorXd::Zero(G.cols());
  Matrix alpha(G.rows(), G.cols());
  for (Index i = 0; i < G.rows(); ++i) {
    const Solution s = nodal.solve(VectorXd::Unit(G.rows(), i), cols);
    alpha.row(i) = s.word.row(i) - s.bit.row(i);
  }
  for (Index j = 0; j < G.cols(); ++j) {
    const Solution s = nodal.solve(rows, VectorXd::Unit(G.cols(), j));
    alpha.col(j).array() *= (s.bit.col(j) - s.word.col(j)).array();
  }
  return alpha;
}

}  // namespace wordline::crossbar::reference
