#include "crossbar/adc.hpp"

#include <cmath>

#include "crossbar/array.hpp"
#include "crossbar/dac.hpp"
#include "tests/catch.hpp"

using namespace wordline;
using namespace wordline::crossbar;

namespace {
template <class Spec>
void refuses(const core::Value& settings, core::ErrorKind kind, const std::string& named) {
  try {
    core::read<Spec>(settings);
    FAIL("accepted " << settings.dump());
  } catch (const core::Error& e) {
    CHECK(e.kind() == kind);
    CHECK(std::string(e.what()).find(named) != std::string::npos);
  }
}
}  // namespace

TEST_CASE("codes are two-sided exactly when the quantity can be negative") {
  const Codes one = codes_for(1020, 8, {.two_sided = false, .whole = true});
  CHECK(one.low == 0);
  CHECK(one.high == 255);
  CHECK(one.step == 4.0);
  const Codes two = codes_for(254, 8, {.two_sided = true, .whole = true});
  CHECK(two.low == -128);
  CHECK(two.high == 127);
  CHECK(two.step == 2.0);
}

TEST_CASE("a step is a whole level unit whenever that loses nothing") {
  CHECK(codes_for(60, 8, {.two_sided = true, .whole = true}).step == 1.0);
  CHECK(codes_for(60, 8, {.two_sided = true, .whole = false}).step == Approx(60.0 / 127));
  CHECK(codes_for(190.5, 8, {.two_sided = true, .whole = true}).step == 1.5);
  CHECK(codes_for(0, 8, {.two_sided = true, .whole = false}).step == 1.0);
}

TEST_CASE("resolution edges") {
  refuses<AdcSpec>({{"bits", 0}}, core::ErrorKind::value, "bits");
  refuses<AdcSpec>({{"bits", 17}}, core::ErrorKind::value, "bits");
  CHECK(core::read<AdcSpec>({{"bits", 1}}).bits == 1);
  CHECK(core::read<AdcSpec>({{"bits", 16}}).bits == 16);
  CHECK_FALSE(core::read<AdcSpec>({{"bits", nullptr}}).bits.has_value());
}

TEST_CASE("settings that would do nothing are refused") {
  refuses<AdcSpec>({{"bits", nullptr}, {"noise", 0.5}}, core::ErrorKind::value, "adc.noise");
  refuses<AdcSpec>({{"range", {1e-6, 2e-6}}}, core::ErrorKind::value, "adc.range");
  refuses<DacSpec>({{"bits", nullptr}, {"bits_per_cycle", 1}}, core::ErrorKind::value, "bits_per_cycle");
  refuses<DacSpec>({{"bits", 4}, {"bits_per_cycle", 5}}, core::ErrorKind::value, "bits_per_cycle");
  CHECK(core::read<DacSpec>({{"bits", 4}, {"bits_per_cycle", 4}}).bits_per_cycle == 4);
}

TEST_CASE("line resistance is refused by name until it is simulated") {
  refuses<ArraySpec>({{"wires", {{"row", 1.0}}}}, core::ErrorKind::unsupported, "array.wires.row");
  refuses<ArraySpec>({{"wires", {{"sense", 50}}}}, core::ErrorKind::unsupported, "array.wires.sense");
  CHECK(core::read<ArraySpec>({{"wires", {{"row", 0}}}}).wires.row == 0.0);
}

TEST_CASE("calibrated reach: maximum, percentile and least squared error") {
  Histogram seen(-100, 100);
  for (int i = 0; i < 9990; ++i) seen.add(i % 20);
  for (int i = 0; i < 10; ++i) seen.add(-80);
  const Converted kind{.two_sided = true, .whole = false};
  CHECK(calibrated_reach({.bits = 4, .statistic = Statistic::max}, seen, kind) == 80.0);
  const double p = calibrated_reach({.bits = 4, .statistic = Statistic::percentile, .percentile = 99.8}, seen, kind);
  CHECK(p == Approx(19).margin(0.05));
  // Ten outliers clipped by 60 cost 36,000; 16 codes over +-80 cost ten thousand squared errors of up to 5.7.
  const AdcSpec mse{.bits = 4, .statistic = Statistic::mse};
  const double reach = calibrated_reach(mse, seen, kind);
  const auto error = [&](double r) { return seen.squared_error(codes_for(r, 4, kind)); };
  for (const double r : {10.0, 20.0, 40.0, 60.0, 80.0}) CHECK(error(reach) <= error(r) * 1.0000001);
}

TEST_CASE("histograms merge exactly") {
  Histogram a(-10, 10), b(-10, 10), all(-10, 10);
  for (int i = 0; i < 100; ++i) {
    const double x = std::sin(i) * 9;
    (i % 3 == 0 ? a : b).add(x);
    all.add(x);
  }
  a.merge(b);
  CHECK(a.count() == all.count());
  CHECK(a.min() == all.min());
  CHECK(a.max() == all.max());
  CHECK(a.percentile(90) == all.percentile(90));
}
