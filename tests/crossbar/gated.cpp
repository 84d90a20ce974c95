// Gated arrays against nodal analysis of their two rails.
#include "crossbar/gated.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/wires.hpp"

using namespace wordline;
using namespace wordline::crossbar;
using test::Index;

namespace {

using Scalar = long double;
using System = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

// Current of one column: nodes are the source line's cells, then the bit line's, then driver and ground.
class Column {
 public:
  explicit Column(Index rows) : rows_(rows), Y_(System::Zero(2 * rows + 2, 2 * rows + 2)) {}

  Index source(Index row) const { return row; }
  Index bit(Index row) const { return rows_ + row; }
  Index driver() const { return 2 * rows_; }
  Index ground() const { return 2 * rows_ + 1; }
  void connect(Index a, Index b, Scalar g) {
    Y_(a, a) += g, Y_(b, b) += g;
    Y_(a, b) -= g, Y_(b, a) -= g;
  }
  Scalar current(Scalar v) const {
    const Index n = 2 * rows_;
    const System V = -Y_.topLeftCorner(n, n).fullPivLu().solve(Y_.col(driver()).head(n) * v);
    return -(Y_.row(ground()).head(n) * V)(0, 0);
  }

 private:
  Index rows_;
  System Y_;
};

// 0 ohm becomes 1e-9 ohm, which is nothing beside cells of 10 kohm.
Scalar siemens(double ohm) { return 1.0L / std::max<Scalar>(ohm, 1e-9L); }

Matrix nodal(const Matrix& G, const GatedLines& lines, const Gates& open, double v) {
  Matrix I(open.rows(), G.cols());
  for (Index vector = 0; vector < open.rows(); ++vector)
    for (Index j = 0; j < G.cols(); ++j) {
      Column column(G.rows());
      const Index last = G.rows() - 1;
      for (Index i = 0; i <= last; ++i) {
        const double off = G(i, j) > 0.0 ? lines.off : 0.0;
        column.connect(column.source(i), column.bit(i), open(vector, i) ? G(i, j) : off);
        if (i == 0) continue;
        column.connect(column.source(i - 1), column.source(i), siemens(lines.source));
        column.connect(column.bit(i - 1), column.bit(i), siemens(lines.col));
      }
      const Index fed = lines.end == SourceEnd::same ? last : 0;
      column.connect(column.driver(), column.source(fed), siemens(lines.driver));
      column.connect(column.bit(last), column.ground(), siemens(lines.sense));
      I(vector, j) = static_cast<double>(column.current(v));
    }
  return I;
}

Gates gates(Index vectors, Index rows, std::uint32_t seed) {
  std::mt19937 random(seed);
  Gates open(vectors, rows);
  for (bool& o : open.reshaped()) o = random() % 2 == 0;
  return open;
}

}  // namespace

TEST_CASE("gated arrays carry the currents of nodal analysis, fed from either end") {
  for (const auto& [rows, cols] : {std::pair<Index, Index>{1, 3}, {2, 2}, {7, 4}, {24, 5}})
    for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
      for (const auto& [source, col, driver, sense] : {std::array{2.0, 3.0, 50.0, 20.0},
                                                       {200.0, 100.0, 1.0, 1.0},
                                                       {1e-2, 1e-2, 1e-2, 1e-2},
                                                       {5.0, 5.0, 30.0, 0.0}})
        for (const double off : {0.0, 1e-8}) {
          const Matrix G = test::random_cells(rows, cols, 3);
          const Gates open = gates(6, rows, 4);
          const GatedLines lines{source, col, driver, sense, end, off};
          const Matrix expected = nodal(G, lines, open, 0.2);
          if (expected.cwiseAbs().maxCoeff() == 0.0) continue;
          INFO(rows << " x " << cols << ", " << source << " " << col << " " << driver << " " << sense << " " << off);
          CHECK(test::difference(gated_currents(G, lines, open, 0.2), expected) < (sense > 0.0 ? 1e-11 : 1e-10));
        }
}

