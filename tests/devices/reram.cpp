#include <numbers>

#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// The model's own rules: trajectories, clipping, access device, noise bands. The presets' published numbers are in
/// tests/physics/devices_reram.cpp.
namespace {

using namespace wordline;
using cases::aged;
using cases::programmed;
using Catch::Matchers::ContainsSubstring;
using core::Value;
using devices::Ageing;

constexpr double day = 86400.0;
constexpr double uS = 1e-6;

double std_at(const devices::Cell& cell, const devices::CellArray& cells, double seconds) {
  return cases::moments(aged(cell, cells, {.seconds = seconds}).G).std;
}
bool accepted(const devices::Cell& cell, const Ageing& ageing) {
  return cases::broken_rule([&] { aged(cell, programmed(cell, 2, cell.window().G_max), ageing); }).empty();
}

}  // namespace

TEST_CASE("an age of nothing is the state as programmed") {
  for (const char* preset : {"neurram-2022", "neurram-2022-crosssim", "cmo-hfox-2025", "milo-2021"}) {
    const auto cell = cases::make(preset);
    const auto fresh = programmed(*cell, 1000, cell->window().G_max);
    CHECK(aged(*cell, fresh, {.seconds = 0.0}).G == fresh.G);
  }
  const auto cell = cases::make("neurram-2022");
  const auto fresh = programmed(*cell, 1000, 20 * uS);
  CHECK(aged(*cell, fresh, {.seconds = 1.0}).G == fresh.G);  // its first time stamp
}

TEST_CASE("ages lie on one trajectory, whatever was asked for before") {
  for (const char* preset : {"neurram-2022", "cmo-hfox-2025"}) {
    const auto cell = cases::make(preset);
    const auto fresh = programmed(*cell, 1000, 20 * uS);
    const auto straight = aged(*cell, fresh, {.seconds = 3000.0});
    const auto stepwise = aged(*cell, aged(*cell, fresh, {.seconds = 1000.0}), {.seconds = 3000.0});
    CHECK(straight.G == stepwise.G);
  }
}

TEST_CASE("states at two times correlate as one frozen draw and its growth demand") {
  constexpr std::size_t n = 200000;
  const auto cell = cases::make("neurram-2022");
  const auto fresh = programmed(*cell, n, 20 * uS);
  const double rho = 2.023 / 3.909;  // sigma(1 s)/sigma(1 day) at 20 uS
  const double got = cases::correlation(fresh.G, aged(*cell, fresh, {.seconds = day}).G);
  CHECK(std::abs(got - rho) < 4.0 * (1.0 - rho * rho) / std::sqrt(1.0 * n) + 1e-3);
}

TEST_CASE("sigma is interpolated in ln t and never falls") {
  constexpr std::size_t n = 200000;
  const auto cell = cases::make("neurram-2022");
  const auto at20 = programmed(*cell, n, 20 * uS);
  const double middle = 0.5 * (2.0230625 + 3.908625) * uS;  // half way in ln t between 1 s and 1 day
  CHECK(std::abs(std_at(*cell, at20, std::sqrt(day)) - middle) < 4.0 * cases::error_of_std(middle, n));

  const auto at10 = programmed(*cell, n, 10 * uS);  // the digitised sigma falls here from 1 to 2 days
  CHECK(aged(*cell, at10, {.seconds = 2 * day}).G == aged(*cell, at10, {.seconds = day}).G);
}

TEST_CASE("times outside the fitted range are refused unless extrapolation is asked for") {
  const auto neurram = cases::make("neurram-2022");
  CHECK(accepted(*neurram, {.seconds = 0.0}));
  CHECK(accepted(*neurram, {.seconds = 1.0}));
  CHECK_FALSE(accepted(*neurram, {.seconds = std::nextafter(1.0, 0.0)}));
  CHECK(accepted(*neurram, {.seconds = 2 * day}));
  CHECK_FALSE(accepted(*neurram, {.seconds = std::nextafter(2 * day, 1e9)}));
  CHECK(accepted(*neurram, {.seconds = 10 * day, .extrapolate = true}));
  CHECK_FALSE(accepted(*neurram, {.seconds = -1.0, .extrapolate = true}));

  const auto cmo = cases::make("cmo-hfox-2025");
  CHECK(accepted(*cmo, {.seconds = 3600.0}));
  CHECK_FALSE(accepted(*cmo, {.seconds = std::nextafter(3600.0, 1e9)}));
  CHECK_FALSE(accepted(*cmo, {.seconds = std::nextafter(1.0, 0.0)}));

  const auto milo = cases::make("milo-2021");
  CHECK(accepted(*milo, {.seconds = 0.0}));
  CHECK_FALSE(accepted(*milo, {.seconds = 1.0}));
  const auto text = cases::message([&] { aged(*milo, programmed(*milo, 1, 100 * uS), {.seconds = 1.0}); });
  CHECK_THAT(text, ContainsSubstring("extrapolation"));
}

