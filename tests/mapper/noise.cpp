#include <cmath>

#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using core::Value;

TEST_CASE("read noise reaches the output with the variance of its cells") {
  // Eight driven rows of pairs: sixteen cells whose conductance fluctuates by sigma_G. In units of the largest weight,
  // which is the whole window, every cell adds (sigma_G / window)^2. 40,000 samples: 4 standard errors are 2.8 %.
  const std::int64_t rows = 8, samples = 40000;
  const double sigma_G = 2e-6, window = 100e-6;
  for (const auto& [bits, per_cycle] : {std::pair<int, Value>{1, 1}, {4, nullptr}}) {
    const Value s{{"cell",
                   {{"model", "gaussian"},
                    {"g_min", 0.0},
                    {"g_max", window},
                    {"read_noise", sigma_G},
                    {"read_kind", "constant"}}},
                  {"weights", {{"bits", 8}, {"slice_bits", nullptr}}},
                  {"dac", {{"bits", bits}, {"bits_per_cycle", per_cycle}, {"range", {0, 1}}}},
                  {"adc", {{"bits", nullptr}}}};
    const Layer layer = test::layer("m", 0, test::chip(s), std::vector<float>(rows, 1.0F), rows, 1, {});
    const auto out = test::run(layer, std::vector<float>(static_cast<std::size_t>(rows * samples), 1.0F)).out;
    double mean = 0.0, square = 0.0;
    for (const float y : out) mean += static_cast<double>(y) / static_cast<double>(samples);
    for (const float y : out) square += std::pow(static_cast<double>(y) - mean, 2) / static_cast<double>(samples);
    const double expected = 2.0 * static_cast<double>(rows) * std::pow(sigma_G / window, 2);
    INFO("input bits " << bits);
    CHECK(square == Approx(expected).epsilon(4 * std::sqrt(2.0 / static_cast<double>(samples))));
    CHECK(mean == Approx(static_cast<double>(rows)).margin(4 * std::sqrt(expected / static_cast<double>(samples))));
  }
}
