#include <numbers>

#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// STT-MRAM against closed forms.
namespace {

using namespace wordline;
using core::Value;

constexpr std::size_t n = 1000000;
constexpr double year = 365.25 * 86400.0;

std::unique_ptr<devices::Cell> stt(Value settings) {
  settings["model"] = "sttmram";
  return cases::make(settings);
}

// Fraction of n cells in the LRS that are not in it any more after `ageing`.
double lost(const devices::Cell& cell, const devices::Ageing& ageing) {
  const devices::Window w = cell.window();
  const auto cells = cases::aged(cell, cases::programmed(cell, n, w.G_max), ageing);
  return 1.0 - cases::fraction_above(cells.G, 0.5 * (w.G_min + w.G_max));
}

}  // namespace

TEST_CASE("Ikeda: parallel resistance and TMR") {
  auto settings = cases::spec("ikeda-2010").to_value();
  const devices::Window w = cases::make(settings)->window();
  CHECK(1.0 / w.G_max == Approx(18e-12 / (std::numbers::pi * 1600e-18 / 4.0)).epsilon(1e-12));
  CHECK(1.0 / w.G_max == Approx(14324.0).epsilon(1e-4));
  CHECK(w.G_max / w.G_min - 1.0 == Approx(1.24).epsilon(1e-12));
}

TEST_CASE("TMR against bias: 1.237746 at 0 V becomes 1.020386 at 0.3 V for V_half = 0.65 V") {
  const auto cell = stt({{"tmr", 1.237746}, {"v_half", 0.65}});
  const devices::Window w = cell->window();
  const double P = cases::current(*cell, w.G_max, 0.3), AP = cases::current(*cell, w.G_min, 0.3);
  CHECK(P / AP - 1.0 == Approx(1.020386).epsilon(1e-5));
}

TEST_CASE("retention of delta 40 over ten years: 0.73836 of the cells leave their state") {
  const double p = lost(*stt({{"delta", 40.0}}), {.seconds = 10.0 * year});
  CHECK(std::abs(p - 0.73836) < 4.0 * cases::error_of_fraction(0.73836, n));
  CHECK(lost(*stt({{"delta", 60.0}}), {.seconds = 10.0 * year}) <= 1e-6);  // 2.7636e-9 of a million cells
}

TEST_CASE("retention probability is 1 - exp(-t/tau_0 exp(-delta)), down to small ones") {
  const double t = 2.7636e-3 * 1e-9 * std::exp(40.0);  // small enough that P is about t/tau
  const double p = 1.0 - std::exp(-2.7636e-3);
  CHECK(std::abs(lost(*stt({{"delta", 40.0}}), {.seconds = t}) - p) < 4.0 * cases::error_of_fraction(p, n));
}

TEST_CASE("read disturb: delta 60 at half the critical current for 10 ns is 3.06e-6 per read") {
  const double i_c0 = 50e-6;
  const auto cell = stt({{"delta", 60.0}, {"i_c0", i_c0}});
  const double v_half_current = 0.5 * i_c0 / cell->window().G_max;
  const double per_read = 1.0 - std::exp(-10.0 * std::exp(-60.0 * 0.25));
  CHECK(per_read == Approx(3.06e-6).epsilon(1e-3));
  for (const double reads : {1e4, 1e5}) {
    const double p = 1.0 - std::pow(1.0 - per_read, reads);
    const double got = lost(*cell, {.reads = reads, .v_read = v_half_current, .t_read = 10e-9});
    CHECK(std::abs(got - p) < 4.0 * cases::error_of_fraction(p, n));
  }
}

TEST_CASE("read disturb at 0.3 of the critical current, and with the older exponent 1") {
  const auto rate = [](double exponent) {
    const auto cell = stt({{"delta", 60.0}, {"i_c0", 50e-6}, {"disturb_exponent", exponent}});
    const double v = 0.3 * 50e-6 / cell->window().G_max;
    const double reads = 0.1 / (10.0 * std::exp(-60.0 * std::pow(0.7, exponent)));
    return lost(*cell, {.reads = reads, .v_read = v, .t_read = 10e-9});
  };
  const double p = 1.0 - std::exp(-0.1);
  CHECK(10.0 * std::exp(-60.0 * 0.49) == Approx(1.71e-12).epsilon(5e-3));
  CHECK(std::abs(rate(2.0) - p) < 4.0 * cases::error_of_fraction(p, n));
  CHECK(std::abs(rate(1.0) - p) < 4.0 * cases::error_of_fraction(p, n));
}

TEST_CASE("above the critical current no barrier is left") {
  const auto cell = stt({{"delta", 60.0}, {"i_c0", 10e-6}});
  const double v = 20e-6 / cell->window().G_max;
  const double p = 1.0 - std::exp(-0.5);  // half an attempt time
  CHECK(std::abs(lost(*cell, {.reads = 1.0, .v_read = v, .t_read = 0.5e-9}) - p) <
        4.0 * cases::error_of_fraction(p, n));
}

TEST_CASE("write errors at a small rate") {
  constexpr double p = 1e-4;
  const auto cell = stt({{"write_error", p}});
  CHECK(std::abs(lost(*cell, {}) - p) < 4.0 * cases::error_of_fraction(p, n));
}
