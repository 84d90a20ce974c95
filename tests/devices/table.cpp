#include <cmath>
#include <numbers>

#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// A measured table as a device. Its files are tested in table_file.cpp.
namespace {

using namespace wordline;
using cases::aged;
using cases::programmed;
using Catch::Matchers::ContainsSubstring;
using core::Value;

constexpr double uS = 1e-6;
constexpr std::size_t n = 200000;

// Two states (10, 30 uS) at 1, 10 and 1000 s. Means drift; sigma rises at 10 uS and falls in between at 30 uS.
Value table(const Value& changes = Value::object()) {
  Value t = {{"model", "table"},
             {"state", {10 * uS, 10 * uS, 10 * uS, 30 * uS, 30 * uS, 30 * uS}},
             {"time", {1.0, 10.0, 1000.0, 1.0, 10.0, 1000.0}},
             {"mean", {11 * uS, 10 * uS, 8 * uS, 30 * uS, 28 * uS, 26 * uS}},
             {"sigma", {0.2 * uS, 0.4 * uS, 0.6 * uS, 1.0 * uS, 0.5 * uS, 2.0 * uS}}};
  for (const auto& [name, value] : changes.items()) t[name] = value;
  return t;
}
Value exact(const Value& changes = Value::object()) {
  Value t = table(changes);
  t["sigma"] = std::vector<double>(6, 0.0);
  return t;
}

double mean_at(const devices::Cell& cell, double target, double seconds) {
  return aged(cell, programmed(cell, 1, target), {.seconds = seconds, .extrapolate = true}).G[0];
}

void check_moments(const std::vector<double>& G, double mean, double sigma) {
  const auto got = cases::moments(G);
  CHECK(std::abs(got.mean - mean) < 4.0 * cases::error_of_mean(sigma, n));
  CHECK(std::abs(got.std - sigma) < 4.0 * cases::error_of_std(sigma, n));
}

std::string refusal(const Value& settings) {
  return cases::message([&] { cases::make(settings); });
}

}  // namespace

TEST_CASE("the mean of a table is bilinear in state and ln t") {
  const auto cell = cases::make(exact());
  CHECK(programmed(*cell, 1, 30 * uS).G[0] == 30 * uS);  // programmed: the first time
  CHECK(mean_at(*cell, 10 * uS, 1.0) == 11 * uS);
  CHECK(mean_at(*cell, 10 * uS, 10.0) == Approx(10 * uS).epsilon(1e-14));
  CHECK(mean_at(*cell, 30 * uS, 1000.0) == Approx(26 * uS).epsilon(1e-14));
  CHECK(mean_at(*cell, 15 * uS, 1.0) == Approx((0.75 * 11 + 0.25 * 30) * uS).epsilon(1e-14));
  CHECK(mean_at(*cell, 10 * uS, 100.0) == Approx(9 * uS).epsilon(1e-14));  // half way from 10 to 1000 s
  CHECK(mean_at(*cell, 20 * uS, 100.0) == Approx((9 + 27) / 2.0 * uS).epsilon(1e-14));
}

TEST_CASE("times beyond the table are refused, or extrapolated in ln t when asked") {
  const auto cell = cases::make(exact());
  const auto accepted = [&](double seconds) {
    return cases::broken_rule([&] { aged(*cell, programmed(*cell, 1, 10 * uS), {.seconds = seconds}); }).empty();
  };
  CHECK(accepted(0.0));
  CHECK(accepted(1.0));
  CHECK(accepted(1000.0));
  CHECK_FALSE(accepted(std::nextafter(1.0, 0.0)));
  CHECK_FALSE(accepted(std::nextafter(1000.0, 1e9)));
  CHECK(mean_at(*cell, 10 * uS, 0.1) == 11 * uS);                        // held before the first time
  CHECK(mean_at(*cell, 10 * uS, 1e5) == Approx(6 * uS).epsilon(1e-13));  // one more step of the last slope
  CHECK(mean_at(*cell, 10 * uS, 1e13) == 0.0);                           // never below 0 S
}

