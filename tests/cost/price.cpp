#include "cost/price.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/cost/cases.hpp"

namespace {

using namespace wordline;
using cases::idle;
using cases::isaac;
using cases::line;
using cases::shared;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a conversion is charged once, not once per bit", "[cost]") {
  auto use = idle(1);
  use.activity.conversions = 1000;
  const auto ledger = cost::price(isaac(), {use});
  const auto& adc = line(ledger, "idle", "ADC");
  CHECK(adc.count == 1000.0);
  CHECK(adc.energy == Approx(1000 * 2e-3 / 1.2e9));
  CHECK(adc.action == "conversion");
  CHECK(adc.basis == "published");
  CHECK_THAT(adc.formula, ContainsSubstring("1.2e+09"));
}

TEST_CASE("ADC energy and area follow the cited table, bit by bit", "[cost]") {
  const double energy[] = {0.79, 0.99, 1.20, 1.42, 1.67, 1.969078145, 2.379022742};
  const double area[] = {361.04, 476.91, 626.91, 845.18, 1200, 1827.911647, 3002.008032};
  for (int b = 4; b <= 10; ++b) {
    auto use = idle(1);
    use.activity.conversions = 1;
    use.adc_bits = b;
    const auto ledger = cost::price(isaac(), {use});
    const auto& adc = line(ledger, "idle", "ADC");
    CAPTURE(b);
    CHECK(adc.unit_energy == Approx(1e-12 * energy[b - 4]).epsilon(0.0025));  // 1.667 pJ is rounded to 1.67 there
    CHECK(adc.unit_area == Approx(1e-12 * area[b - 4]));
    CHECK(adc.unit_power == Approx(adc.unit_energy * 1.2e9));
    CHECK((b == 8 || adc.formula.find("bit against 8 bit") != std::string::npos));
  }
}

TEST_CASE("converters of other resolutions are refused, not extrapolated", "[cost]") {
  const auto with = [](int adc, int dac) {
    auto use = idle(1);
    use.adc_bits = adc;
    use.dac_bits = dac;
    return cases::refusal([=] { cost::price(isaac(), {use}); });
  };
  CHECK_THAT(with(3, 1), ContainsSubstring("[4, 10]"));
  CHECK_THAT(with(11, 1), ContainsSubstring("[4, 10]"));
  CHECK(with(4, 1).empty());
  CHECK(with(10, 8).empty());
  CHECK_THAT(with(8, 9), ContainsSubstring("[1, 8]"));
}

TEST_CASE("ideal converters cost nothing and say so", "[cost]") {
  auto use = idle(1);
  use.adc_bits = use.dac_bits = 0;
  use.activity.conversions = use.activity.row_drives = 100;
  const auto ledger = cost::price(isaac(), {use});
  for (const char* name : {"ADC", "row driver"}) {
    const auto& l = line(ledger, "idle", name);
    CHECK(l.energy == 0.0);
    CHECK(l.area == 0.0);
    CHECK(l.rated_power == 0.0);
    CHECK_THAT(l.formula, ContainsSubstring("ideal"));
  }
}

TEST_CASE("a driver of more than one bit is an assumption and says so", "[cost]") {
  auto use = idle(1);
  use.activity.row_drives = 128;
  const auto one = cost::price(isaac(), {use});
  use.dac_bits = 4;
  const auto four = cost::price(isaac(), {use});
  CHECK(line(four, "idle", "row driver").energy == 8 * line(one, "idle", "row driver").energy);
  CHECK(line(four, "idle", "row driver").area == 8 * line(one, "idle", "row driver").area);
  CHECK(line(four, "idle", "row driver").basis == "assumed");
}

TEST_CASE("array energy is the measured one, with its standard error and without rated power", "[cost]") {
  auto use = idle(2);
  use.activity.samples = 4;
  use.activity.array_reads = 8;
  use.activity.array_energy = 4e-9;
  use.array_energy_error = 4e-10;
  const auto ledger = cost::price(isaac(), {use});
  const auto& array = line(ledger, "idle", "array");
  CHECK(array.energy == 1e-9);
  CHECK(array.standard_error == 1e-10);
  CHECK(array.count == 2.0);
  CHECK(array.unit_energy == 0.5e-9);
  CHECK(array.rated_power == Approx(2 * 0.3e-3));
  CHECK(ledger.energy() == 1e-9);
  CHECK(ledger.standard_error() == 1e-10);
}

