#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "mapper/layer.hpp"

namespace wordline::mapper::test {

inline ChipSpec chip(const core::Value& settings) { return core::read<ChipSpec>(settings); }

inline std::vector<float> whole_numbers(std::int64_t count, int low, int high, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> value(low, high);
  std::vector<float> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(static_cast<float>(value(random)));
  return out;
}

inline std::vector<float> real_numbers(std::int64_t count, std::uint32_t seed, double low = -1.0) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(low, 1.0);
  std::vector<float> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(static_cast<float>(value(random)));
  return out;
}

/// A layer of a plain matrix.
inline Layer layer(const std::string& name, std::uint32_t index, const ChipSpec& chip, const std::vector<float>& w,
                   std::int64_t inputs, std::int64_t outputs, const std::vector<float>& bias = {}) {
  return Layer({.name = name,
                .index = index,
                .weights = w,
                .inputs = inputs,
                .outputs = outputs,
                .bias = bias,
                .codes = {},
                .weight_scale = {}},
               chip);
}

/// x (samples x inputs) times w (inputs x outputs), in double.
inline std::vector<double> product(const std::vector<float>& x, const std::vector<float>& w, std::int64_t inputs,
                                   std::int64_t outputs, bool magnitudes = false) {
  const std::int64_t samples = std::ssize(x) / inputs;
  std::vector<double> out(static_cast<std::size_t>(samples * outputs), 0.0);
  for (std::int64_t s = 0; s < samples; ++s)
    for (std::int64_t k = 0; k < inputs; ++k)
      for (std::int64_t n = 0; n < outputs; ++n) {
        const double term = static_cast<double>(x[static_cast<std::size_t>(s * inputs + k)]) *
                            static_cast<double>(w[static_cast<std::size_t>(k * outputs + n)]);
        out[static_cast<std::size_t>(s * outputs + n)] += magnitudes ? std::abs(term) : term;
      }
  return out;
}

/// What a run gave.
struct Run {
  std::vector<float> out;
  core::Activity activity;
};

/// Runs vectors through a layer on chip `chip_index`, in calls of `split` samples.
inline Run run(const Layer& layer, const std::vector<float>& x, std::int64_t split = 1 << 30, int threads = 1,
               std::uint32_t chip_index = 0, std::uint64_t seed = 1) {
  const core::Execution execution{.threads = threads, .poll = {}};
  const ProgrammedLayer programmed = layer.program({.seed = seed, .chip = chip_index}, {}, execution);
  const Layout& l = layer.plan().layout;
  const std::int64_t inputs = layer.plan().data_inputs * l.groups;
  const Unfold unfold = unfold_rows(1, inputs);
  const std::int64_t samples = std::ssize(x) / inputs;
  Run result{.out = std::vector<float>(static_cast<std::size_t>(samples * l.outputs)), .activity = {}};
  Tally tally(layer.plan());
  for (std::int64_t s = 0; s < samples; s += split) {
    const std::int64_t count = std::min(split, samples - s);
    const auto part =
        std::span<float>(result.out)
            .subspan(static_cast<std::size_t>(s * l.outputs), static_cast<std::size_t>(count * l.outputs));
    layer.run(programmed, {x.data() + s * inputs, count, s}, unfold, false, part, tally, execution);
  }
  result.activity = layer.use(programmed, tally).activity;
  return result;
}

inline void calibrate(Layer& layer, const std::vector<float>& x) {
  const std::int64_t inputs = layer.plan().data_inputs * layer.plan().layout.groups;
  layer.calibrate({x.data(), std::ssize(x) / inputs, 0}, unfold_rows(1, inputs), {.threads = 1, .poll = {}});
}

}  // namespace wordline::mapper::test
