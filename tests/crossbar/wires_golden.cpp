#include "crossbar/reference_wires.hpp"
#include "crossbar/wires.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/wires.hpp"

// Published or independently computed numbers, each with the solvers that agreed on it.

using namespace wordline;
using namespace wordline::test;
using crossbar::effective_conductance;

namespace {

// A fixed array: 1 to 100 uS in 97 steps.
Matrix pattern(Index rows, Index cols) {
  Matrix G(rows, cols);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; ++j) G(i, j) = 1e-6 + 9.9e-5 * static_cast<double>((31 * i + 17 * j) % 97) / 96.0;
  return G;
}

VectorXd drive(Index rows) {
  VectorXd V(rows);
  for (Index i = 0; i < rows; ++i) V(i) = 0.2 * static_cast<double>((13 * i) % 29) / 28.0;
  return V;
}

auto near(double value, double tolerance) { return Approx(value).epsilon(tolerance).margin(0.0); }

}  // namespace

// SuperLU, a block-tridiagonal recursion and ngspice agree on the two small ones to 1e-13.
TEST_CASE("golden: 8 x 8 cells") {
  const Matrix G = pattern(8, 8);
  const Matrix effective = effective_conductance(G, alike(G, 2.5, 2.5, 100, 50));
  const VectorXd I = effective.transpose() * drive(8);
  CHECK(I(0) == near(4.106689607714e-5, 1e-9));
  CHECK(I(4) == near(3.833414472433e-5, 1e-9));
  CHECK(I(7) == near(3.644969873404e-5, 1e-9));
  CHECK(I.sum() == near(2.991250667010e-4, 1e-9));
  CHECK((G.transpose() * drive(8)).sum() == near(3.198571428571e-4, 1e-9));
  CHECK(effective(0, 0) == near(9.8141899739e-7, 1e-9));
  CHECK(effective(7, 0) == near(2.3362750173e-5, 1e-9));
}

TEST_CASE("golden: 32 x 32 cells") {
  const Matrix G = pattern(32, 32);
  const Matrix effective = effective_conductance(G, alike(G, 2.5, 2.5, 100, 50));
  const VectorXd I = effective.transpose() * drive(32);
  CHECK(I(0) == near(1.308155751817e-4, 1e-9));
  CHECK(I(16) == near(1.169207044704e-4, 1e-9));
  CHECK(I(31) == near(1.219037756406e-4, 1e-9));
  CHECK(I.sum() == near(3.877312826336e-3, 1e-9));
  CHECK((G.transpose() * drive(32)).sum() == near(5.133006250e-3, 1e-9));
  CHECK(effective(0, 31) == near(3.2666205836e-5, 1e-9));
}

TEST_CASE("golden: 256 x 256 cells") {
  const Matrix G = pattern(256, 256);
  const VectorXd I = effective_conductance(G, alike(G, 1, 1, 1, 1)).transpose() * drive(256);
  CHECK(I(0) == near(6.705948654097e-4, 1e-8));
  CHECK(I(128) == near(4.055289261033e-4, 1e-8));
  CHECK(I(255) == near(3.264352232943e-4, 1e-8));
  CHECK(I.sum() == near(0.1109927749502, 1e-8));
}

// README of badcrossbar (github.com/joksas/badcrossbar): its first segments lie before the first and after the last
// node.
TEST_CASE("golden: badcrossbar's 3 x 5 example") {
  Matrix R(3, 5);
  R << 345, 903, 755, 257, 646, 652, 401, 508, 166, 454, 442, 874, 190, 244, 635;
  const Matrix G = R.cwiseInverse();
  const VectorXd I =
      effective_conductance(G, alike(G, 0.5, 0.5, 0.5, 0.5)).transpose() * Eigen::Vector3d(1.5, 2.3, 1.7);
  const double expected[] = {0.01158503, 0.00919064, 0.01511568, 0.02583321, 0.00981179};
  for (Index j = 0; j < 5; ++j) CHECK(I(j) == near(expected[j], 1e-6));
}

TEST_CASE("golden: 1 x 100 ladder on bit lines of exactly 0 ohm") {
  const Matrix G = Matrix::Constant(1, 100, 1e-4);
  CHECK(effective_conductance(G, alike(G, 5, 0, 5, 0)).sum() == near(.00432359361026, 1e-9));
}

TEST_CASE("golden: sneak paths through a missing cell") {
  Matrix G(2, 2);
  G << 0, 1e-4, 1e-4, 1e-4;
  const Matrix effective = effective_conductance(G, alike(G, 100, 100, 100, 100));
  CHECK(effective(0, 0) == near(9.154005151874e-9, 1e-10));
  CHECK(effective(0, 1) == near(9.522911559495e-5, 1e-10));
  CHECK(effective(1, 0) == near(9.709653264593e-5, 1e-10));
  CHECK(effective(1, 1) == near(9.522911559495e-5, 1e-10));
}
