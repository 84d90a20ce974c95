#include <cmath>

#include "crossbar/wires.hpp"

namespace wordline::crossbar {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// One line with a terminal at its first cell and the far sides of its cells held, seen from each cell in turn while
// that cell is taken out.
struct Seen {
  VectorXd share;  // of a volt behind the terminal
  VectorXd ohm;    // to the terminal, at 0 V, and through the other cells
};

// Conductance of everything beyond each cell.
VectorXd beyond(const VectorXd& g, double segment) {
  VectorXd far = VectorXd::Zero(g.size());
  for (Index k = g.size() - 2; k >= 0; --k) {
    const double next = g(k + 1) + far(k + 1);
    far(k) = next > 0.0 ? 1.0 / (segment + 1.0 / next) : 0.0;
  }
  return far;
}

Seen along(const VectorXd& g, double segment, double terminal) {
  const VectorXd far = beyond(g, segment);
  Seen seen{.share = VectorXd::Zero(g.size()), .ohm = VectorXd::Zero(g.size())};
  double open = 1.0, near = terminal;  // voltage and resistance of what lies before the cell
  for (Index k = 0; k < g.size() && std::isfinite(near); ++k) {
    seen.share(k) = open / (1.0 + near * far(k));
    seen.ohm(k) = near / (1.0 + near * far(k));
    open /= 1.0 + near * g(k);
    near = segment + near / (1.0 + near * g(k));
  }
  return seen;
}

}  // namespace

Matrix noise_transfer(const Matrix& G, const Lines& lines) {
  check(G, lines);
  Matrix share(G.rows(), G.cols()), ohm(G.rows(), G.cols());
  for (Index i = 0; i < G.rows(); ++i) {
    const Seen word = along(G.row(i).transpose(), lines.row, lines.driver(i));
    share.row(i) = word.share.transpose();
    ohm.row(i) = word.ohm.transpose();
  }
  for (Index j = 0; j < G.cols(); ++j) {
    const Seen bit = along(G.col(j).reverse(), lines.col, lines.sense(j));
    share.col(j).array() *= bit.share.reverse().array();
    ohm.col(j) += bit.ohm.reverse();
  }
  return share.array() / (1.0 + G.array() * ohm.array()).square();
}

}  // namespace wordline::crossbar
