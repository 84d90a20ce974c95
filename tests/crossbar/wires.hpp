#pragma once

#include <limits>
#include <random>

#include "crossbar/wires.hpp"

/// Arrays with line resistance that tests share.
namespace wordline::test {

using crossbar::Lines;
using crossbar::Matrix;
using Eigen::Index;
using Eigen::VectorXd;

inline constexpr double open = std::numeric_limits<double>::infinity();
inline constexpr double g_max = 1e-4;  // S

/// Cells from 1 to 100 uS, one in ten missing.
inline Matrix random_cells(Index rows, Index cols, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Matrix G(rows, cols);
  for (double& g : G.reshaped()) g = unit(random) < 0.1 ? 0.0 : g_max * (0.01 + 0.99 * unit(random));
  return G;
}

inline VectorXd random_volts(Index rows, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> volts(0.0, 0.2);
  VectorXd V(rows);
  for (double& v : V) v = volts(random);
  return V;
}

inline Lines alike(const Matrix& G, double row, double col, double driver, double sense) {
  return {.row = row,
          .col = col,
          .driver = VectorXd::Constant(G.rows(), driver),
          .sense = VectorXd::Constant(G.cols(), sense)};
}

/// Largest difference over the largest entry.
inline double difference(const Matrix& a, const Matrix& b) {
  return (a - b).cwiseAbs().maxCoeff() / b.cwiseAbs().maxCoeff();
}

}  // namespace wordline::test
