#include "devices/physics.hpp"
#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

namespace {

using namespace wordline;
using cases::cells;

constexpr std::size_t n = 200000;
constexpr double G = 60e-6;

std::vector<double> error_of(const devices::Cell& cell, std::uint32_t write) {
  auto array = cells(n, G);
  array.write = write;
  cell.fabricate(array);
  cell.program(array);
  for (double& g : array.G) g -= G;
  return array.G;
}

void check_spread(const core::Value& settings, double sigma) {
  const auto got = cases::moments(error_of(*cases::make(settings), 0));
  CHECK(std::abs(got.std - sigma) < 4.0 * cases::error_of_std(sigma, n));
  CHECK(std::abs(got.mean) < 4.0 * cases::error_of_mean(sigma, n));
}

}  // namespace

TEST_CASE("an ideal cell becomes its target exactly") {
  const auto cell = cases::make({{"model", "ideal"}});
  auto array = cells(3, 0.0);
  array.target = {0.0, 1.0 / 3.0 * 1e-4, 1e-4};
  cell->fabricate(array);
  cell->program(array);
  CHECK(array.G == array.target);
  CHECK(cases::aged(*cell, array, {.seconds = 1e9, .temperature = 400.0}).G == array.target);
  CHECK_FALSE(cell->has_read_noise());
  CHECK(cell->is_linear());
  CHECK(cases::current(*cell, 20e-6, 0.2) == 20e-6 * 0.2);
}

TEST_CASE("a gaussian cell spreads by the amount asked for, in the unit of its kind") {
  check_spread({{"model", "gaussian"}, {"c2c", 2e-6}, {"write_kind", "constant"}}, 2e-6);
  check_spread({{"model", "gaussian"}, {"c2c", 0.05}, {"write_kind", "proportional"}}, 0.05 * G);
  check_spread({{"model", "gaussian"}, {"g_min", 20e-6}, {"c2c", 0.05}, {"write_kind", "range"}}, 0.05 * 80e-6);
  check_spread({{"model", "gaussian"}, {"d2d", 0.03}, {"c2c", 0.04}}, 0.05 * 100e-6);
}

TEST_CASE("the device-to-device part stays, the cycle-to-cycle part is drawn at every programming") {
  const auto frozen = cases::make({{"model", "gaussian"}, {"d2d", 0.03}});
  CHECK(error_of(*frozen, 0) == error_of(*frozen, 1));
  const auto fresh = cases::make({{"model", "gaussian"}, {"c2c", 0.03}});
  CHECK(std::abs(cases::correlation(error_of(*fresh, 0), error_of(*fresh, 1))) < 4.0 / std::sqrt(1.0 * n));
  const auto both = cases::make({{"model", "gaussian"}, {"d2d", 0.03}, {"c2c", 0.04}});
  const double share = 9.0 / 25.0;  // of the variance that two programmings have in common
  CHECK(std::abs(cases::correlation(error_of(*both, 0), error_of(*both, 1)) - share) < 4.0 / std::sqrt(1.0 * n));
}

TEST_CASE("a gaussian cell is clipped at zero and only there") {
  const auto cell = cases::make({{"model", "gaussian"}, {"c2c", 0.1}});
  const auto low = cases::programmed(*cell, n, 0.0).G, high = cases::programmed(*cell, n, 100e-6).G;
  CHECK(std::abs(cases::fraction_above(low, 0.0) - 0.5) < 4.0 * cases::error_of_fraction(0.5, n));
  CHECK(std::abs(cases::fraction_above(high, 100e-6) - 0.5) < 4.0 * cases::error_of_fraction(0.5, n));
}

TEST_CASE("read noise of a gaussian cell is conductance noise of the stated size") {
  const auto a2 = [](const core::Value& settings) {
    const auto cell = cases::make(settings);
    CHECK(cell->has_read_noise());
    return cell->read_noise(cases::programmed(*cell, 1, G), {}).a2[0];
  };
  CHECK(a2({{"model", "gaussian"}, {"read_noise", 1e-7}, {"read_kind", "constant"}}) == Approx(1e-14));
  CHECK(a2({{"model", "gaussian"}, {"read_noise", 0.01}, {"read_kind", "proportional"}}) ==
        Approx(std::pow(0.6e-6, 2)));
  CHECK(a2({{"model", "gaussian"}, {"read_noise", 0.01}}) == Approx(1e-12));
}

TEST_CASE("thermal and shot noise are 4kTG B and 2q|I| B with B = 1/(2 t_read)") {
  const auto cell = cases::make({{"model", "gaussian"}, {"thermal_noise", true}, {"shot_noise", true}});
  const devices::ReadConditions read{.v_read = 0.3, .t_read = 50e-9, .temperature = 350.0};
  const auto noise = cell->read_noise(cases::programmed(*cell, 1, G), read);
  const double B = 1e7;
  CHECK(noise.a0[0] == Approx(4.0 * 1.380649e-23 * 350.0 * G * B).epsilon(1e-12));
  CHECK(noise.a1[0] * 0.3 == Approx(2.0 * 1.602176634e-19 * (G * 0.3) * B).epsilon(1e-12));
  CHECK(noise.a2[0] == 0.0);
  CHECK_THROWS_AS(cell->read_noise(cases::programmed(*cell, 1, G), {.t_read = 0.0}), core::Error);
}

TEST_CASE("stuck cells come in the stated fractions and ignore what is written") {
  const auto cell = cases::make({{"model", "gaussian"}, {"stuck_lrs", 0.02}, {"stuck_hrs", 0.09}, {"c2c", 0.02}});
  const auto array = cases::programmed(*cell, n, 50e-6);
  double lrs = 0.0, hrs = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    lrs += array.stuck[k] == devices::Stuck::lrs ? 1.0 : 0.0;
    hrs += array.stuck[k] == devices::Stuck::hrs ? 1.0 : 0.0;
    if (array.stuck[k] == devices::Stuck::lrs && array.G[k] != 100e-6) FAIL("a cell stuck at LRS was written");
    if (array.stuck[k] == devices::Stuck::hrs && array.G[k] != 0.0) FAIL("a cell stuck at HRS was written");
  }
  CHECK(std::abs(lrs / n - 0.02) < 4.0 * cases::error_of_fraction(0.02, n));
  CHECK(std::abs(hrs / n - 0.09) < 4.0 * cases::error_of_fraction(0.09, n));
  CHECK_THROWS_AS(cases::make({{"model", "gaussian"}, {"stuck_lrs", 0.6}, {"stuck_hrs", 0.5}}), core::Error);
}