TEST_CASE("sizes go with cells, rows and columns of the array", "[cost]") {
  auto use = idle(8);
  use.rows = 256;
  use.cols = 64;
  const auto table = cost::price(isaac(), {idle(8)});
  const auto other = cost::price(isaac(), {use});
  const auto ratio = [&](const char* name) { return line(other, "idle", name).area / line(table, "idle", name).area; };
  CHECK(ratio("array") == 1.0);
  CHECK(ratio("input register") == 2.0);
  CHECK(ratio("output register") == 0.5);
  CHECK(ratio("sample-and-hold") == 0.5);
  CHECK(ratio("row driver") == 1.0);
}

TEST_CASE("a started IMA is paid by its layer, a started tile and router by all layers together", "[cost]") {
  const auto ledger = cost::price(isaac(), {idle(1, "a"), idle(9, "b"), idle(71, "c")});  // 1 + 2 + 9 = 12 IMAs
  CHECK(line(ledger, "a", "input register").instances == 1.0);
  CHECK(line(ledger, "b", "input register").instances == 2.0);
  CHECK(line(ledger, "c", "output register").instances == 9.0);
  CHECK(shared(ledger, "buffer").instances == 1.0);
  const auto more = cost::price(isaac(), {idle(1, "a"), idle(9, "b"), idle(73, "c")});  // 13 IMAs
  CHECK(shared(more, "buffer").instances == 2.0);
  CHECK(shared(more, "activation units").instances == 4.0);
  CHECK(shared(more, "router").instances == 1.0);
  CHECK(shared(cost::price(isaac(), {idle(4 * 96)}), "router").instances == 1.0);
  CHECK(shared(cost::price(isaac(), {idle(4 * 96 + 1)}), "router").instances == 2.0);
}

TEST_CASE("chip links are paid from the second chip on", "[cost]") {
  CHECK(shared(cost::price(isaac(), {idle(168 * 96)}), "chip links").instances == 0.0);
  CHECK(shared(cost::price(isaac(), {idle(168 * 96 + 1)}), "chip links").instances == 8.0);
}

TEST_CASE("data movement is charged to the layer that caused it", "[cost]") {
  auto use = idle(1, "mover");
  use.activity.input_bits = 1000;
  use.activity.output_bits = 10;
  const auto ledger = cost::price(isaac(), {use, idle(1)});
  CHECK(line(ledger, "mover", "buffer").count == 1010.0);
  CHECK(line(ledger, "mover", "bus").count == 1010.0);
  CHECK(line(ledger, "mover", "router").count == 20.0);
  CHECK(line(ledger, "mover", "input register").count == 1000.0);
  CHECK(line(ledger, "mover", "tile output register").count == 10.0);
  CHECK(line(ledger, "idle", "buffer").energy == 0.0);
  CHECK(shared(ledger, "buffer").energy == 0.0);
}

TEST_CASE("what is not priced has a line that says so", "[cost]") {
  const auto ledger = cost::price(isaac(), {idle(1)});
  CHECK_THAT(shared(ledger, "digital operators").formula, ContainsSubstring("not priced"));
  CHECK_THAT(shared(ledger, "leakage").formula, ContainsSubstring("states no leakage for array, ADC"));
  CHECK(ledger.leakage_power() == 0.0);
}

TEST_CASE("leakage is its power times the latency of one sample", "[cost]") {
  const auto t = cases::edited("[settings.adc]\n",
                               "[settings.adc]\nleakage = { value = 1e-6, unit = \"W\", source = \"a test\", "
                               "basis = \"assumed\" }\n");
  const auto use = cases::full_tiles(1);
  const auto ledger = cost::price(t, {use});
  CHECK(ledger.leakage_power() == Approx(96e-6));
  CHECK(ledger.energy() - cost::price(isaac(), {use}).energy() == Approx(96e-6 * ledger.latency()));
  CHECK(shared(ledger, "leakage").action == "ADC");
  CHECK(shared(ledger, "leakage").source == "a test");
  CHECK(ledger.lines.back().formula.find("ADC") == std::string::npos);
}

}  // namespace