TEST_CASE("the spread of a table is the measured one, on one trajectory") {
  const auto cell = cases::make(table());
  const auto fresh = programmed(*cell, n, 10 * uS);
  check_moments(fresh.G, 11 * uS, 0.2 * uS);
  const auto old = aged(*cell, fresh, {.seconds = 1000.0});
  check_moments(old.G, 8 * uS, 0.6 * uS);
  check_moments(aged(*cell, fresh, {.seconds = 100.0}).G, 9 * uS, 0.5 * uS);
  check_moments(aged(*cell, programmed(*cell, n, 20 * uS), {.seconds = 1000.0}).G, 17 * uS, 1.3 * uS);
  const double rho = 0.2 / 0.6;  // sigma(t0) xi1 is what both times share
  CHECK(std::abs(cases::correlation(fresh.G, old.G) - rho) < 4.0 * (1.0 - rho * rho) / std::sqrt(1.0 * n));
  CHECK(aged(*cell, aged(*cell, fresh, {.seconds = 20.0}), {.seconds = 1000.0}).G == old.G);
  CHECK(aged(*cell, fresh, {}).G == fresh.G);
}

TEST_CASE("where a measured sigma falls with time its running maximum is used") {
  const auto cell = cases::make(table());
  const auto fresh = programmed(*cell, n, 30 * uS);
  const auto later = aged(*cell, fresh, {.seconds = 10.0});
  double difference = 0.0;  // every cell moves with the mean, by -2 uS, and by nothing else
  for (std::size_t k = 0; k < 1000; ++k) difference = std::max(difference, std::abs(later.G[k] - fresh.G[k] + 2 * uS));
  CHECK(difference < 1e-9 * uS);
  // From 0.5 uS at 10 s to 2 uS at 1000 s the maximum is passed at a third of the way: 1.25 uS at half way.
  check_moments(aged(*cell, fresh, {.seconds = 100.0}).G, 27 * uS, 1.25 * uS);
}

TEST_CASE("read-out of a table is clipped at zero, or at its window") {
  const Value wide = {{"sigma", std::vector<double>(6, 20 * uS)}};
  const auto zero = programmed(*cases::make(table(wide)), n, 10 * uS).G;
  const double below = 0.5 * std::erfc(11.0 / 20.0 / std::numbers::sqrt2);
  CHECK(std::abs(1.0 - cases::fraction_above(zero, 0.0) - below) < 4.0 * cases::error_of_fraction(below, n));
  Value inside = wide;
  inside["clip"] = "window";
  const auto window = programmed(*cases::make(table(inside)), 1000, 10 * uS).G;
  CHECK(*std::min_element(window.begin(), window.end()) == 10 * uS);
  CHECK(*std::max_element(window.begin(), window.end()) == 30 * uS);
}

TEST_CASE("the window of a table is the range of its states, or lies inside it") {
  const auto window = [](const Value& changes) { return cases::make(table(changes))->window(); };
  CHECK(window({}).G_min == 10 * uS);
  CHECK(window({}).G_max == 30 * uS);
  CHECK(window({}).levels == 0);
  CHECK(window({{"g_min", 12 * uS}, {"g_max", 20 * uS}, {"levels", 4}}).G_min == 12 * uS);
  CHECK(window({{"g_max", 20 * uS}, {"levels", 4}}).levels == 4);
  CHECK_THAT(refusal(table({{"g_min", 9 * uS}})), ContainsSubstring("inside the states"));
  CHECK_THAT(refusal(table({{"g_max", 31 * uS}})), ContainsSubstring("inside the states"));
  CHECK_FALSE(refusal(table({{"g_min", 20 * uS}, {"g_max", 20 * uS}})).empty());
}

