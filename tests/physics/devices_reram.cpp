#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// ReRAM presets against the numbers published for them.
namespace {

using namespace wordline;
using cases::aged;
using cases::programmed;

constexpr double day = 86400.0, year = 365.25 * day;
constexpr double uS = 1e-6;

// Spread of n cells at one target and age, against a published sigma, in standard errors.
void check_spread(const devices::Cell& cell, double target, double seconds, double sigma, double shift = 0.0) {
  constexpr std::size_t n = 200000;
  INFO("target " << target << " S at " << seconds << " s");
  const auto got = cases::moments(aged(cell, programmed(cell, n, target), {.seconds = seconds, .extrapolate = true}).G);
  CHECK(std::abs(got.std - sigma) < 4.0 * cases::error_of_std(sigma, n));
  CHECK(std::abs(got.mean - target - shift) < 4.0 * cases::error_of_mean(sigma, n));
}

}  // namespace

TEST_CASE("NeuRRAM: a million cells at 20 uS have the published mean and spread") {
  constexpr std::size_t n = 1000000;
  const auto cell = cases::make("neurram-2022");
  const auto fresh = programmed(*cell, n, 20 * uS);
  for (const auto& [seconds, sigma] : {std::pair{1.0, 2.0230625}, {day, 3.908625}, {2 * day, 3.929375}}) {
    const auto got = cases::moments(aged(*cell, fresh, {.seconds = seconds}).G);
    CHECK(std::abs(got.mean - 20 * uS) < 3.0 * cases::error_of_mean(sigma * uS, n));
    CHECK(std::abs(got.std - sigma * uS) < 3.0 * cases::error_of_std(sigma * uS, n));
  }
}

TEST_CASE("NeuRRAM: spread against state, where clipping at 0 does not reach") {
  const auto cell = cases::make("neurram-2022");  // values of the fit at x = .5, .75, 1
  for (const auto& [G, sigma] : {std::pair{20.0, 2.0231}, {30.0, 1.5329}, {40.0, 1.103}})
    check_spread(*cell, G * uS, 1.0, sigma * uS);
  for (const auto& [G, sigma] : {std::pair{20.0, 3.9086}, {30.0, 3.3670}, {40.0, 2.651}})
    check_spread(*cell, G * uS, day, sigma * uS);
}

TEST_CASE("NeuRRAM by CrossSim: spread against state at 1 s") {
  const auto cell = cases::make("neurram-2022-crosssim");
  for (const auto& [G, sigma] : {std::pair{20.0, 2.3618}, {30.0, 1.8192}, {39.26, 1.6809}})
    check_spread(*cell, G * uS, 1.0, sigma * uS);
}

TEST_CASE("CMO/HfOx: programming, then relaxation that does not depend on the state") {
  const auto cell = cases::make("cmo-hfox-2025");
  for (const double G : {10.0, 50.0, 88.0}) {
    const double programming = 0.0112 + 0.0113 * G;  // uS, acceptance 2 %; rounded by 0.2 %
    const auto got = cases::moments(programmed(*cell, 200000, G * uS).G);
    CHECK(std::abs(got.std / uS - programming) < 4.0 * cases::error_of_std(programming, 200000) + 0.001 * programming);
    check_spread(*cell, G * uS, 3600.0, std::hypot(0.01121854 + 0.01129027 * G, 0.755847) * uS, -0.728803 * uS);
  }
  check_spread(*cell, 50 * uS, 10 * year, std::hypot(0.01121854 + 0.01129027 * 50, 1.2340) * uS, -1.7418 * uS);
}

TEST_CASE("CMO/HfOx: the relaxation alone at one hour and ten years") {
  auto settings = cases::spec("cmo-hfox-2025").to_value();
  settings["errors"] = core::Value::array();
  const auto cell = cases::make(settings);
  for (const auto& [t, mean, sigma] : {std::tuple{3600.0, -0.729, 0.756}, {10 * year, -1.742, 1.234}}) {
    // One cell with known draw: every cell moves along mean + sigma xi, so two times give the law without statistics.
    const auto fresh = programmed(*cell, 2, 50 * uS);
    const auto old = aged(*cell, fresh, {.seconds = t, .extrapolate = true});
    const auto one = aged(*cell, fresh, {.seconds = 1.0});
    const double xi0 = (one.G[0] - 50 * uS) / (0.41183342 * uS), xi1 = (one.G[1] - 50 * uS) / (0.41183342 * uS);
    const double got_sigma = (old.G[0] - old.G[1]) / (xi0 - xi1) / uS;
    CHECK(got_sigma == Approx(sigma).epsilon(1e-3));
    CHECK((old.G[0] - 50 * uS) / uS - got_sigma * xi0 == Approx(mean).epsilon(1e-3));
  }
}

TEST_CASE("CMO/HfOx: the tighter acceptance of 0.2 %") {
  auto settings = cases::spec("cmo-hfox-2025").to_value();
  settings["errors"][0]["sigma"] = {0.00081107e-6, 0.00106879e-6};
  const double sigma = (0.00081 + 0.00107 * 50.0) * uS;
  const auto got = cases::moments(programmed(*cases::make(settings), 200000, 50 * uS).G);
  CHECK(std::abs(got.std - sigma) < 4.0 * cases::error_of_std(sigma, 200000) + 0.001 * sigma);
}

TEST_CASE("Milo: programming error at 100 uS") {
  const auto cell = cases::make("milo-2021");
  check_spread(*cell, 100 * uS, 0.0, 3.8716 * uS);
  check_spread(*cell, 225 * uS, 0.0, 2.7332 * uS);
}

TEST_CASE("Milo: I-V curve") {
  const auto cell = cases::make("milo-2021");
  CHECK_FALSE(cell->is_linear());
  const auto ratio = [&](double G, double V) { return cases::current(*cell, G * uS, V) / (G * uS * V); };
  CHECK(ratio(62.5, 0.2) == Approx(0.92968).epsilon(1e-4));
  CHECK(ratio(62.5, 0.5) == Approx(0.847).epsilon(1e-3));
  CHECK(ratio(110.0, 0.2) == Approx(0.988).epsilon(1e-3));
  CHECK(ratio(110.0, 0.5) == Approx(0.966).epsilon(1e-3));
  CHECK(ratio(80.0, 1e-6) == Approx(1.0).epsilon(1e-5));

  CHECK(ratio(50.0, 0.3) == Approx(ratio(62.5, 0.3)).epsilon(1e-12));  // outside the fit its shape is held
  CHECK(ratio(225.0, 0.3) == Approx(ratio(110.0, 0.3)).epsilon(1e-12));
  CHECK(cases::current(*cell, 0.0, 0.3) == 0.0);
  CHECK(cases::current(*cell, 80 * uS, -0.3) == -cases::current(*cell, 80 * uS, 0.3));
  CHECK_NOTHROW(cases::current(*cell, 80 * uS, 0.5));
  CHECK_THROWS_AS(cases::current(*cell, 80 * uS, std::nextafter(0.5, 1.0)), core::Error);
}
