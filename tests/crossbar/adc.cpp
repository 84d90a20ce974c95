#include "crossbar/adc.hpp"

#include <algorithm>
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

TEST_CASE("errors belong to the kinds of converter that have them") {
  const std::vector<std::string> all{"uniform", "sar", "ramp", "flash", "pipeline", "cyclic"};
  const std::vector<std::string> stages{"pipeline", "cyclic"}, elements{"sar", "ramp", "flash", "pipeline", "cyclic"};
  const auto expect = [&](const std::string& error, const core::Value& value, const std::vector<std::string>& kinds) {
    for (const std::string& kind : all) {
      INFO(error << " of " << kind);
      const core::Value settings{{"bits", 2}, {"kind", kind}, {error, value}};
      if (std::count(kinds.begin(), kinds.end(), kind) > 0)
        CHECK_NOTHROW(core::read<AdcSpec>(settings));
      else
        refuses<AdcSpec>(settings, core::ErrorKind::value, "adc." + error);
    }
    refuses<AdcSpec>({{"bits", nullptr}, {error, value}}, core::ErrorKind::value, "adc." + error);
    refuses<AdcSpec>({{"bits", 13}, {"kind", kinds[0]}, {error, value}}, core::ErrorKind::value, "adc.bits");
  };
  expect("inl", 0.5, {"uniform"});
  expect("dnl", 0.5, {"uniform"});
  expect("inl_table", {0.1, 0.2, 0.3}, {"uniform"});
  expect("mismatch", 0.01, elements);
  expect("comparator_offset", 0.5, elements);
  expect("amplifier_gain", 1000, stages);
  refuses<AdcSpec>({{"bits", nullptr}, {"kind", "sar"}}, core::ErrorKind::value, "adc.kind");
  refuses<AdcSpec>({{"bits", 4}, {"kind", "cyclic"}, {"amplifier_gain", 5}}, core::ErrorKind::value, "amplifier_gain");
  CHECK(core::read<AdcSpec>({{"bits", 16}, {"kind", "sar"}}).bits == 16);
}

TEST_CASE("tables of errors have one number for every edge and digit") {
  refuses<AdcSpec>({{"bits", 2}, {"inl_table", {0.1, 0.2}}}, core::ErrorKind::value, "adc.inl_table");
  refuses<AdcSpec>({{"bits", 2}, {"inl_table", {0.1, 0.2, 2000}}}, core::ErrorKind::value, "adc.inl_table");
  CHECK(core::read<DacSpec>({{"bits_per_cycle", 2}, {"inl", {0.1, -0.2, 0.3}}}).inl.size() == 3);
  CHECK(core::read<DacSpec>({{"bits_per_cycle", 1}, {"drive", "pulse_width"}}).drive == Drive::pulse_width);
  for (const core::Value& table : {core::Value{0.1, 0.2}, core::Value{-1.5, 0, 0}, core::Value{0, 0, 0, 0}})
    refuses<DacSpec>({{"bits_per_cycle", 2}, {"inl", table}}, core::ErrorKind::value, "dac.inl");
  const std::vector<double> long_table(511, 0.0);
  refuses<DacSpec>({{"bits", 9}, {"bits_per_cycle", 9}, {"inl", long_table}}, core::ErrorKind::value, "dac.inl");
  refuses<DacSpec>({{"bits", nullptr}, {"bits_per_cycle", nullptr}, {"inl", {0.1}}}, core::ErrorKind::value, "dac.inl");
  refuses<DacSpec>({{"bits", nullptr}, {"bits_per_cycle", nullptr}, {"signed_input", "twos_complement"}},
                   core::ErrorKind::value, "dac.signed_input");
}

TEST_CASE("an array opens at most all of its rows") {
  CHECK(core::read<ArraySpec>({{"rows", 64}, {"active_rows", 64}}).active_rows == 64);
  refuses<ArraySpec>({{"rows", 64}, {"active_rows", 65}}, core::ErrorKind::value, "array.active_rows");
  refuses<ArraySpec>({{"active_rows", 0}}, core::ErrorKind::value, "active_rows");
}

TEST_CASE("resistances of lines are not negative, and any above zero counts") {
  refuses<ArraySpec>({{"wires", {{"row", -1.0}}}}, core::ErrorKind::value, "wires.row");
  refuses<ArraySpec>({{"wires", {{"energy_samples", 1}}}}, core::ErrorKind::value, "wires.energy_samples");
  CHECK(core::read<ArraySpec>({{"wires", {{"row", 0}}}}).wires.ideal());
  CHECK(!core::read<ArraySpec>({{"wires", {{"sense", 50}}}}).wires.ideal());
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
