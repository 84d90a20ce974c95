#include <algorithm>
#include <cmath>

#include "mapper/unfold.hpp"
#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using core::Value;

namespace {

// Everything random at once: write errors, read noise, converter errors.
Value noisy_chip() {
  return {{"cell",
           {{"model", "gaussian"},
            {"c2c", 0.02},
            {"write_kind", "range"},
            {"read_noise", 1e-6},
            {"read_kind", "constant"}}},
          {"array", {{"rows", 32}, {"cols", 16}}},
          {"adc", {{"bits", 6}, {"noise", 0.5}, {"offset", 1.0}, {"gain", 0.02}, {"columns_per_adc", 4}}}};
}

Layer noisy_layer(const std::vector<float>& x, std::int64_t inputs, std::int64_t outputs) {
  Layer layer =
      test::layer("m", 3, test::chip(noisy_chip()), test::real_numbers(inputs * outputs, 5), inputs, outputs, {});
  test::calibrate(layer, x);
  return layer;
}

}  // namespace

TEST_CASE("same bits for 1, 2 and 16 threads and any split into calls", "[parallel]") {
  const std::int64_t inputs = 50, outputs = 12;
  const auto x = test::real_numbers(600 * inputs, 6);
  const Layer layer = noisy_layer(x, inputs, outputs);
  const test::Run whole = test::run(layer, x);
  for (const int threads : {1, 2, 16})
    for (const std::int64_t split : {1000, 256, 37}) {
      const test::Run other = test::run(layer, x, split, threads);
      CHECK(other.out == whole.out);
      CHECK(other.activity.array_energy == whole.activity.array_energy);
      CHECK(other.activity.saturations == whole.activity.saturations);
    }
}

TEST_CASE("a chip is its seed and number") {
  const auto x = test::real_numbers(20 * 50, 6);
  const Layer layer = noisy_layer(x, 50, 12);
  CHECK(test::run(layer, x, 100, 1, 0, 1).out == test::run(layer, x, 100, 1, 0, 1).out);
  CHECK(test::run(layer, x, 100, 1, 0, 1).out != test::run(layer, x, 100, 1, 1, 1).out);
  CHECK(test::run(layer, x, 100, 1, 0, 1).out != test::run(layer, x, 100, 1, 0, 2).out);
}

TEST_CASE("cells draw by weight: another array size programs the same conductances") {
  const std::int64_t inputs = 60, outputs = 10;
  const auto w = test::real_numbers(inputs * outputs, 5), x = test::real_numbers(8 * inputs, 6);
  std::vector<std::vector<float>> results;
  for (const std::int64_t rows : {16, 60, 128}) {
    Value s = noisy_chip();
    s["cell"]["read_noise"] = 0.0;
    s["array"]["rows"] = rows;
    s["adc"] = {{"bits", nullptr}};
    Layer layer = test::layer("m", 0, test::chip(s), w, inputs, outputs, {});
    test::calibrate(layer, x);
    results.push_back(test::run(layer, x).out);
  }
  for (std::size_t i = 0; i < results[0].size(); ++i) {
    REQUIRE(static_cast<double>(results[1][i]) == Approx(results[0][i]).margin(1e-5));
    REQUIRE(static_cast<double>(results[2][i]) == Approx(results[0][i]).margin(1e-5));
  }
}

TEST_CASE("calibrated ranges without data are an error that says what to do") {
  const Layer layer = test::layer("conv1", 0, test::chip(noisy_chip()), test::real_numbers(20, 1), 5, 4, {});
  CHECK(layer.needs_calibration());
  CHECK_THROWS_WITH(layer.program({}, {}, {}),
                    Catch::Matchers::ContainsSubstring("conv1") && Catch::Matchers::ContainsSubstring("calibrate"));
}

TEST_CASE("numbers that are not finite are refused by layer") {
  const auto bad = std::vector<float>(20, std::nanf(""));
  CHECK_THROWS_WITH(test::layer("fc", 0, test::chip(ideal_chip()), bad, 5, 4, {}),
                    Catch::Matchers::ContainsSubstring("weights"));
  const Layer layer = test::layer("fc", 0, test::chip(ideal_chip()), test::real_numbers(20, 1), 5, 4, {});
  CHECK_THROWS_WITH(test::run(layer, std::vector<float>(5, INFINITY)), Catch::Matchers::ContainsSubstring("fc.input"));
}