TEST_CASE("rows may come in any order, each state and time once") {
  Value shuffled = table();
  for (const char* name : {"state", "time", "mean", "sigma"}) {
    auto& column = shuffled[name];
    std::swap(column[0], column[5]);
    std::swap(column[2], column[3]);
  }
  const auto plain = programmed(*cases::make(table()), 100, 17 * uS),
             other = programmed(*cases::make(shuffled), 100, 17 * uS);
  CHECK(plain.G == other.G);

  Value twice = table();
  twice["time"][1] = 1.0;
  CHECK_THAT(refusal(twice), ContainsSubstring("table row 2") && ContainsSubstring("table row 1"));
  Value lacking = table();
  for (const char* name : {"state", "time", "mean", "sigma"}) lacking[name].erase(4);
  CHECK_THAT(refusal(lacking), ContainsSubstring("table: ") && ContainsSubstring("time = 10 s"));
  Value uneven = table();
  uneven["mean"].erase(0);
  CHECK_THAT(refusal(uneven), ContainsSubstring("equal length"));
  Value at_zero = table();
  at_zero["time"][0] = at_zero["time"][3] = 0.0;
  CHECK_THAT(refusal(at_zero), ContainsSubstring("ln t"));
  CHECK_THAT(refusal({{"model", "table"}, {"state", {1e-6}}, {"time", {1.0}}, {"mean", {1e-6}}, {"sigma", {0.0}}}),
             ContainsSubstring("two states"));
}

TEST_CASE("a table may hold one time only, then it has no other age") {
  const Value one = {{"model", "table"},
                     {"state", {0.0, 10 * uS}},
                     {"time", {0.0, 0.0}},
                     {"mean", {1 * uS, 9 * uS}},
                     {"sigma", {0.0, 0.0}}};
  const auto cell = cases::make(one);
  CHECK(programmed(*cell, 1, 5 * uS).G[0] == Approx(5 * uS).epsilon(1e-14));
  CHECK_THROWS_AS(aged(*cell, programmed(*cell, 1, 5 * uS), {.seconds = 1.0}), core::Error);
}

TEST_CASE("heat ages a table by its activation energy, reads do not") {
  const auto cold = cases::make(exact());
  const auto hot = cases::make(exact({{"activation_energy", 0.8}}));
  const auto age = [](const devices::Cell& cell, const devices::Ageing& ageing) {
    return aged(cell, programmed(cell, 1, 10 * uS), ageing).G[0];
  };
  const double faster = std::exp(0.8 / 8.617333262e-5 * (1.0 / 300.0 - 1.0 / 310.0));
  CHECK(age(*hot, {.seconds = 20.0, .temperature = 310.0}) ==
        Approx(age(*cold, {.seconds = 20.0 * faster})).epsilon(1e-8));
  CHECK_THAT(cases::message([&] { age(*cold, {.seconds = 20.0, .temperature = 310.0}); }),
             ContainsSubstring("the cell model table"));
  CHECK_THAT(cases::message([&] { age(*hot, {.seconds = 20.0, .reads = 5.0}); }),
             ContainsSubstring("the cell model table"));
  CHECK(cold->acceleration(300.0) == 1.0);
  CHECK_THROWS_AS(cold->acceleration(310.0), core::Error);
}

TEST_CASE("read noise, stuck cells, pulses and energy of a table are as stated") {
  const Value quiet = {{"thermal_noise", false}, {"shot_noise", false}};
  CHECK_FALSE(cases::make(exact(quiet))->has_read_noise());
  CHECK(cases::make(exact())->has_read_noise());
  Value noisy = quiet;
  noisy["read_noise"] = 0.01;
  const auto cell = cases::make(exact(noisy));
  CHECK(cell->read_noise(programmed(*cell, 1, 20 * uS), {}).a2[0] == Approx(std::pow(0.01 * 20 * uS, 2)));

  const auto stuck = cases::make(table({{"stuck_hrs", 0.2}, {"write_pulses", 3.0}, {"write_energy", 2e-12}}));
  const auto cells = aged(*stuck, programmed(*stuck, n, 30 * uS), {.seconds = 1000.0});
  double held = 0.0;
  for (const double G : cells.G) held += G == 10 * uS ? 1.0 : 0.0;
  CHECK(std::abs(held / n - 0.2) < 4.0 * cases::error_of_fraction(0.2, n));
  CHECK(cells.pulses == Approx(3.0 * n));
  CHECK(cells.energy == Approx(6e-12 * n));
}
