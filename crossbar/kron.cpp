#include "crossbar/kron.hpp"

#include <array>

#include "crossbar/eliminate.hpp"

namespace wordline::crossbar {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr std::array sides{left, top, right, bottom};

// A part of the array seen from its ports, which stand in the order of the sides.
struct Block {
  std::array<Index, 4> size;
  MatrixXd conductance;  // lower triangle

  Index start(Side side) const {
    Index at = 0;
    for (const Side before : sides)
      if (before < side) at += size[before];
    return at;
  }
  // Conductances between two sides, a >= b.
  auto between(Side a, Side b) const { return conductance.block(start(a), start(b), size[a], size[b]); }
};

// One of two blocks that become one, the side they share, and where its other sides start in the union.
struct Part {
  const Block& block;
  Side shared;
  std::array<Index, 4> start{};
};

void copy_ports(const Part& part, MatrixXd& ports) {
  for (const Side a : sides)
    for (const Side b : sides)
      if (b <= a && a != part.shared && b != part.shared)
        ports.block(part.start[a], part.start[b], part.block.size[a], part.block.size[b]) = part.block.between(a, b);
}

void copy_couplings(const Part& part, MatrixXd& couplings) {
  for (const Side side : sides) {
    auto to = couplings.middleCols(part.start[side], part.block.size[side]);
    if (side < part.shared) to = part.block.between(part.shared, side);
    if (side > part.shared) to = part.block.between(side, part.shared).transpose();
  }
}

// Sides of the union: what the first block has there, then what the second has.
std::array<Index, 4> lay_out(Part& first, Part& second) {
  std::array<Index, 4> size{};
  Index at = 0;
  for (const Side side : sides) {
    const Index own = side == first.shared ? 0 : first.block.size[side];
    first.start[side] = at;
    second.start[side] = at + own;
    size[side] = own + (side == second.shared ? 0 : second.block.size[side]);
    at += size[side];
  }
  return size;
}

Block join(Part first, Part second) {
  Block both{.size = lay_out(first, second), .conductance = {}};
  const Index ports = both.start(bottom) + both.size[bottom];
  both.conductance.setZero(ports, ports);
  MatrixXd couplings(first.block.size[first.shared], ports);
  for (const Part* part : {&first, &second}) {
    copy_ports(*part, both.conductance);
    copy_couplings(*part, couplings);
  }
  MatrixXd nodes = first.block.between(first.shared, first.shared) + second.block.between(second.shared, second.shared);
  eliminate(nodes, couplings, both.conductance);
  return both;
}

// Ports beyond the array are left out: nothing would ever be connected to them.
Block leaf(const Grid& grid, Index i, Index j, Index rows, Index cols) {
  const bool has_top = i > 0, has_right = j + cols < grid.G.cols();
  const Block all{.size = {rows, cols, rows, cols}, .conductance = cells(grid, i, j, rows, cols)};
  Block block{.size = {rows, has_top ? cols : 0, has_right ? rows : 0, cols}, .conductance = {}};
  const Index ports = block.start(bottom) + cols;
  block.conductance.resize(ports, ports);
  for (const Side a : sides)
    for (const Side b : sides)
      block.conductance.block(block.start(a), block.start(b), block.size[a], block.size[b]) =
          all.between(a, b).topLeftCorner(block.size[a], block.size[b]);
  return block;
}

// About half, in whole leaves.
Index half(Index cells) { return (cells + 2 * leaf_side - 1) / (2 * leaf_side) * leaf_side; }

Block reduce_block(const Grid& grid, Index i, Index j, Index rows, Index cols) {
  if (rows <= leaf_side && cols <= leaf_side) return leaf(grid, i, j, rows, cols);
  if (cols >= rows) {
    const Block west = reduce_block(grid, i, j, rows, half(cols));
    const Block east = reduce_block(grid, i, j + half(cols), rows, cols - half(cols));
    return join({west, right}, {east, left});
  }
  const Block north = reduce_block(grid, i, j, half(rows), cols);
  const Block south = reduce_block(grid, i + half(rows), j, rows - half(rows), cols);
  return join({north, bottom}, {south, top});
}

}  // namespace

MatrixXd kron_reduction(const Grid& grid) { return reduce_block(grid, 0, 0, grid.G.rows(), grid.G.cols()).conductance; }

}  // namespace wordline::crossbar
