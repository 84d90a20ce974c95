#include "crossbar/kron_cells.hpp"

#include <array>

namespace wordline::crossbar {
namespace {

using Eigen::Index;

// Sizes are known to the compiler here: leaves are most of the blocks, and too small for matrix products.
template <int Rows, int Cols>
constexpr int port_count = 2 * (Rows + Cols);

template <int Size>
using Network = Eigen::Matrix<double, Size, Size>;

template <int Rows, int Cols>
constexpr int length(std::size_t side) {
  return side == left || side == right ? Rows : Cols;
}

// Where a child's ports go among the nodes of a union: joined ones first, then the union's ports.
template <int Rows, int Cols, int URows, int UCols>
constexpr auto places(Side joined_side, bool is_second) {
  std::array<int, std::size_t{port_count<Rows, Cols>}> place{};
  int start = length<Rows, Cols>(joined_side);
  std::size_t port = 0;
  for (const std::size_t side : {left, top, right, bottom}) {
    const int own = length<Rows, Cols>(side), all = length<URows, UCols>(side);
    const int from = is_second ? start + all - own : start;
    for (int k = 0; k < own; ++k) place[port++] = side == joined_side ? k : from + k;
    start += all;
  }
  return place;
}

template <int Size, int Ports, std::size_t Count>
void add(Network<Size>& all, const Network<Ports>& child, const std::array<int, Count>& place) {
  for (std::size_t c = 0; c < Count; ++c)
    for (std::size_t r = 0; r < Count; ++r)
      all(place[r], place[c]) += child(static_cast<Index>(r), static_cast<Index>(c));
}

template <int Joined, int Size>
Network<Size - Joined> eliminate_first(Network<Size>& all) {
  for (int k = 0; k < Joined; ++k) {
    const int rest = Size - k - 1;
    const double pivot = all.col(k).tail(rest).sum();
    if (pivot <= 0.0) continue;
    for (int c = k + 1; c < Size; ++c) all.col(c).tail(rest) += all.col(k).tail(rest) * (all(c, k) / pivot);
  }
  return all.template bottomRightCorner<Size - Joined, Size - Joined>();
}

template <int Rows, int Cols>
Network<port_count<Rows, Cols>> cells_of(const Grid& grid, Index i, Index j);

template <>
Network<4> cells_of<1, 1>(const Grid& grid, Index i, Index j) {
  Network<4> one = Network<4>::Zero();
  one(left, bottom) = one(bottom, left) = grid.G(i, j);
  one(left, right) = one(right, left) = j + 1 < grid.G.cols() ? grid.row : 0.0;
  one(top, bottom) = one(bottom, top) = i > 0 ? grid.col : 0.0;
  return one;
}

template <int Rows, int Cols>
Network<port_count<Rows, Cols>> beside(const Grid& grid, Index i, Index j) {
  constexpr int half = Cols / 2, rest = Cols - half, size = port_count<Rows, Cols> + Rows;
  static constexpr auto first = places<Rows, half, Rows, Cols>(right, false);
  static constexpr auto second = places<Rows, rest, Rows, Cols>(left, true);
  Network<size> all = Network<size>::Zero();
  add(all, cells_of<Rows, half>(grid, i, j), first);
  add(all, cells_of<Rows, rest>(grid, i, j + half), second);
  return eliminate_first<Rows, size>(all);
}

template <int Rows, int Cols>
Network<port_count<Rows, Cols>> above(const Grid& grid, Index i, Index j) {
  constexpr int half = Rows / 2, rest = Rows - half, size = port_count<Rows, Cols> + Cols;
  static constexpr auto first = places<half, Cols, Rows, Cols>(bottom, false);
  static constexpr auto second = places<rest, Cols, Rows, Cols>(top, true);
  Network<size> all = Network<size>::Zero();
  add(all, cells_of<half, Cols>(grid, i, j), first);
  add(all, cells_of<rest, Cols>(grid, i + half, j), second);
  return eliminate_first<Cols, size>(all);
}

template <int Rows, int Cols>
Network<port_count<Rows, Cols>> cells_of(const Grid& grid, Index i, Index j) {
  if constexpr (Cols >= Rows) {
    return beside<Rows, Cols>(grid, i, j);
  } else {
    return above<Rows, Cols>(grid, i, j);
  }
}

using Leaf = Eigen::MatrixXd (*)(const Grid&, Index, Index);

template <int Rows, int Cols>
Eigen::MatrixXd leaf(const Grid& grid, Index i, Index j) {
  return cells_of<Rows, Cols>(grid, i, j);
}

template <int Rows>
constexpr std::array<Leaf, leaf_side> leaves() {
  return {leaf<Rows, 1>, leaf<Rows, 2>, leaf<Rows, 3>, leaf<Rows, 4>};
}

}  // namespace

Eigen::MatrixXd cells(const Grid& grid, Index i, Index j, Index rows, Index cols) {
  static constexpr std::array<std::array<Leaf, leaf_side>, leaf_side> all = {leaves<1>(), leaves<2>(), leaves<3>(),
                                                                             leaves<4>()};
  return all[static_cast<std::size_t>(rows - 1)][static_cast<std::size_t>(cols - 1)](grid, i, j);
}

}  // namespace wordline::crossbar
