#include <numbers>

#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// The model's own rules: states, spreads, bias, access device. Switching probabilities that are known on paper are in
/// tests/physics/devices_sttmram.cpp.
namespace {

using namespace wordline;
using cases::aged;
using cases::programmed;
using core::Value;

constexpr std::size_t n = 100000;

std::unique_ptr<devices::Cell> stt(Value settings) {
  settings["model"] = "sttmram";
  return cases::make(settings);
}
std::vector<double> resistances(const devices::Cell& cell, double target) {
  auto R = programmed(cell, n, target).G;
  for (double& x : R) x = 1.0 / x;
  return R;
}

}  // namespace

TEST_CASE("the window holds the two zero-bias conductances with the access device") {
  const auto cell =
      stt({{"resistance_area", 18e-12}, {"diameter", 40e-9}, {"tmr", 1.24}, {"access_resistance", 3000.0}});
  const double R_P = 18e-12 / (std::numbers::pi * 40e-9 * 40e-9 / 4.0);
  CHECK(cell->window().levels == 2);
  CHECK(cell->window().G_max == Approx(1.0 / (R_P + 3000.0)).epsilon(1e-13));
  CHECK(cell->window().G_min == Approx(1.0 / (2.24 * R_P + 3000.0)).epsilon(1e-13));
  CHECK(programmed(*cell, 1, cell->window().G_max).G[0] == cell->window().G_max);
  CHECK(programmed(*cell, 1, cell->window().G_min).G[0] == cell->window().G_min);
}

TEST_CASE("a one-bit cell has no states between its two") {
  const auto cell = stt({});
  const devices::Window w = cell->window();
  CHECK_THROWS_AS(programmed(*cell, 1, 0.5 * (w.G_min + w.G_max)), core::Error);
  CHECK_NOTHROW(programmed(*cell, 1, w.G_min * (1.0 + 1e-12)));
}

TEST_CASE("spreads of RA, diameter and TMR reach the resistances as they should") {
  const auto ra = stt({{"sigma_resistance_area", 0.05}});
  const double R_P = 1.0 / ra->window().G_max;
  CHECK(std::abs(cases::moments(resistances(*ra, ra->window().G_max)).std - 0.05 * R_P) <
        4.0 * cases::error_of_std(0.05 * R_P, n));

  const auto tmr = stt({{"sigma_tmr", 0.04}});  // R_AP = R_P (1 + TMR): the parallel state does not spread
  CHECK(cases::moments(resistances(*tmr, tmr->window().G_max)).std < 1e-9 * R_P);
  const double sigma = 0.04 * 1.5 * R_P;
  CHECK(std::abs(cases::moments(resistances(*tmr, tmr->window().G_min)).std - sigma) <
        4.0 * cases::error_of_std(sigma, n));

  const auto d = stt({{"sigma_diameter", 0.03}});  // G goes as d^2: mean of (1 + s xi)^2 is 1 + s^2
  const auto G = cases::moments(programmed(*d, n, d->window().G_max).G);
  CHECK(std::abs(G.mean * R_P - (1.0 + 0.0009)) < 4.0 * cases::error_of_mean(0.06, n));
}

TEST_CASE("both states of one cell share its fabrication") {
  const auto cell = stt({{"sigma_resistance_area", 0.05}});
  const auto P = resistances(*cell, cell->window().G_max), AP = resistances(*cell, cell->window().G_min);
  for (std::size_t k = 0; k < 100; ++k) CHECK(AP[k] == Approx(2.5 * P[k]).epsilon(1e-12));
}

TEST_CASE("failed writes leave the other state, at the stated rate and anew at every write") {
  const auto cell = stt({{"write_error", 0.01}});
  const devices::Window w = cell->window();
  for (const double target : {w.G_min, w.G_max}) {
    const double wrong = cases::fraction_above(programmed(*cell, n, target).G, 0.5 * (w.G_min + w.G_max));
    const double expected = target == w.G_min ? 0.01 : 0.99;
    CHECK(std::abs(wrong - expected) < 4.0 * cases::error_of_fraction(0.01, n));
  }
  auto cells = programmed(*cell, n, w.G_max);
  const auto first = cells.G;
  cells.write = 1;
  cell->program(cells);
  CHECK(cells.G != first);
}

