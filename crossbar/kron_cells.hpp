#pragma once

#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// An array whose lines have resistance, as the reduction reads it.
struct Grid {
  const Matrix& G;  ///< S
  double row;       ///< S per word-line segment; 0 = open
  double col;       ///< S per bit-line segment; 0 = open
};

/// Order of a block's ports. Ports are nodes: left, the word lines at the first column; top, the bit lines one row
/// above; right, the word lines one column on; bottom, the bit lines at the last row. So blocks that touch share nodes.
enum Side : std::size_t { left, top, right, bottom };

/// Side of one leaf of the reduction: at most so many cells each way (8 costs about twice the arithmetic).
constexpr Eigen::Index leaf_side = 4;

/// Conductances between the ports of the `rows` x `cols` cells from (i, j) on; at most leaf_side each way. Ports beyond
/// the array are there and connected to nothing.
Eigen::MatrixXd cells(const Grid& grid, Eigen::Index i, Eigen::Index j, Eigen::Index rows, Eigen::Index cols);

}  // namespace wordline::crossbar
