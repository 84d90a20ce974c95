#include "cost/price.hpp"
#include "tests/catch.hpp"
#include "tests/cost/cases.hpp"

namespace {

using namespace wordline;
using cases::isaac;

cost::LayerUse timed(const char* name, double windows, std::int64_t cycles, double t_read, std::int64_t conversions) {
  auto use = cases::idle(1, name);
  use.windows_per_sample = windows;
  use.cycles_per_window = cycles;
  use.t_read = t_read;
  use.conversions_per_converter = static_cast<double>(conversions);
  return use;
}

TEST_CASE("latency of a layer by hand: windows x cycles x the longer of read and conversions", "[cost]") {
  // 28 x 28 windows of 8 one-bit cycles; 120 conversions at 1.2 GS/s are exactly 100 ns.
  const auto by_adc = cost::price(isaac(), {timed("conv", 784, 8, 50e-9, 120)});
  CHECK(by_adc.latency() == Approx(784 * 8 * 100e-9));
  CHECK(by_adc.layers[0].bound == "conversion");
  const auto by_read = cost::price(isaac(), {timed("conv", 784, 8, 200e-9, 120)});
  CHECK(by_read.latency() == Approx(784 * 8 * 200e-9));
  CHECK(by_read.layers[0].bound == "array read");
}

TEST_CASE("a conversion lasts one period of the ADC, whatever its bits", "[cost]") {
  for (const int bits : {4, 8, 10}) {
    auto use = timed("a", 1, 1, 1e-12, 1);
    use.adc_bits = bits;
    CHECK(cost::price(isaac(), {use}).latency() == Approx(1 / 1.2e9));
  }
}

TEST_CASE("an ideal ADC takes no time", "[cost]") {
  auto use = timed("a", 10, 1, 1e-9, 1000000);
  use.adc_bits = 0;
  CHECK(cost::price(isaac(), {use}).latency() == Approx(10e-9));
}

TEST_CASE("layers add up to one inference, the slowest sets the pipeline", "[cost]") {
  const auto ledger = cost::price(isaac(), {timed("a", 10, 1, 1e-6, 0), timed("b", 30, 1, 1e-6, 0)});
  CHECK(ledger.latency() == Approx(40e-6));
  CHECK(ledger.pipelined_period() == Approx(30e-6));
  CHECK(ledger.to_value().at("throughput_per_s").get<double>() == Approx(1 / 30e-6));
}

}  // namespace