TEST_CASE("the parallel state is ohmic, the antiparallel one bends with bias") {
  const auto cell = stt({{"v_half", 0.5}});
  CHECK_FALSE(cell->is_linear());
  const devices::Window w = cell->window();
  CHECK(cases::current(*cell, w.G_max, 0.3) == w.G_max * 0.3);
  CHECK(cases::current(*cell, w.G_min, 1e-6) == Approx(w.G_min * 1e-6).epsilon(1e-9));
  CHECK(cases::current(*cell, w.G_min, 0.3) > 1.1 * w.G_min * 0.3);
  CHECK(cases::current(*cell, w.G_min, -0.3) == -cases::current(*cell, w.G_min, 0.3));
  CHECK(cases::current(*cell, 0.0, 0.3) == 0.0);

  const auto constant = stt({});
  CHECK(constant->is_linear());
  CHECK(cases::current(*constant, w.G_min, 0.3) == w.G_min * 0.3);
}

TEST_CASE("junction and access device carry one current") {
  for (const double R_a : {0.0, 500.0, 3000.0, 30000.0})
    for (const double V : {0.05, 0.2, 0.5, 1.2}) {
      const auto cell = stt({{"v_half", 0.5}, {"access_resistance", R_a}});
      const double I = cases::current(*cell, cell->window().G_min, V), v = V - R_a * I;
      const double R_P = 10e-12 / (std::numbers::pi * 50e-9 * 50e-9 / 4.0);
      CHECK(I == Approx(v / (R_P * (1.0 + 1.5 / (1.0 + v * v / 0.25)))).epsilon(1e-11));
    }
}

TEST_CASE("shot noise follows the current at the read voltage, thermal noise the zero-bias conductance") {
  const auto cell = stt({{"v_half", 0.5}});
  const devices::ReadConditions read{.v_read = 0.3, .t_read = 50e-9};
  const auto cells = programmed(*cell, 1, cell->window().G_min);
  const auto noise = cell->read_noise(cells, read);
  CHECK(noise.a1[0] * 0.3 ==
        Approx(2.0 * 1.602176634e-19 * cases::current(*cell, cells.G[0], 0.3) * 1e7).epsilon(1e-12));
  CHECK(noise.a0[0] == Approx(4.0 * 1.380649e-23 * 300.0 * cells.G[0] * 1e7).epsilon(1e-12));
}

TEST_CASE("ageing is one trajectory: a cell that left its state stays away, the others follow later") {
  const auto cell = stt({{"delta", 25.0}, {"sigma_delta", 0.05}});
  const auto fresh = programmed(*cell, n, cell->window().G_min);
  CHECK(aged(*cell, fresh, {}).G == fresh.G);
  const auto early = aged(*cell, fresh, {.seconds = 20.0}), late = aged(*cell, fresh, {.seconds = 60.0});
  CHECK(aged(*cell, early, {.seconds = 60.0}).G == late.G);
  std::size_t left = 0, back = 0;
  for (std::size_t k = 0; k < n; ++k) {
    left += early.G[k] == fresh.G[k] && late.G[k] != fresh.G[k] ? 1U : 0U;
    back += early.G[k] != fresh.G[k] && late.G[k] == fresh.G[k] ? 1U : 0U;
  }
  CHECK(left > n / 10);
  CHECK(back == 0);
}

TEST_CASE("heat lowers the barrier of every cell") {
  const auto cell = stt({{"delta", 30.0}});
  CHECK(cell->acceleration(300.0) == 1.0);
  CHECK(cell->acceleration(400.0) == Approx(std::exp(30.0 - 22.5)).epsilon(1e-12));
  const auto fresh = programmed(*cell, n, cell->window().G_max);
  CHECK(aged(*cell, fresh, {.seconds = 5.0, .temperature = 400.0}).G ==
        aged(*cell, fresh, {.seconds = 5.0 * cell->acceleration(400.0)}).G);
}

TEST_CASE("reads disturb one state only, and stuck cells not at all") {
  const Value settings = {{"delta", 12.0}, {"i_c0", 60e-6}, {"stuck_lrs", 0.1}, {"disturbed", "lrs"}};
  const auto cell = stt(settings);
  const devices::Window w = cell->window();
  const devices::Ageing reads{.reads = 1e4, .v_read = 0.1, .t_read = 10e-9};
  const auto P = programmed(*cell, n, w.G_max), AP = programmed(*cell, n, w.G_min);
  CHECK(aged(*cell, AP, reads).G == AP.G);
  const auto disturbed = aged(*cell, P, reads);
  CHECK(cases::fraction_above(disturbed.G, 0.5 * (w.G_min + w.G_max)) < 0.95);
  bool kept = true;
  for (std::size_t k = 0; k < n; ++k) kept = kept && (P.stuck[k] == devices::Stuck::no || disturbed.G[k] == P.G[k]);
  CHECK(kept);
}
