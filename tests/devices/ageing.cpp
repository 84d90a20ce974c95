#include <cmath>
#include <limits>

#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// Age, temperature and reads are either answered by a model or refused by name; never without effect by silence.
namespace {

using namespace wordline;
using Catch::Matchers::ContainsSubstring;
using core::Value;
using devices::Ageing;

std::string refusal(const Value& settings, const Ageing& ageing) {
  const auto cell = cases::make(settings);
  return cases::message([&] { cases::aged(*cell, cases::programmed(*cell, 2, cell->window().G_max), ageing); });
}

Value with(const char* preset, const char* name, const Value& value) {
  Value settings = cases::spec(preset).to_value();
  settings[name] = value;
  return settings;
}

constexpr double year = 365.25 * 86400.0;
const double warm = std::nextafter(300.0, 301.0);

}  // namespace

TEST_CASE("an ideal cell claims that neither time, heat nor reads change it") {
  CHECK(refusal({{"model", "ideal"}}, {.seconds = year, .temperature = 400.0, .reads = 1e9}).empty());
}

TEST_CASE("a gaussian cell is silent on ageing and refuses every part of it by name") {
  const Value gaussian = {{"model", "gaussian"}, {"c2c", 0.1}};
  CHECK(refusal(gaussian, {}).empty());
  CHECK_THAT(refusal(gaussian, {.seconds = 1e-9}), ContainsSubstring("age = 1e-09 s: the cell model gaussian"));
  CHECK_THAT(refusal(gaussian, {.temperature = warm}), ContainsSubstring("the cell model gaussian"));
  CHECK_THAT(refusal(gaussian, {.reads = 1.0}), ContainsSubstring("reads = 1 pulse: the cell model gaussian"));
}

TEST_CASE("a ReRAM answers for what its settings describe") {
  const Value bare = {{"model", "reram"}};
  CHECK_THAT(refusal(bare, {.seconds = 1.0}), ContainsSubstring("the cell model reram"));
  CHECK_FALSE(refusal(bare, {.seconds = 1.0, .extrapolate = true}).empty());  // from nothing, nothing is extrapolated
  CHECK(refusal("neurram-2022", {.seconds = 10.0}).empty());
  CHECK(refusal("cmo-hfox-2025", {.seconds = 10.0}).empty());
  CHECK(refusal({{"model", "reram"}, {"flicker", {{"amplitude", 1e-8}}}}, {.seconds = 10.0}).empty());
  CHECK_THAT(refusal("neurram-2022", {.seconds = 10.0, .temperature = warm}), ContainsSubstring("activation_energy"));
  CHECK(refusal(with("neurram-2022", "activation_energy", 1.2), {.seconds = 10.0, .temperature = 310.0}).empty());
  CHECK_THAT(refusal("neurram-2022", {.seconds = 10.0, .reads = 1.0}), ContainsSubstring("the cell model reram"));
}

TEST_CASE("a magnetic cell answers for time, heat and reads") {
  CHECK(refusal({{"model", "sttmram"}}, {.seconds = 1.0, .temperature = 350.0, .reads = 1.0}).empty());
}

TEST_CASE("no model accepts an age that is no number or negative") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  for (const auto& m : devices::models()) {
    INFO(m.name);
    const Value settings = {{"model", m.name}};
    for (const double bad : {-1.0, inf, nan}) {
      CHECK_THAT(refusal(settings, {.seconds = bad}), ContainsSubstring("age = "));
      CHECK_THAT(refusal(settings, {.reads = bad}), ContainsSubstring("reads = "));
      CHECK_THAT(refusal(settings, {.temperature = bad}), ContainsSubstring("temperature = "));
    }
    CHECK(cases::make(settings)->name() == m.name);
  }
}
