// Every combination of codings is integer arithmetic on ideal cells with enough converter bits, or refused by name.
#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using core::Value;

namespace {

constexpr std::int64_t inputs = 9, outputs = 12, groups = 3;

// x times the weights of each group, in double.
std::vector<double> grouped_product(const std::vector<float>& x, const std::vector<float>& w, std::int64_t group_count,
                                    const std::vector<float>& bias = {}) {
  const std::int64_t width = inputs * group_count, samples = std::ssize(x) / width;
  std::vector<double> out;
  for (std::int64_t s = 0; s < samples; ++s)
    for (std::int64_t n = 0; n < outputs; ++n) {
      const std::int64_t g = n / (outputs / group_count);
      double sum = bias.empty() ? 0.0 : static_cast<double>(bias[static_cast<std::size_t>(n)]);
      for (std::int64_t k = 0; k < inputs; ++k)
        sum += static_cast<double>(x[static_cast<std::size_t>(s * width + g * inputs + k)]) *
               static_cast<double>(w[static_cast<std::size_t>(k * outputs + n)]);
      out.push_back(sum);
    }
  return out;
}

std::vector<float> weights() {
  auto w = test::whole_numbers(inputs * outputs, -7, 7, 7);
  w.front() = 7.0F;  // so that the scale is 1
  return w;
}

Layer grouped(const Value& settings, const std::vector<float>& w, std::int64_t group_count,
              const std::vector<float>& bias = {}) {
  return Layer({.name = "m",
                .index = 0,
                .weights = w,
                .inputs = inputs,
                .outputs = outputs,
                .groups = group_count,
                .bias = bias,
                .codes = {},
                .weight_scale = {}},
               test::chip(settings));
}

Value base(bool is_signed) {
  return {{"cell", {{"model", "ideal"}}},
          {"array", {{"rows", 12}, {"cols", 22}}},
          {"weights", {{"bits", 4}, {"slice_bits", 2}, {"scale", "layer"}}},
          {"dac", {{"bits", 5}, {"bits_per_cycle", 1}, {"range", is_signed ? Value{-15, 15} : Value{0, 31}}}},
          {"adc", {{"bits", 16}, {"range", "full"}}}};
}

// All settings in which a combination differs from `base`, as dotted names.
using Choice = std::vector<std::pair<std::string, std::vector<Value>>>;
const Choice choices{{"weights.encoding", {"differential", "offset"}},
                     {"weights.offset_by", {"digital", "column"}},
                     {"weights.pairs", {"columns", "rows"}},
                     {"weights.column_inversion", {false, true}},
                     {"weights.grouped", {"sequential", "diagonal"}},
                     {"adc.subtract", {"analog", "digital"}},
                     {"adc.convert", {"per_cycle", "accumulated"}},
                     {"dac.signed_input", {"two_pass", "bipolar", "twos_complement"}},
                     {"dac.bits_per_cycle", {1, 3}},
                     {"dac.drive", {"amplitude", "pulse_width"}},
                     {"array.active_rows", {nullptr, 4}}};

std::int64_t combinations() {
  std::int64_t n = 1;
  for (const auto& c : choices) n *= std::ssize(c.second);
  return n;
}

Value combination(std::int64_t index, bool is_signed) {
  Value s = base(is_signed);
  for (const auto& [name, values] : choices) {
    const auto dot = name.find('.');
    s[name.substr(0, dot)][name.substr(dot + 1)] = values[static_cast<std::size_t>(index % std::ssize(values))];
    index /= std::ssize(values);
  }
  return s;
}

// The rules of docs/methods/mvm.md, written again from the table there.
bool allowed(const Value& s) {
  const auto is = [&](const char* room, const char* name, const char* value) { return s[room][name] == value; };
  const bool pairs = is("weights", "encoding", "differential"), digital = is("adc", "subtract", "digital");
  const bool column = is("weights", "offset_by", "column"), rows = is("weights", "pairs", "rows");
  const bool inverts = s["weights"]["column_inversion"] == true;
  if (pairs) return !column && !(rows && digital) && !(inverts && !digital);
  if (rows || (column && is("weights", "grouped", "diagonal"))) return false;
  return column ? !inverts : !digital;
}

void expect_exact(const test::Run& r, const std::vector<double>& expected) {
  CHECK(std::equal(r.out.begin(), r.out.end(), expected.begin(),
                   [](float got, double want) { return static_cast<double>(got) == want; }));
  CHECK(r.activity.saturations == 0);
  CHECK(r.activity.input_clips == 0);
}

}  // namespace

