#include "cost/ledger.hpp"

#include <random>

#include "tests/catch.hpp"
#include "tests/cost/cases.hpp"

namespace {

using namespace wordline;
using cases::isaac;

std::vector<cost::LayerUse> random_uses(std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  std::vector<cost::LayerUse> uses;
  const auto n = 1 + bits() % 6;
  for (std::uint64_t i = 0; i < n; ++i) uses.push_back(cases::random_use(bits, "layer" + std::to_string(i)));
  return uses;
}

cost::Share total(const std::vector<cost::Share>& shares) {
  cost::Share sum;
  for (const auto& s : shares) {
    sum.energy += s.energy;
    sum.area += s.area;
    sum.rated_power += s.rated_power;
  }
  return sum;
}

TEST_CASE("the parts always sum to the totals", "[cost]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto ledger = cost::price(isaac(), random_uses(seed));
    double energy = 0.0, area = 0.0, rated = 0.0;
    for (const auto& l : ledger.lines) {
      energy += l.energy;
      area += l.area;
      rated += l.rated_power;
      if (l.component != "array") REQUIRE(l.energy == l.count * l.unit_energy);
      REQUIRE(l.area == l.instances * l.unit_area);
      REQUIRE_FALSE((l.formula.empty() || l.source.empty() || l.basis.empty()));
    }
    CAPTURE(seed);
    REQUIRE(ledger.energy() == energy);
    REQUIRE(ledger.area() == area);
    REQUIRE(ledger.rated_power() == rated);
    for (const auto& shares : {ledger.by_component(), ledger.by_layer()}) {
      REQUIRE(total(shares).energy == Approx(energy).epsilon(1e-13));
      REQUIRE(total(shares).area == Approx(area).epsilon(1e-13));
      REQUIRE(total(shares).rated_power == Approx(rated).epsilon(1e-13));
    }
  }
}

TEST_CASE("twice the activity is twice the energy, and no other area", "[cost]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto once = random_uses(seed);
    auto twice = once;
    for (auto& use : twice) {
      const auto samples = use.activity.samples;
      const auto copy = use.activity;
      use.activity += copy;
      use.activity.samples = samples;
    }
    const auto a = cost::price(isaac(), once), b = cost::price(isaac(), twice);
    CAPTURE(seed);
    REQUIRE(b.energy() == 2.0 * a.energy());
    REQUIRE(b.area() == a.area());
    REQUIRE(b.latency() == a.latency());
  }
}

TEST_CASE("energy per sample does not depend on how many samples ran", "[cost]") {
  auto uses = random_uses(3);
  const auto one = cost::price(isaac(), uses);
  for (auto& use : uses) {
    const auto copy = use.activity;
    for (int i = 0; i < 6; ++i) use.activity += copy;
  }
  CHECK(cost::price(isaac(), uses).energy() == Approx(one.energy()).epsilon(1e-14));
  CHECK(cost::price(isaac(), uses).operations() == Approx(one.operations()).epsilon(1e-14));
}

TEST_CASE("the tree has the totals under keys with units, and every line", "[cost]") {
  const auto uses = random_uses(11);
  const auto ledger = cost::price(isaac(), uses, cost::ActivityOf::calibration);
  const auto v = ledger.to_value();
  CHECK(v.at("technology") == "32nm");
  CHECK(v.at("activity_of") == "calibration (estimate)");
  CHECK(v.at("energy_j") == ledger.energy());
  CHECK(v.at("area_m2") == ledger.area());
  CHECK(v.at("latency_s") == ledger.latency());
  CHECK(v.at("utilisation") == ledger.utilisation());
  CHECK(v.at("operations") == 2.0 * v.at("macs").get<double>());
  CHECK(v.at("energy_by_component_j").size() == ledger.by_component().size());
  REQUIRE(v.at("layers").size() == uses.size());
  REQUIRE(v.at("lines").size() == ledger.lines.size());
  double latency = 0.0;
  for (const auto& layer : v.at("layers")) latency += layer.at("latency_s").get<double>();
  CHECK(latency == ledger.latency());
}

TEST_CASE("no number of the tree is infinite or undefined, even when nothing happened", "[cost]") {
  auto use = cases::idle(1);
  use.windows_per_sample = 0.0;
  const auto v = cost::price(isaac(), {use}).to_value();
  CHECK(v.at("throughput_per_s").is_null());
  CHECK(v.at("operations_per_j").is_null());
  CHECK(v.at("energy_j") == 0.0);
}

TEST_CASE("utilisation is used cells over all cells", "[cost]") {
  auto a = cases::idle(1, "a"), b = cases::idle(3, "b");
  a.cells_used = 0;
  CHECK(cost::price(isaac(), {a, b}).utilisation() == 0.75);
}

}  // namespace
