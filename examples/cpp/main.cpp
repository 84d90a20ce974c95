// One weight matrix on three kinds of memory: how far its products stray, and what the arrays dissipate.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "mapper/layer.hpp"

using namespace wordline;

namespace {

constexpr std::int64_t inputs = 200, outputs = 24, samples = 256;

// The settings that a chip's TOML file, or Python's Chip(...), would hold; those left out keep their defaults.
mapper::ChipSpec chip_of(const core::Value& cell, int slice_bits) {
  return core::read<mapper::ChipSpec>({{"cell", cell},
                                       {"array", {{"rows", 128}, {"cols", 128}}},
                                       {"weights", {{"bits", 8}, {"slice_bits", slice_bits}}},
                                       {"dac", {{"bits", 8}, {"bits_per_cycle", 1}}},
                                       {"adc", {{"bits", 8}, {"range", "calibrated"}}}});
}

std::vector<float> normal_numbers(std::int64_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (float& number : numbers) number = normal(random);
  return numbers;
}

// |y - xW| / |xW| over all samples, the product in double.
double relative_error(const std::vector<float>& x, const std::vector<float>& weights, const std::vector<float>& y) {
  double error = 0.0, size = 0.0;
  for (std::int64_t at = 0; at < samples * outputs; ++at) {
    double exact = 0.0;
    for (std::int64_t k = 0; k < inputs; ++k)
      exact += static_cast<double>(x[at / outputs * inputs + k]) * weights[k * outputs + at % outputs];
    error += (y[at] - exact) * (y[at] - exact);
    size += exact * exact;
  }
  return std::sqrt(error / size);
}

void run(const char* memory, const mapper::ChipSpec& chip) {
  const std::vector<float> weights = normal_numbers(inputs * outputs, 1), x = normal_numbers(samples * inputs, 2);
  const mapper::Samples batch{.data = x.data(), .count = samples};
  const mapper::Unfold rows = mapper::unfold_rows(1, inputs);  // one input vector per sample
  const core::Execution every_core{};

  mapper::Layer layer({.name = "layer", .weights = weights, .inputs = inputs, .outputs = outputs}, chip);
  layer.calibrate(batch, rows, every_core);
  const auto programmed = layer.program({.seed = 7, .chip = 0}, {.seconds = 1.0}, every_core);  // a second old
  std::vector<float> y(static_cast<std::size_t>(samples * outputs));
  mapper::Tally tally(layer.plan());
  layer.run(programmed, batch, rows, false, y, tally, every_core);

  const cost::LayerUse use = layer.use(programmed, tally);
  std::printf("%-10s relative error %6.2f %%   arrays %3lld   array energy %7.1f pJ per sample\n", memory,
              100.0 * relative_error(x, weights, y), static_cast<long long>(use.arrays),
              1e12 * use.activity.array_energy / samples);
}

}  // namespace

int main() try {
  run("ideal", chip_of({{"model", "ideal"}}, 2));
  run("ReRAM", chip_of("neurram-2022", 2));
  run("STT-MRAM", chip_of("ikeda-2010", 1));  // a magnetic cell has two states
} catch (const core::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