TEST_CASE("activity counts what ran") {
  const std::int64_t inputs = 50, outputs = 12;
  const auto x = test::real_numbers(7 * inputs, 6, 0.0);
  const Layer layer = noisy_layer(x, inputs, outputs);
  const core::Activity a = test::run(layer, x).activity;
  // 8-bit weights: 4 slices of pairs, 8 columns a weight, 2 weights in 16 columns; 50 rows take two arrays of 32.
  CHECK(layer.plan().layout.arrays() == 2 * 6);
  CHECK(a.samples == 7);
  CHECK(a.macs == 7 * inputs * outputs);
  CHECK(a.array_reads == 7 * 8 * 12);
  CHECK(a.conversions == 7 * 8 * 2 * outputs * 4);
  CHECK(a.row_drives == 7 * 8 * inputs * 6);
  CHECK(conversions_per_converter(layer.plan().layout, layer.plan().reads) == 2);
}

TEST_CASE("array energy is the sum of V^2 G t over every cell and cycle") {
  const std::int64_t inputs = 5, outputs = 3;
  const Value s{{"cell", {{"model", "ideal"}, {"g_min", 2e-6}, {"g_max", 50e-6}}},
                {"array", {{"rows", 4}, {"cols", 8}}},
                {"weights", {{"bits", 4}, {"slice_bits", nullptr}, {"scale", "layer"}}},
                {"dac", {{"bits", 4}, {"bits_per_cycle", 2}, {"range", {0, 15}}, {"v_read", 0.3}, {"t_read", 2e-7}}},
                {"adc", {{"bits", nullptr}}}};
  const std::vector<float> w{7, -3, 0, 1, 2, -7, 4, 4, 4, -1, -2, -3, 5, 6, 7};
  const std::vector<float> x{15, 0, 9, 6, 1};
  const double energy = test::run(test::layer("m", 0, test::chip(s), w, inputs, outputs, {}), x).activity.array_energy;
  double expected = 0.0;
  for (std::int64_t k = 0; k < inputs; ++k) {
    double row = 0.0;  // S of all eight columns: six hold pairs, two stand idle at G_min
    for (std::int64_t n = 0; n < outputs; ++n)
      row += 2 * 2e-6 + std::abs(static_cast<double>(w[static_cast<std::size_t>(k * outputs + n)])) / 7 * 48e-6;
    row += 2 * 2e-6;
    const int q = static_cast<int>(x[static_cast<std::size_t>(k)]);
    for (const int digit : {q & 3, q >> 2}) expected += 0.3 * 0.3 * digit * digit / 9.0 * row * 2e-7;
  }
  CHECK(energy == Approx(expected).epsilon(1e-12));
}

TEST_CASE("a convolution equals its definition, with padding, stride and dilation") {
  const std::int64_t channels = 3, height = 9, width = 7, outputs = 5;
  const Conv conv{.channels = channels,
                  .kernel = {3, 2},
                  .stride = {2, 1},
                  .dilation = {1, 2},
                  .pad_before = {1, 0},
                  .pad_after = {2, 1}};
  const auto w = test::real_numbers(conv.inputs() * outputs, 1),
             x = test::real_numbers(2 * channels * height * width, 2);
  const Layer layer = test::layer("c", 0, test::chip(ideal_chip()), w, conv.inputs(), outputs, {});
  const Unfold unfold = unfold_image(conv, {height, width});
  const std::int64_t tall = conv.out_size(0, height), wide = conv.out_size(1, width);
  std::vector<float> out(static_cast<std::size_t>(2 * outputs * tall * wide));
  Tally tally(layer.plan());
  layer.run(layer.program({}, {}, {}), {x.data(), 2, 0}, unfold, true, out, tally, {});
  const auto pixel = [&](std::int64_t s, std::int64_t c, std::int64_t y, std::int64_t z) {
    const bool inside = y >= 0 && y < height && z >= 0 && z < width;
    return inside ? static_cast<double>(x[static_cast<std::size_t>(((s * channels + c) * height + y) * width + z)])
                  : 0.0;
  };
  for (std::int64_t i = 0; i < std::ssize(out); ++i) {
    const std::int64_t z = i % wide, y = i / wide % tall, n = i / (wide * tall) % outputs,
                       s = i / (wide * tall * outputs);
    double sum = 0.0;
    for (std::int64_t k = 0; k < conv.inputs(); ++k)
      sum += static_cast<double>(w[static_cast<std::size_t>(k * outputs + n)]) *
             pixel(s, k / 6, y * 2 + k / 2 % 3 - 1, z + k % 2 * 2);
    REQUIRE(static_cast<double>(out[static_cast<std::size_t>(i)]) == Approx(sum).margin(1e-4));
  }
}

