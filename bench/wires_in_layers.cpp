// What do wires cost a mapped layer: a multiply against one without wires, and the programming of a large matrix?
#include <cstdio>
#include <random>

#include "bench/timing.hpp"
#include "mapper/layer.hpp"

using namespace wordline;
using namespace wordline::bench;

namespace {

constexpr std::int64_t size = 1024, samples = 64;

std::vector<float> numbers(std::int64_t count, int low) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> value(low, 127);
  std::vector<float> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(static_cast<float>(value(random)));
  return out;
}

mapper::Layer layer(double ohm) {
  const core::Value chip{{"cell", "neurram-2022"},
                         {"array", {{"rows", 128}, {"cols", 128}, {"wires", {{"row", ohm}, {"col", ohm}}}}},
                         {"weights", {{"bits", 8}, {"slice_bits", 2}}},
                         {"dac", {{"bits", 8}, {"bits_per_cycle", 1}, {"range", {0, 255}}}},
                         {"adc", {{"bits", 8}, {"range", "full"}}}};
  const auto weights = numbers(size * size, -127);
  return mapper::Layer({.name = "m",
                        .index = 0,
                        .weights = weights,
                        .inputs = size,
                        .outputs = size,
                        .bias = {},
                        .codes = {},
                        .weight_scale = {}},
                       core::read<mapper::ChipSpec>(chip));
}

void print(const char* name, double ratio, double goal) {
  std::printf("{\"name\": \"%s\", \"ratio\": %.3f, \"goal\": %g, \"ok\": %s}\n", name, ratio, goal,
              ratio <= goal ? "true" : "false");
  std::fflush(stdout);
}

mapper::ProgrammedLayer program(const mapper::Layer& l) {
  return l.program({.seed = 1, .chip = 0}, {}, {.threads = 2, .poll = {}});
}

void run(const mapper::Layer& l, const mapper::ProgrammedLayer& chip, const std::vector<float>& x, mapper::Tally& tally,
         std::int64_t first) {
  std::vector<float> out(static_cast<std::size_t>(samples * size));
  l.run(chip, {x.data(), samples, first}, mapper::unfold_rows(1, size), false, out, tally, {.threads = 1, .poll = {}});
}

}  // namespace

int main() {
  const mapper::Layer with = layer(1.0), without = layer(0.0);
  print("seconds to program 1024 x 1024 weights, 4 slices, pairs, with wires, 2 threads",
        seconds([&] { program(with); }), 8.0);
  const auto x = numbers(samples * size, 0);
  const auto wired = program(with), ideal = program(without);
  // As in a study of thousands of vectors, of which 256 are looked at for the power at the drivers.
  mapper::Tally of_wired(with.plan()), of_ideal(without.plan());
  std::int64_t at = 0;
  for (; at < 8192; at += samples) run(with, wired, x, of_wired, at);
  const Turns t = take_turns([&] { run(with, wired, x, of_wired, at += samples); },
                             [&] { run(without, ideal, x, of_ideal, at); }, 31);
  print("multiply with wires against one without, 1 thread", t.ours / t.theirs, 1.1);
}