TEST_CASE("every allowed combination of codings gives the integer product exactly, the others are refused by name") {
  const auto w = weights();
  std::int64_t ran = 0, refused = 0;
  for (std::int64_t i = 0; i < combinations(); ++i)
    for (const bool is_signed : {false, true}) {
      const Value s = combination(i, is_signed);
      INFO(s.dump());
      if (!allowed(s)) {
        CHECK_THROWS_AS(test::chip(s), core::Error);
        ++refused;
        continue;
      }
      const std::int64_t group_count = i % 3 == 0 ? groups : 1;
      const auto x = test::whole_numbers(3 * inputs * group_count, is_signed ? -15 : 0, is_signed ? 15 : 31, 8);
      expect_exact(test::run(grouped(s, w, group_count), x), grouped_product(x, w, group_count));
      ++ran;
    }
  CHECK(ran > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("a finite window, an ideal ADC and every coding give the product") {
  const auto w = weights();
  for (std::int64_t i = 0; i < combinations(); i += 5) {
    Value s = combination(i, true);
    if (!allowed(s)) continue;
    s["cell"] = {{"model", "ideal"}, {"g_min", 30e-6}, {"g_max", 70e-6}};
    s["adc"].erase("range");
    s["adc"]["bits"] = nullptr;
    INFO(s.dump());
    const auto x = test::whole_numbers(2 * inputs * groups, -15, 15, 4);
    const auto out = test::run(grouped(s, w, groups), x).out;
    const auto expected = grouped_product(x, w, groups);
    for (std::size_t k = 0; k < out.size(); ++k)
      REQUIRE(static_cast<double>(out[k]) == Approx(expected[k]).margin(0.02));
  }
}

TEST_CASE("sensed voltages of ideal cells give the product, whatever loads the line") {
  const auto w = weights();
  std::int64_t ran = 0;
  for (std::int64_t i = 0; i < combinations(); i += 2) {
    Value s = combination(i, true);
    if (!allowed(s)) continue;
    s["cell"] = {{"model", "ideal"}, {"g_min", 5e-6}, {"g_max", 50e-6}};
    s["adc"].erase("range");
    s["adc"]["bits"] = nullptr;
    s["adc"]["sense"] = "voltage";
    const bool pairs = s["weights"]["encoding"] == "differential", digital = s["adc"]["subtract"] == "digital";
    const bool one_line = digital || (pairs ? s["weights"]["pairs"] == "rows" : s["weights"]["offset_by"] == "digital");
    INFO(s.dump());
    if (!one_line || s["dac"]["drive"] == "pulse_width") {
      CHECK_THROWS_WITH(test::chip(s), Catch::Matchers::ContainsSubstring("adc."));
      continue;
    }
    const auto x = test::whole_numbers(2 * inputs * groups, -15, 15, 4);
    const auto out = test::run(grouped(s, w, groups), x).out;
    const auto expected = grouped_product(x, w, groups);
    for (std::size_t k = 0; k < out.size(); ++k)
      REQUIRE(static_cast<double>(out[k]) == Approx(expected[k]).margin(0.02));
    ++ran;
  }
  CHECK(ran > 100);
}

TEST_CASE("a bias in cells adds what a digital bias adds, to its resolution") {
  const auto w = weights();
  const std::vector<float> bias = test::whole_numbers(outputs, -300, 300, 9);
  for (const char* encoding : {"differential", "offset"})
    for (const char* where : {"sequential", "diagonal"})
      for (const std::int64_t group_count : {std::int64_t{1}, groups}) {
        Value s = base(false);
        s["weights"].update({{"encoding", encoding}, {"grouped", where}, {"bias", "array"}});
        const auto x = test::whole_numbers(3 * inputs * group_count, 0, 31, 8);
        const Layer layer = grouped(s, w, group_count, bias);
        // The largest bias takes 300 / (31 x 7) rows, rounded up.
        CHECK(layer.plan().layout.inputs == inputs + 2);
        const auto out = test::run(layer, x).out;
        const auto expected = grouped_product(x, w, group_count, bias);
        // Codes of the bias stand for 31 each.
        for (std::size_t k = 0; k < out.size(); ++k)
          REQUIRE(static_cast<double>(out[k]) == Approx(expected[k]).margin(15.5));
        Value digital = s;
        digital["weights"]["bias"] = "digital";
        expect_exact(test::run(grouped(digital, w, group_count, bias), x), expected);
      }
}

TEST_CASE("codes of a quantised model go on the rows as they are and zero points are corrected") {
  const auto w = weights();
  const std::vector<double> scale(outputs, 1.0);
  for (const auto& [zero, low, high] : {std::tuple<std::int64_t, std::int64_t, std::int64_t>{0, 0, 255},
                                        {100, 0, 255},
                                        {-128, -128, 127},
                                        {0, -128, 127}}) {
    Value s = base(false);
    s["dac"] = {{"bits", 8}};  // calibrated, but the model knows
    std::vector<float> x;
    for (std::int64_t i = 0; i < 4 * inputs; ++i)
      x.push_back(0.25F * static_cast<float>(low + (i * 37) % 256 - zero));  // -128 included
    const Layer layer({.name = "q",
                       .index = 0,
                       .weights = w,
                       .inputs = inputs,
                       .outputs = outputs,
                       .bias = {},
                       .codes = InputCodes{.scale = 0.25, .zero = zero, .low = low, .high = high},
                       .weight_scale = scale},
                      test::chip(s));
    CHECK_FALSE(layer.needs_calibration());
    expect_exact(test::run(layer, x), grouped_product(x, w, 1));
  }
}

TEST_CASE("a line without any conductance is sensed at 0 V") {
  auto w = weights();
  for (std::int64_t k = 0; k < inputs; ++k) w[static_cast<std::size_t>(k * outputs + 3)] = 0.0F;
  Value s = base(false);
  s["adc"] = {{"bits", nullptr}, {"sense", "voltage"}, {"subtract", "digital"}};
  const auto x = test::whole_numbers(2 * inputs, 0, 31, 5);
  const auto out = test::run(grouped(s, w, 1), x).out;
  const auto expected = grouped_product(x, w, 1);
  for (std::size_t k = 0; k < out.size(); ++k) REQUIRE(static_cast<double>(out[k]) == Approx(expected[k]).margin(0.02));
}

TEST_CASE("a bias that dwarfs weights and inputs is refused, however large") {
  for (const double reach : {1e-6, 1e-25}) {
    Value s = base(false);
    s["weights"]["bias"] = "array";
    s["dac"]["range"] = {0, reach};
    CHECK_THROWS_WITH(grouped(s, weights(), 1, std::vector<float>(outputs, 1.0F)),
                      Catch::Matchers::ContainsSubstring("weights.bias"));
  }
}

TEST_CASE("images of one sample draw by its index and share its epoch") {
  Value s = base(false);
  s["adc"]["noise"] = 0.5;
  const Layer layer = grouped(s, weights(), 1);
  const ProgrammedLayer chip = layer.program({}, {}, {.threads = 1, .poll = {}});
  const auto x = test::whole_numbers(6 * inputs, 0, 31, 5);
  const auto run = [&](std::int64_t count, std::int64_t first, std::int64_t images, std::int64_t windows) {
    std::vector<float> out(static_cast<std::size_t>(6 * outputs));
    Tally tally(layer.plan());
    const Samples samples{.data = x.data(), .count = count, .first = first, .first_window = 0, .images = images};
    layer.run(chip, samples, unfold_rows(windows, inputs), false, out, tally, {.threads = 1, .poll = {}});
    return out;
  };
  CHECK(run(6, 4, 3, 1) == run(2, 4, 1, 3));
  CHECK(run(6, 4, 3, 1) != run(6, 4, 2, 1));
  CHECK_THROWS_AS(run(6, 4, 4, 1), core::Error);
}

TEST_CASE("ranges written down and set again give the same results") {
  const auto w = weights();
  const auto x = test::real_numbers(5 * inputs, 3);
  Value s = base(true);
  s["dac"].erase("range");
  s["adc"]["range"] = "calibrated";
  Layer first = grouped(s, w, 1), second = grouped(s, w, 1);
  test::calibrate(first, x);
  second.set_ranges(first.ranges());
  CHECK(test::run(first, x).out == test::run(second, x).out);
  CHECK_THROWS_AS(second.set_ranges({{"signed", true}, {"scale", 1.0}}), core::Error);
}

TEST_CASE("a probe sees what the converters see") {
  const auto w = weights();
  const auto x = test::whole_numbers(2 * inputs, 0, 31, 5);
  const Layer layer = grouped(base(false), w, 1);
  const ProgrammedLayer chip = layer.program({}, {}, {.threads = 1, .poll = {}});
  const Probe probe = layer.probe(chip, {x.data(), 2, 0}, unfold_rows(1, inputs));
  CHECK(probe.vectors == 2);
  CHECK(probe.conversions == 5);
  REQUIRE(std::ssize(probe.columns) == outputs * 2);
  const auto expected = grouped_product(x, w, 1);
  for (std::int64_t v = 0; v < 2; ++v) {
    std::vector<double> sums(outputs, 0.0);
    for (std::int64_t k = 0; k < 5; ++k)
      for (std::size_t c = 0; c < probe.columns.size(); ++c) {
        const auto at = static_cast<std::size_t>(v * 5 + k) * probe.columns.size() + c;
        sums[static_cast<std::size_t>(probe.columns[c].output)] +=
            std::ldexp(probe.code[at], static_cast<int>(k + 2 * probe.columns[c].slice));
        // One level of a slice is a third of 100 uS for two bits, all of it for one, at 0.2 V.
        const double unit = layer.plan().units[static_cast<std::size_t>(probe.columns[c].slice)].current;
        CHECK(probe.quantity[at] == Approx(probe.code[at] * unit).margin(1e-12));
      }
    for (std::size_t n = 0; n < outputs; ++n) CHECK(sums[n] == expected[static_cast<std::size_t>(v) * outputs + n]);
  }
}

TEST_CASE("conductances set again are read instead of programmed ones") {
  const auto w = weights();
  const auto x = test::whole_numbers(2 * inputs, 0, 31, 5);
  const Layer layer = grouped(base(false), w, 1);
  const ProgrammedLayer chip = layer.program({}, {}, {.threads = 1, .poll = {}});
  Conductances G;
  for (std::int64_t a = 0; a < layer.plan().layout.arrays(); ++a)
    G.push_back(cells_of(layer.plan(), array_place(layer.plan().layout, a), chip.origin).G);
  const auto run = [&](const ProgrammedLayer& programmed) {
    std::vector<float> out(2 * outputs);
    Tally tally(layer.plan());
    layer.run(programmed, {x.data(), 2, 0}, unfold_rows(1, inputs), false, out, tally, {.threads = 1, .poll = {}});
    return out;
  };
  CHECK(run(layer.restore(chip, G, {.threads = 1, .poll = {}})) == run(chip));
  for (auto& array : G) std::fill(array.begin(), array.end(), 1e-6);
  CHECK(run(layer.restore(chip, G, {.threads = 1, .poll = {}})) == std::vector<float>(2 * outputs, 0.0F));
  G.pop_back();
  CHECK_THROWS_AS(layer.restore(chip, G, {.threads = 1, .poll = {}}), core::Error);
}
