// Results that lie in blocks of sixteen outputs: groups that fill blocks, that do not, and noise beside them.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using core::Value;

namespace {

constexpr std::int64_t inputs = 9;

Value settings(const char* grouped, double noise) {
  return {{"cell", {{"model", "ideal"}}},
          {"array", {{"rows", 32}, {"cols", 128}}},
          {"weights", {{"bits", 4}, {"slice_bits", 2}, {"scale", "layer"}, {"grouped", grouped}}},
          {"dac", {{"bits", 5}, {"bits_per_cycle", 1}, {"range", {0, 31}}}},
          {"adc", {{"bits", 16}, {"range", "full"}, {"noise", noise}}}};
}

// Every output of every group against its own product.
double largest_error(std::int64_t groups, std::int64_t each, const char* grouped, double noise) {
  const std::int64_t outputs = groups * each, samples = 5;
  auto w = test::whole_numbers(inputs * outputs, -7, 7, 7);
  w.front() = 7.0F;
  const auto x = test::whole_numbers(samples * inputs * groups, 0, 31, 8);
  const Layer layer({.name = "m",
                     .index = 0,
                     .weights = w,
                     .inputs = inputs,
                     .outputs = outputs,
                     .groups = groups,
                     .bias = {},
                     .codes = {},
                     .weight_scale = {}},
                    test::chip(settings(grouped, noise)));
  const auto out = test::run(layer, x).out;
  double worst = 0.0;
  for (std::int64_t s = 0; s < samples; ++s)
    for (std::int64_t n = 0; n < outputs; ++n) {
      double sum = 0.0;
      for (std::int64_t k = 0; k < inputs; ++k)
        sum += static_cast<double>(x[static_cast<std::size_t>((s * groups + n / each) * inputs + k)]) *
               static_cast<double>(w[static_cast<std::size_t>(k * outputs + n)]);
      worst = std::max(worst, std::abs(static_cast<double>(out[static_cast<std::size_t>(s * outputs + n)]) - sum));
    }
  return worst;
}

}  // namespace

TEST_CASE("groups of outputs land on their own results, whether they fill blocks or not") {
  for (const char* grouped : {"sequential", "diagonal"})
    for (const std::int64_t groups : {1, 2, 3})
      for (const std::int64_t each : {4, 16, 20, 32}) {
        INFO(grouped << ", " << groups << " groups of " << each);
        CHECK(largest_error(groups, each, grouped, 0.0) == 0.0);
      }
}

TEST_CASE("noise of columns that fill up a block reaches no other output") {
  // A twentieth of an LSB rounds away everywhere; were noise of empty columns added raw, it would not.
  for (const std::int64_t each : {4, 20}) CHECK(largest_error(3, each, "sequential", 0.05) == 0.0);
}
