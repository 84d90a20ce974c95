#include <cmath>

#include "mapper/chip.hpp"
#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using core::Value;

namespace {
void refuses(const Value& settings, const std::string& named) {
  CHECK_THROWS_WITH(core::read<ChipSpec>(settings), Catch::Matchers::ContainsSubstring(named));
}
}  // namespace

TEST_CASE("combinations that mean nothing are refused by name") {
  refuses({{"weights", {{"bits", nullptr}}}}, "slice_bits");
  refuses({{"cell", {{"model", "sttmram"}}}}, "slice_bits");
  CHECK_NOTHROW(core::read<ChipSpec>({{"cell", {{"model", "sttmram"}}}, {"weights", {{"slice_bits", 1}}}}));
  refuses({{"array", {{"cols", 1}}}}, "array.cols");
  CHECK_NOTHROW(core::read<ChipSpec>({{"array", {{"cols", 2}}}}));
  refuses({{"weights", {{"encoding", "offset"}}}, {"adc", {{"subtract", "digital"}}}}, "adc.subtract");
  refuses({{"tech", "3nm"}}, "32nm");
  refuses({{"cell", "no-such-cell"}}, "neurram-2022");
  refuses({{"adc", {{"bitz", 3}}}}, "bitz");
  refuses({{"weights", {{"bits", nullptr}, {"slice_bits", nullptr}, {"clip", "mse"}}}}, "weights.clip");
  refuses({{"dac", {{"range", "dynamic"}, {"statistic", "mse"}}}}, "dac.statistic");
  refuses({{"dac", {{"range", {0.5, 1.0}}}}}, "dac.range");
  refuses({{"adc", {{"range", "full"}, {"statistic", "percentile"}}}}, "adc.statistic");
  CHECK_THROWS_WITH(test::layer("m", 0, test::chip({{"adc", {{"bits", 1}}}}), test::real_numbers(4, 1), 2, 2, {}),
                    Catch::Matchers::ContainsSubstring("adc.bits"));
}

TEST_CASE("every chip preset reads, with sources and the units of its settings") {
  const auto presets = core::all_presets(presets::files());
  REQUIRE_FALSE(presets.empty());
  for (const auto& p : presets) {
    CHECK_NOTHROW(core::read<ChipSpec>(chip_preset(p.name).settings));
    for (const auto& n : p.numbers) CHECK_FALSE(n.source.empty());
  }
}

TEST_CASE("a chip's settings survive writing and reading") {
  const Value written = core::write(core::read<ChipSpec>(chip_preset("isaac-2016").settings));
  CHECK(core::write(core::read<ChipSpec>(written)) == written);
}

TEST_CASE("clipping trades rare large weights against resolution") {
  auto w = test::real_numbers(4000, 1);
  for (auto& x : w) x *= 0.1F;
  w[17] = 1.0F;
  const auto error = [&](const char* clip) {
    WeightsSpec spec{.bits = 4, .scale = WeightScale::layer};
    spec.clip = core::read<crossbar::Statistic>(clip);
    spec.percentile = 99.9;
    const WeightCodes codes = quantise(w, 400, 10, spec);
    double sum = 0.0;
    for (std::size_t i = 0; i < w.size(); ++i)
      sum += std::pow(static_cast<double>(w[i]) - codes.scale[i % 10] * codes.codes[i], 2);
    return std::pair{sum, codes.clipped};
  };
  CHECK(error("max").second == 0);
  CHECK(error("mse").first < error("max").first / 2);
  CHECK(error("percentile").second >= 1);
}

TEST_CASE("codes stay inside b bits and scales follow their channel") {
  const auto w = test::real_numbers(300, 2);
  for (const std::int64_t bits : {2, 5, 8, 16}) {
    const WeightCodes codes = quantise(w, 30, 10, {.bits = bits});
    const double top = std::ldexp(1.0, static_cast<int>(bits) - 1) - 1;
    for (std::size_t i = 0; i < w.size(); ++i) {
      REQUIRE(std::abs(codes.codes[i]) <= top);
      REQUIRE(std::abs(static_cast<double>(w[i]) - codes.scale[i % 10] * codes.codes[i]) <=
              codes.scale[i % 10] * 0.5001);
    }
  }
}
