// With ideal cells and enough converter bits every encoding is integer arithmetic.
#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using core::Value;

namespace {

struct Variant {
  std::string encoding, subtract, signed_input;
  Value slice_bits, bits_per_cycle;
  std::int64_t rows, cols;
};

Value settings(const Variant& v, bool is_signed) {
  return {{"cell", {{"model", "ideal"}}},
          {"array", {{"rows", v.rows}, {"cols", v.cols}}},
          {"weights", {{"bits", 8}, {"slice_bits", v.slice_bits}, {"encoding", v.encoding}, {"scale", "layer"}}},
          {"dac",
           {{"bits", 8},
            {"bits_per_cycle", v.bits_per_cycle},
            {"signed_input", v.signed_input},
            {"range", is_signed ? Value{-127, 127} : Value{0, 255}}}},
          {"adc", {{"bits", 16}, {"range", "full"}, {"subtract", v.subtract}}}};
}

std::vector<Variant> variants() {
  std::vector<Variant> out;
  for (const char* signed_input : {"two_pass", "bipolar"})
    for (const Value& slice : {Value(1), Value(2), Value(3), Value(nullptr)})
      for (const Value& cycle : {Value(1), Value(2)})
        for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{40, 128}, {32, 7}, {5, 2}}) {
          out.push_back({"differential", "analog", signed_input, slice, cycle, rows, cols});
          out.push_back({"differential", "digital", signed_input, slice, cycle, rows, cols});
          out.push_back({"offset", "analog", signed_input, slice, cycle, rows, cols});
        }
  return out;
}

// The largest magnitude appears, so that the scale is 1 and codes are the numbers themselves.
std::vector<float> weights_8_bit(std::int64_t count) {
  auto w = test::whole_numbers(count, -127, 127, 7);
  w.front() = 127.0F;
  return w;
}

}  // namespace

TEST_CASE("every encoding, slicing, coding and tiling gives the integer product exactly") {
  const std::int64_t inputs = 70, outputs = 21;
  const auto w = weights_8_bit(inputs * outputs);
  for (const bool is_signed : {false, true}) {
    const auto x = test::whole_numbers(6 * inputs, is_signed ? -127 : 0, is_signed ? 127 : 255, 8);
    const auto expected = test::product(x, w, inputs, outputs);
    for (const Variant& v : variants()) {
      const Layer layer = test::layer("m", 0, test::chip(settings(v, is_signed)), w, inputs, outputs, {});
      const test::Run r = test::run(layer, x);
      INFO(settings(v, is_signed).dump());
      CHECK(std::equal(r.out.begin(), r.out.end(), expected.begin(),
                       [](float got, double want) { return static_cast<double>(got) == want; }));
      CHECK(r.activity.saturations == 0);
      CHECK(r.activity.input_clips == 0);
    }
  }
}

TEST_CASE("analog amplitudes of eight bits give the integer product exactly") {
  const std::int64_t inputs = 40, outputs = 18;
  const auto w = weights_8_bit(inputs * outputs);
  const auto x = test::whole_numbers(5 * inputs, 0, 255, 3);
  const Variant v{"differential", "analog", "two_pass", nullptr, nullptr, 64, 64};
  Value s = settings(v, false);
  s["adc"] = {{"bits", nullptr}};
  const auto out = test::run(test::layer("m", 0, test::chip(s), w, inputs, outputs, {}), x).out;
  const auto expected = test::product(x, w, inputs, outputs);
  CHECK(std::equal(out.begin(), out.end(), expected.begin(),
                   [](float got, double want) { return static_cast<double>(got) == want; }));
}

TEST_CASE("the ideal chip multiplies to single precision, signed or not, with bias") {
  const std::int64_t inputs = 300, outputs = 33;
  const auto w = test::real_numbers(inputs * outputs, 1);
  const auto bias = test::real_numbers(outputs, 2);
  const auto x = test::real_numbers(9 * inputs, 3);
  for (const char* encoding : {"differential", "offset"}) {
    Value s = ideal_chip();
    s["weights"]["encoding"] = encoding;
    const Layer layer = test::layer("m", 0, test::chip(s), w, inputs, outputs, bias);
    CHECK_FALSE(layer.needs_calibration());
    const auto out = test::run(layer, x).out;
    const auto exact = test::product(x, w, inputs, outputs), sizes = test::product(x, w, inputs, outputs, true);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double want = exact[i] + static_cast<double>(bias[i % outputs]);
      REQUIRE(std::abs(static_cast<double>(out[i]) - want) <= 1e-5 * sizes[i] + 1e-6);
    }
  }
}

TEST_CASE("a finite window changes nothing on an ideal ADC: baselines are taken away digitally") {
  const std::int64_t inputs = 50, outputs = 10;
  const auto w = weights_8_bit(inputs * outputs);
  const auto x = test::whole_numbers(4 * inputs, -127, 127, 4);
  const auto expected = test::product(x, w, inputs, outputs);
  for (Variant v : variants()) {
    Value s = settings(v, true);
    s["cell"] = {{"model", "ideal"}, {"g_min", 30e-6}, {"g_max", 70e-6}};
    s["adc"] = {{"bits", nullptr}, {"subtract", v.subtract}};
    const auto out = test::run(test::layer("m", 0, test::chip(s), w, inputs, outputs, {}), x).out;
    for (std::size_t i = 0; i < out.size(); ++i)
      REQUIRE(static_cast<double>(out[i]) == Approx(expected[i]).margin(0.5));
  }
}