TEST_CASE("extrapolation continues the last interval in ln t") {
  constexpr std::size_t n = 200000;
  const Value errors = {{{"time", 1.0}, {"sigma", {1e-6}}}, {{"time", 100.0}, {"sigma", {2e-6}}}};
  const auto cell = cases::make({{"model", "reram"}, {"errors", errors}});
  const auto far = aged(*cell, programmed(*cell, n, 50 * uS), {.seconds = 1e4, .extrapolate = true});
  CHECK(std::abs(cases::moments(far.G).std - 3e-6) < 4.0 * cases::error_of_std(3e-6, n));
}

TEST_CASE("a temperature other than 300 K needs an activation energy") {
  const auto unknown = cases::make("neurram-2022");
  CHECK(unknown->acceleration(300.0) == 1.0);
  CHECK_FALSE(accepted(*unknown, {.seconds = 10.0, .temperature = 301.0}));

  auto settings = cases::spec("neurram-2022").to_value();
  settings["activation_energy"] = 1.2;
  const auto cell = cases::make(settings);
  const double faster = std::exp(1.2 / 8.617333262e-5 * (1.0 / 300.0 - 1.0 / 330.0));
  CHECK(cell->acceleration(330.0) == Approx(faster).epsilon(1e-8));
  const auto fresh = programmed(*cell, 100, 20 * uS);
  const auto hot = aged(*cell, fresh, {.seconds = 50.0, .temperature = 330.0});
  const auto cold = aged(*cell, fresh, {.seconds = 50.0 * cell->acceleration(330.0)});
  for (std::size_t k = 0; k < 100; ++k) CHECK(hot.G[k] == Approx(cold.G[k]).epsilon(1e-12));
}

TEST_CASE("conductances are clipped where they are read out, the trajectory behind them is not") {
  constexpr std::size_t n = 200000;
  const auto cell = cases::make("neurram-2022");
  const auto fresh = programmed(*cell, n, 1 * uS);
  const auto old = aged(*cell, fresh, {.seconds = day});
  const double sigma = 1.222;  // uS, of the 1 day polynomial at 1 uS, so a fraction Phi(-1/sigma) lies below 0
  const double clipped = 0.5 * std::erfc(1.0 / sigma / std::numbers::sqrt2);
  CHECK(std::abs(1.0 - cases::fraction_above(old.G, 0.0) - clipped) <
        4.0 * cases::error_of_fraction(clipped, n) + 5e-4);
  double returned = 0.0;  // cells that read 0 when fresh and have a conductance again a day later
  for (std::size_t k = 0; k < n; ++k) returned += fresh.G[k] == 0.0 && old.G[k] > 0.0 ? 1.0 : 0.0;
  CHECK(returned > 100.0);

  auto settings = cases::spec("cmo-hfox-2025").to_value();
  const auto above = programmed(*cases::make(settings), 1000, 88.2e-6).G;
  CHECK(*std::max_element(above.begin(), above.end()) > 88.2e-6);
  settings["clip"] = "window";
  const auto within = programmed(*cases::make(settings), 1000, 88.2e-6).G;
  CHECK(*std::max_element(within.begin(), within.end()) == 88.2e-6);
}

TEST_CASE("another programming draws new errors, the same one the same") {
  const auto cell = cases::make("cmo-hfox-2025");
  auto cells = programmed(*cell, 1000, 50 * uS);
  const auto first = cells.G;
  cells.write = 1;
  cell->program(cells);
  CHECK(cells.G != first);
  CHECK(std::abs(cases::correlation(cells.G, first)) < 4.0 / std::sqrt(1000.0));
  cells.write = 0;
  cell->program(cells);
  CHECK(cells.G == first);
}

TEST_CASE("an access device in series and a leakage beside it belong to the cell's conductance") {
  const Value settings = {{"model", "reram"},         {"g_min", 1e-6},  {"g_max", 1e-4}, {"access_resistance", 5000.0},
                          {"access_included", false}, {"leakage", 1e-8}};
  const auto cell = cases::make(settings);
  const double G_max = 1.0 / (1.0 / 1e-4 + 5000.0) + 1e-8, G_min = 1.0 / (1.0 / 1e-6 + 5000.0) + 1e-8;
  CHECK(cell->window().G_max == Approx(G_max).epsilon(1e-14));
  CHECK(cell->window().G_min == Approx(G_min).epsilon(1e-14));
  CHECK(programmed(*cell, 1, 40 * uS).G[0] == Approx(40 * uS).epsilon(1e-14));

  auto noisy = settings;
  noisy["read_noise"] = 0.01;  // of the device: dG_cell/dg = 1/(1 + g R)^2 reaches the cell
  const auto a2 = cases::make(noisy)->read_noise(programmed(*cell, 1, cell->window().G_max), {}).a2[0];
  CHECK(std::sqrt(a2) == Approx(0.01 * 1e-4 / (1.5 * 1.5)).epsilon(1e-9));

  CHECK_THROWS_AS(cases::make({{"model", "reram"}, {"access_resistance", 5000.0}}), core::Error);
}

