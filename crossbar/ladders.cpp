#include "crossbar/ladders.hpp"

namespace wordline::crossbar {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Lines that share no node except through the lines that cross them: node k of every ladder is tied to crossing line k,
// and the last node is the ladder's end.
struct Ladders {
  MatrixXd between_ties;  // S, upper triangle
  MatrixXd to_end;        // S, [tie][ladder]
};

double behind(double ohm, double conductance) { return conductance > 0.0 ? 1.0 / (ohm + 1.0 / conductance) : 0.0; }

// Conductance from each node but the last to the held end, not counting the node's own tie.
VectorXd towards_end(const VectorXd& ties, double ohm) {
  VectorXd g(ties.size() - 1);
  for (Index k = g.size() - 1; k >= 0; --k) g(k) = k + 1 == g.size() ? 1.0 / ohm : behind(ohm, ties(k + 1) + g(k + 1));
  return g;
}

void add_ladder(const VectorXd& ties, double ohm, Index ladder, Ladders& all) {
  const Index last = ties.size() - 1;
  const VectorXd onward = towards_end(ties, ohm);
  VectorXd seen = ties;  // what each tie so far looks like from the node that is reached
  double back = 0.0;     // conductance from that node to all of them
  for (Index k = 0; k < last; ++k) {
    const double sum = ties(k) + back + onward(k);
    if (sum > 0.0) all.between_ties.col(k).head(k) += (ties(k) / sum) * seen.head(k);
    const double pulled = ties(k) + back;
    const double share = pulled > 0.0 ? behind(ohm, pulled) / pulled : 0.0;
    seen.head(k + 1) *= share;
    back = behind(ohm, pulled);
  }
  all.to_end.col(ladder) = seen;
}

Ladders ladders(const MatrixXd& ties, double ohm) {
  Ladders all{.between_ties = MatrixXd::Zero(ties.rows(), ties.rows()), .to_end = MatrixXd(ties.rows(), ties.cols())};
  for (Index ladder = 0; ladder < ties.cols(); ++ladder) add_ladder(ties.col(ladder), ohm, ladder, all);
  return all;
}

}  // namespace

MatrixXd contracted_lines(const Matrix& G, double row, double col) {
  const Index m = G.rows(), n = G.cols();
  MatrixXd ends = MatrixXd::Zero(m + n, m + n);
  if (col > 0.0) {
    const Ladders bit_lines = ladders(G, col);
    ends.topLeftCorner(m, m) = bit_lines.between_ties.transpose();
    ends.bottomLeftCorner(n, m) = bit_lines.to_end.transpose();
  } else if (row > 0.0) {
    const Ladders word_lines = ladders(G.transpose().colwise().reverse(), row);
    ends.bottomRightCorner(n, n) = word_lines.between_ties.reverse();
    ends.bottomLeftCorner(n, m) = word_lines.to_end.colwise().reverse();
  } else {
    ends.bottomLeftCorner(n, m) = G.transpose();
  }
  return ends;
}

}  // namespace wordline::crossbar