TEST_CASE("impossible convolutions are refused by name") {
  const auto walk = [](std::vector<std::int64_t> kernel, std::vector<std::int64_t> stride) {
    const std::vector<std::int64_t> none(kernel.size(), 0), one(kernel.size(), 1);
    return Conv{.kernel = kernel, .stride = stride, .dilation = one, .pad_before = none, .pad_after = none};
  };
  CHECK_THROWS_WITH(unfold_image(walk({5, 1}, {1, 1}), {4, 4}), Catch::Matchers::ContainsSubstring("axis 0"));
  CHECK(unfold_image(walk({4, 1}, {1, 1}), {4, 4}).windows == 4);
  CHECK_THROWS_WITH(unfold_image(walk({1, 1}, {0, 1}), {4, 4}), Catch::Matchers::ContainsSubstring("stride"));
  CHECK_THROWS_WITH(unfold_image(walk({1, 1}, {1, 1}), {4}), Catch::Matchers::ContainsSubstring("axis of the kernel"));
  CHECK_THROWS_WITH(unfold_image(walk({1, 1, 1, 1}, {1, 1, 1, 1}), {2, 2, 2, 2}),
                    Catch::Matchers::ContainsSubstring("one to three axes"));
}

TEST_CASE("a given ADC range is taken as stated") {
  // One weight of full size, eight rows: 8 x 127 level units at full input, converted over [-1, 3] level units'
  // current.
  const std::vector<float> w(8, 1.0F), x(8, 1.0F);
  Value s{{"cell", {{"model", "ideal"}}},
          {"weights", {{"bits", 8}, {"slice_bits", nullptr}}},
          {"dac", {{"bits", 1}, {"range", {0, 1}}, {"v_read", 0.2}}}};
  const double level = 100e-6 / 127 * 0.2;  // A
  s["adc"] = {{"bits", 8}, {"range", {-100 * level, 155 * level}}};
  const Layer layer = test::layer("m", 0, test::chip(s), w, 8, 1, {});
  const crossbar::Codes codes = layer.plan().adc[0][0];
  CHECK(codes.step == Approx(1.0));
  CHECK(codes.low == -100.0);
  CHECK(codes.high == 155.0);
  const test::Run r = test::run(layer, x);
  CHECK(static_cast<double>(r.out[0]) == Approx(155.0 / 127));
  CHECK(r.activity.saturations == 1);
  s["adc"]["range"] = {-level, level};
  CHECK(test::layer("m", 0, test::chip(s), w, 8, 1, {}).plan().adc[0][0].step == Approx(2.0 / 255));
}

TEST_CASE("a given input range clips at its ends, and says how often") {
  const std::vector<float> w{1.0F};
  const Value s{
      {"weights", {{"bits", 8}}}, {"dac", {{"bits", 8}, {"range", {-1.0, 0.25}}}}, {"adc", {{"bits", nullptr}}}};
  const Layer layer = test::layer("m", 0, test::chip(s), w, 1, 1, {});
  const test::Run r = test::run(layer, {-2.0F, -0.5F, 0.2F, 0.7F});
  CHECK(static_cast<double>(r.out[0]) == Approx(-1.0));
  CHECK(static_cast<double>(r.out[1]) == Approx(-0.5).margin(0.005));
  CHECK(static_cast<double>(r.out[2]) == Approx(0.2).margin(0.005));
  CHECK(static_cast<double>(r.out[3]) == Approx(0.25).margin(0.005));
  CHECK(r.activity.inputs == 4);
  CHECK(r.activity.input_clips == 2);
}

TEST_CASE("a layer calibrated without negative inputs refuses them") {
  const auto x = test::real_numbers(50, 1, 0.0);
  Layer layer = test::layer("fc", 0, test::chip({{"adc", {{"bits", nullptr}}}}), test::real_numbers(20, 2), 5, 4, {});
  test::calibrate(layer, x);
  CHECK_NOTHROW(test::run(layer, x));
  CHECK_THROWS_WITH(test::run(layer, test::real_numbers(50, 3)), Catch::Matchers::ContainsSubstring("fc.input"));
}