TEST_CASE("fast and slow 1/f noise add up to the published law at the age of the cell") {
  constexpr std::size_t n = 100000;
  const auto cell = cases::make("cmo-hfox-2025");
  CHECK(cell->has_slow_noise());
  const auto cells = aged(*cell, programmed(*cell, n, 50 * uS), {.seconds = 3600.0});
  const devices::ReadConditions read{.t_inference = 1e-3};
  auto noisy = cells;
  cell->epoch(noisy, 3, read, {.seconds = 3600.0});
  std::vector<double> slow(n);
  for (std::size_t k = 0; k < n; ++k) slow[k] = (noisy.G[k] - cells.G[k]) / std::log10(cells.G[k] / uS);

  const double K = 0.0277316483e-6, t_r = 1e-6;
  const double whole = K * K * std::log((3600.0 + t_r) / (2.0 * t_r)),
               fast = K * K * std::log((1e-3 + t_r) / (2.0 * t_r));
  const double sigma = std::sqrt(whole - fast);
  CHECK(std::abs(cases::moments(slow).std - sigma) < 4.0 * cases::error_of_std(sigma, n));
  const double L = std::log10(cells.G[0] / uS);
  CHECK(cell->read_noise(cells, read).a2[0] == Approx(fast * L * L).epsilon(1e-9));

  auto again = cells, next = cells, early = cells;
  cell->epoch(again, 3, read, {.seconds = 3600.0});
  cell->epoch(next, 4, read, {.seconds = 3600.0});
  cell->epoch(early, 3, read, {.seconds = 1e-3});
  CHECK(again.G == noisy.G);
  CHECK(next.G != noisy.G);
  CHECK(early.G == cells.G);  // younger than one inference: nothing is slower than it
}

TEST_CASE("without a fit of 1/f noise there is no slow noise, and thermal and shot noise can be switched off") {
  CHECK_FALSE(cases::make("neurram-2022")->has_slow_noise());
  CHECK(cases::make("neurram-2022")->has_read_noise());
  CHECK_FALSE(cases::make({{"model", "reram"}, {"thermal_noise", false}, {"shot_noise", false}})->has_read_noise());
}

TEST_CASE("stuck cells stay stuck while they age") {
  constexpr std::size_t n = 100000;
  auto settings = cases::spec("neurram-2022").to_value();
  settings["stuck_lrs"] = 0.01, settings["stuck_hrs"] = 0.03;
  const auto cell = cases::make(settings);
  const auto old = aged(*cell, programmed(*cell, n, 20 * uS), {.seconds = day});
  double lrs = 0.0, hrs = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    lrs += old.stuck[k] == devices::Stuck::lrs && old.G[k] == cell->window().G_max ? 1.0 : 0.0;
    hrs += old.stuck[k] == devices::Stuck::hrs && old.G[k] == cell->window().G_min ? 1.0 : 0.0;
  }
  CHECK(std::abs(lrs / n - 0.01) < 4.0 * cases::error_of_fraction(0.01, n));
  CHECK(std::abs(hrs / n - 0.03) < 4.0 * cases::error_of_fraction(0.03, n));
}

TEST_CASE("programming reports its pulses and energy where the settings give them") {
  const auto cell = cases::make({{"model", "reram"}, {"write_pulses", 8.5}, {"write_energy", 1e-12}});
  const auto cells = programmed(*cell, 100, 50 * uS);
  CHECK(cells.pulses == Approx(850.0));
  CHECK(cells.energy == Approx(850e-12));
  CHECK(programmed(*cases::make("neurram-2022"), 100, 20 * uS).energy == 0.0);
}

TEST_CASE("rules across the fields of ReRAM") {
  const auto rule = [](Value settings) {
    settings["model"] = "reram";
    return cases::broken_rule([&] { cases::make(settings); });
  };
  const Value one = {{"time", 1.0}, {"sigma", {1e-6}}}, ten = {{"time", 10.0}, {"sigma", {1e-6}}};
  CHECK(rule({{"errors", Value::array({one, ten})}}).empty());
  CHECK_FALSE(rule({{"errors", Value::array({ten, one})}}).empty());
  CHECK_FALSE(rule({{"errors", Value::array({one, one})}}).empty());
  CHECK_FALSE(rule({{"errors", Value::array({one, ten})}, {"relaxation", Value::object()}}).empty());
  CHECK(rule({{"errors", Value::array({one})}, {"relaxation", Value::object()}}).empty());
  CHECK_FALSE(rule({{"errors", Value::array({{{"sigma", Value::array()}}})}}).empty());
  CHECK_FALSE(rule({{"relaxation", {{"time_first", 10.0}, {"time_last", 10.0}}}}).empty());
  CHECK_FALSE(rule({{"iv", {{"g_first", 2e-5}, {"g_last", 1e-5}}}}).empty());
  CHECK_FALSE(rule({{"g_min", 1e-4}, {"g_max", 1e-4}}).empty());
}