TEST_CASE("gated lines of 0 ohm are one node") {
  const Matrix G = test::random_cells(9, 4, 3);
  const Gates open = gates(5, 9, 4);
  for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite}) {
    for (const auto& [source, col, driver, sense] :
         {std::array{0.0, 3.0, 5.0, 2.0}, {3.0, 0.0, 5.0, 2.0}, {3.0, 4.0, 0.0, 2.0}, {0.0, 4.0, 0.0, 0.0}}) {
      const GatedLines lines{source, col, driver, sense, end, 0.0};
      CHECK(test::difference(gated_currents(G, lines, open, 0.2), nodal(G, lines, open, 0.2)) < 1e-9);
    }
    const Matrix ideal = 0.2 * open.cast<double>().matrix() * G;
    CHECK(test::difference(gated_currents(G, {.end = end}, open, 0.2), ideal) < 1e-14);
  }
}

TEST_CASE("open gated lines carry what is left") {
  const Matrix G = test::random_cells(6, 3, 5);
  const Gates all = Gates::Constant(1, 6, true);
  for (const double cut : {test::open}) {
    // With the bit line cut between cells only the last cell is sensed; its source line is whole or it is fed there.
    const Matrix last = 0.2 * G.row(5);
    CHECK(test::difference(gated_currents(G, {.col = cut, .end = SourceEnd::opposite}, all, 0.2), last) < 1e-14);
    CHECK(test::difference(gated_currents(G, {.source = cut, .end = SourceEnd::same}, all, 0.2), last) < 1e-14);
    CHECK(gated_currents(G, {.driver = cut}, all, 0.2).isZero(0.0));
    CHECK(gated_currents(G, {.driver = cut, .end = SourceEnd::opposite}, all, 0.2).isZero(0.0));
    CHECK(gated_currents(G, {.sense = cut}, all, 0.2).isZero(0.0));
  }
}

TEST_CASE("feeding a column from the other end evens its cells out") {
  const Matrix G = Matrix::Constant(64, 1, 1e-4);
  Gates one = Gates::Constant(64, 64, false);
  for (Index i = 0; i < 64; ++i) one(i, i) = true;
  const Matrix same = gated_currents(G, {.source = 2.0, .col = 2.0}, one, 0.2);
  const Matrix opposite = gated_currents(G, {.source = 2.0, .col = 2.0, .end = SourceEnd::opposite}, one, 0.2);
  // One open cell: its path has 4 ohm per row to the end, or 2 ohm for each of the 63 segments wherever it stands.
  for (const Index i : {0, 20, 63}) {
    CHECK(same(i, 0) == Approx(0.2 / (1e4 + 4.0 * static_cast<double>(63 - i))).epsilon(1e-13));
    CHECK(opposite(i, 0) == Approx(0.2 / (1e4 + 2.0 * 63)).epsilon(1e-13));
  }
}

TEST_CASE("a batch of gates is the same as one after the other, and bad ones are refused") {
  using Catch::Matchers::ContainsSubstring;
  const Matrix G = test::random_cells(9, 4, 3);
  const Gates open = gates(5, 9, 4);
  const GatedLines lines{.source = 1.0, .col = 2.0, .driver = 3.0, .sense = 4.0, .end = SourceEnd::opposite};
  const Matrix all = gated_currents(G, lines, open, 0.2);
  for (Index v = 0; v < 5; ++v) CHECK(gated_currents(G, lines, open.row(v), 0.2).row(0) == all.row(v));
  CHECK_THROWS_WITH(gated_currents(G, lines, gates(5, 8, 4), 0.2), ContainsSubstring("open = 8 rows"));
  CHECK_THROWS_WITH(gated_currents(G, lines, open, std::nan("")), ContainsSubstring("v_read"));
  CHECK_THROWS_WITH(gated_currents(G, {.off = -1.0}, open, 0.2), ContainsSubstring("off = -1 S"));
  CHECK_THROWS_WITH(gated_currents(G, {.col = -1.0}, open, 0.2), ContainsSubstring("col"));
}
