#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "cost/price.hpp"
#include "tests/catch.hpp"
#include "tests/cost/cases.hpp"

namespace {

using namespace wordline;
using Catch::Matchers::ContainsSubstring;
using Use = cost::LayerUse;

std::string refusal(const std::function<void(Use&)>& change) {
  auto use = cases::full_tiles(1, "conv1");
  use.activity.array_energy = 1e-9;
  change(use);
  return cases::refusal([&] { cost::price(cases::isaac(), {use}); });
}

TEST_CASE("the smallest count is accepted and one less is refused, by name", "[cost]") {
  struct Edge {
    std::string name;
    std::int64_t smallest;
    std::function<void(Use&, std::int64_t)> set;
  };
  const std::vector<Edge> edges{
      {"arrays", 1, [](Use& u, auto n) { u.arrays = n, u.cells_used = 0; }},
      {"rows", 1, [](Use& u, auto n) { u.rows = n, u.cells_used = 0; }},
      {"cols", 1, [](Use& u, auto n) { u.cols = n, u.cells_used = 0; }},
      {"cells_used", 0, [](Use& u, auto n) { u.cells_used = n; }},
      {"adc_bits", 0, [](Use& u, auto n) { u.adc_bits = static_cast<int>(n); }},
      {"dac_bits", 0, [](Use& u, auto n) { u.dac_bits = static_cast<int>(n); }},
      {"activity.samples", 1, [](Use& u, auto n) { u.activity.samples = n; }},
      {"activity.windows", 0, [](Use& u, auto n) { u.activity.windows = n; }},
      {"activity.macs", 0, [](Use& u, auto n) { u.activity.macs = n; }},
      {"activity.array_reads", 0, [](Use& u, auto n) { u.activity.array_reads = n, u.activity.array_energy = 0; }},
      {"activity.row_drives", 0, [](Use& u, auto n) { u.activity.row_drives = n; }},
      {"activity.conversions", 0, [](Use& u, auto n) { u.activity.conversions = n; }},
      {"activity.saturations", 0, [](Use& u, auto n) { u.activity.saturations = n; }},
      {"activity.input_clips", 0, [](Use& u, auto n) { u.activity.input_clips = n; }},
      {"activity.shift_adds", 0, [](Use& u, auto n) { u.activity.shift_adds = n; }},
      {"activity.input_bits", 0, [](Use& u, auto n) { u.activity.input_bits = n; }},
      {"activity.output_bits", 0, [](Use& u, auto n) { u.activity.output_bits = n; }},
      {"cycles_per_window", 0, [](Use& u, auto n) { u.cycles_per_window = n; }},
  };
  for (const auto& e : edges) {
    CAPTURE(e.name);
    CHECK(refusal([&](Use& u) { e.set(u, e.smallest); }).empty());
    CHECK_THAT(refusal([&](Use& u) { e.set(u, e.smallest - 1); }), ContainsSubstring("layer 'conv1': " + e.name));
  }
}

TEST_CASE("times and energies are finite and not negative", "[cost]") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::function<void(Use&, double)>> setters{
      [](Use& u, double x) { u.activity.array_energy = x; }, [](Use& u, double x) { u.array_energy_error = x; },
      [](Use& u, double x) { u.conversions_per_converter = x; }, [](Use& u, double x) { u.windows_per_sample = x; },
      [](Use& u, double x) { u.t_read = x; }};
  for (const auto& set : setters)
    for (const double bad : {-1e-30, inf, nan}) CHECK_FALSE(refusal([&](Use& u) { set(u, bad); }).empty());
  CHECK_THAT(refusal([](Use& u) { u.t_read = 0.0; }), ContainsSubstring("t_read = 0 s"));
  CHECK(refusal([](Use& u) { u.t_read = 1e-15; }).empty());
  CHECK(refusal([](Use& u) { u.windows_per_sample = 0.0; }).empty());
}

TEST_CASE("actions need the hardware that does them", "[cost]") {
  CHECK_THAT(refusal([](Use& u) { u.converters = 0; }), ContainsSubstring("converter"));
  CHECK_THAT(refusal([](Use& u) { u.converters = -1; }), ContainsSubstring("converters"));
  CHECK_THAT(refusal([](Use& u) { u.converters = 0, u.activity.conversions = 0; }), ContainsSubstring("converter"));
  CHECK(
      refusal([](Use& u) { u.converters = 0, u.conversions_per_converter = 0.0, u.activity.conversions = 0; }).empty());
  CHECK(refusal([](Use& u) { u.converters = u.adc_bits = 0; }).empty());
  CHECK_THAT(refusal([](Use& u) { u.row_drivers = 0; }), ContainsSubstring("row_drivers"));
  CHECK(refusal([](Use& u) { u.row_drivers = u.dac_bits = 0; }).empty());
  CHECK_THAT(refusal([](Use& u) { u.activity.array_reads = 0; }), ContainsSubstring("array reads"));
}

TEST_CASE("no more can be used than there is", "[cost]") {
  CHECK(refusal([](Use& u) { u.cells_used = u.arrays * u.rows * u.cols; }).empty());
  CHECK_THAT(refusal([](Use& u) { u.cells_used = u.arrays * u.rows * u.cols + 1; }), ContainsSubstring("cells_used"));
  CHECK(refusal([](Use& u) { u.activity.saturations = u.activity.conversions; }).empty());
  CHECK_FALSE(refusal([](Use& u) { u.activity.saturations = u.activity.conversions + 1; }).empty());
}

TEST_CASE("a ledger needs layers with names of their own", "[cost]") {
  const auto why = [](std::vector<Use> uses) { return cases::refusal([&] { cost::price(cases::isaac(), uses); }); };
  CHECK_THAT(why({}), ContainsSubstring("at least one layer"));
  CHECK(why({cases::idle(1, "a"), cases::idle(1, "b")}).empty());
  CHECK_THAT(why({cases::idle(1, "a"), cases::idle(1, "a")}), ContainsSubstring("layer = a"));
  CHECK_FALSE(why({cases::idle(1, "")}).empty());
  CHECK_FALSE(why({cases::idle(1, std::string(cost::shared_layer))}).empty());
}

}  // namespace
