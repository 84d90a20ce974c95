#include "crossbar/eliminate.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {
namespace {

using Eigen::Index;

constexpr Index panel = 32;  // wide enough for matrix products, narrow enough for the cache; 16 to 64 measure alike

// Conductances of `column` become its column of the factor L: the pivot's root, and below it numbers <= 0. `to_ports`
// is one more row of L: the conductance to all ports together.
void divide_by_pivot(Eigen::MatrixXd& L, Eigen::VectorXd& to_ports, Index column) {
  auto below = L.col(column).tail(L.rows() - column - 1);
  const double pivot = below.sum() + to_ports(column);
  const double root = pivot > 0.0 ? std::sqrt(pivot) : 1.0;
  L(column, column) = root;
  below /= -root;
  to_ports(column) /= -root;
}

void factor_panel(Eigen::MatrixXd& L, Eigen::VectorXd& to_ports, Index first, Index width) {
  for (Index column = first; column < first + width; ++column) {
    const Index done = column - first, below = L.rows() - column - 1;
    const Eigen::VectorXd row = L.row(column).segment(first, done).transpose();
    L.col(column).tail(below).noalias() += L.block(column + 1, first, below, done) * row;
    to_ports(column) += row.dot(to_ports.segment(first, done));
    divide_by_pivot(L, to_ports, column);
  }
}

// Cholesky factor of the nodes' conductance matrix, in place of their conductances.
void factor(Eigen::MatrixXd& L, Eigen::VectorXd to_ports) {
  for (Index first = 0; first < L.rows(); first += panel) {
    const Index width = std::min(panel, L.rows() - first);
    factor_panel(L, to_ports, first, width);
    const Index rest = L.rows() - first - width;
    if (rest == 0) return;
    const auto done = L.bottomRows(rest).middleCols(first, width);
    to_ports.tail(rest).noalias() += done * to_ports.segment(first, width);
    L.bottomRightCorner(rest, rest).selfadjointView<Eigen::Lower>().rankUpdate(done);
  }
}

}  // namespace

void eliminate(Eigen::MatrixXd& nodes, Eigen::MatrixXd& couplings, Eigen::MatrixXd& ports) {
  if (nodes.rows() == 0) return;
  factor(nodes, couplings.rowwise().sum());
  nodes.triangularView<Eigen::Lower>().solveInPlace(couplings);
  ports.selfadjointView<Eigen::Lower>().rankUpdate(couplings.transpose());
}

}  // namespace wordline::crossbar
