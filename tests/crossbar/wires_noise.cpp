#include "core/error.hpp"
#include "crossbar/reference_wires.hpp"
#include "crossbar/wires.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/wires.hpp"

using namespace wordline;
using namespace wordline::test;
using crossbar::noise_transfer;
namespace exact = crossbar::reference;

namespace {

// Noise of all columns, rows driven at random, every cell's own noise in proportion to its conductance: rms of the
// error that other factors make, over the rms of the noise.
double noise_error(const Matrix& G, const Matrix& other, const Matrix& exact) {
  const VectorXd V = random_volts(G.rows(), 7);
  const Matrix cell = V.asDiagonal() * G;
  return ((other - exact).array() * cell.array()).matrix().norm() / (exact.array() * cell.array()).matrix().norm();
}

}  // namespace

// Two ladders per cell do not know how the lines that cross them give way. The worst case here is 0.026, with terminals
// that take half the voltage; docs/methods/wires.md has the table.
TEST_CASE("the noise factor of two ladders is close to the exact one") {
  const double kappa = GENERATE(0.04, 0.4, 1.0, 2.0);  // r g_max n^2
  for (const Index n : {8, 16, 32, 64})
    for (const double terminal : {0.0, 50.0, 500.0}) {
      const Matrix G = random_cells(n, n, static_cast<std::uint32_t>(n));
      const double r = kappa / (g_max * static_cast<double>(n * n));
      const Lines lines = alike(G, r, r, terminal, terminal);
      INFO("kappa " << kappa << ", " << n << " x " << n << ", terminals " << terminal << " ohm");
      CHECK(noise_error(G, noise_transfer(G, lines), exact::noise_transfer(G, lines)) < 0.03);
    }
}

TEST_CASE("the noise factor is exact where one side has no resistance") {
  const Matrix G = random_cells(20, 31, 1);
  for (const Lines& lines : {alike(G, 40, 0, 300, 0), alike(G, 0, 40, 0, 300)})
    CHECK(difference(noise_transfer(G, lines), exact::noise_transfer(G, lines)) < 1e-12);
}

TEST_CASE("noise reaches its column whole on ideal lines, and never through open ones") {
  const Matrix G = random_cells(6, 9, 2);
  CHECK((noise_transfer(G, alike(G, 0, 0, 0, 0)).array() == 1.0).all());
  CHECK(noise_transfer(G, alike(G, 1, 1, open, 1)).isZero(0.0));
  CHECK(noise_transfer(G, alike(G, 1, 1, 1, open)).isZero(0.0));
  for (const Lines& lines : {alike(G, open, 1, 1, 1), alike(G, 1, open, 1, 1)}) {
    const Matrix alpha = noise_transfer(G, lines);
    CHECK(difference(alpha, exact::noise_transfer(G, lines)) < 0.01);
    CHECK((alpha.array() == 0.0).count() >= 45);
  }
}

TEST_CASE("noise of impossible arrays is refused") {
  const Matrix G = random_cells(2, 3, 3);
  CHECK_THROWS_AS(noise_transfer(-G, alike(G, 1, 1, 1, 1)), core::Error);
  CHECK_THROWS_AS(noise_transfer(G, alike(G, -1, 1, 1, 1)), core::Error);
}
