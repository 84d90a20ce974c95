#pragma once

#include "crossbar/kron_cells.hpp"

namespace wordline::crossbar {

/// Conductances between the ends of an array's lines, by hierarchical Kron reduction: the array is halved until cells
/// are left, and each block keeps only the conductances between its ports. O(n^3) for n x n cells.
///
/// Returns (rows + cols) x (rows + cols), lower triangle: first the word lines at their first cells, then the bit lines
/// at their last ones.
Eigen::MatrixXd kron_reduction(const Grid& grid);

}  // namespace wordline::crossbar
