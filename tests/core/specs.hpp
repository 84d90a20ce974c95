#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/spec.hpp"

/// Made-up settings with one field of every kind that a spec can have.
namespace wordline::tests {

enum class Shape { ramp, sar };
enum class Rule { full, calibrated };

/// Reads itself from a word or a table, as the cell of a chip does.
struct Model {
  std::string name = "plain";
  static constexpr std::string_view spec_name = "Model";
  static Model from_value(const core::Value& value, const std::string& path) {
    core::require(value.is_string(), core::ErrorKind::type,
                  {.rule = "a model is a word", .name = path, .value = "", .unit = "", .allowed = "", .remedy = ""});
    return {value.get<std::string>()};
  }
  core::Value to_value() const { return name; }
};

struct Adc {
  std::optional<std::int64_t> bits = 8;
  Shape shape = Shape::sar;
  std::optional<Shape> spare;
  std::variant<Rule, std::array<double, 2>> range = Rule::calibrated;
  double gain = 1.0;

  static constexpr std::string_view spec_name = "ADC";
  static constexpr auto fields() {
    return std::make_tuple(core::field("bits", &Adc::bits, "bit", core::between(1, 16), "resolution"),
                           core::field("shape", &Adc::shape, "", core::any(), "how it converts"),
                           core::field("spare", &Adc::spare, "", core::any(), "a second one"),
                           core::field("range", &Adc::range, "A", core::any(), "what it covers"),
                           core::field("gain", &Adc::gain, "", core::positive(), "gain"));
  }
};

struct Point {
  double time = 1.0;
  static constexpr std::string_view spec_name = "Point";
  static constexpr auto fields() {
    return std::make_tuple(core::field("time", &Point::time, "s", core::at_least(0.0), "time"));
  }
};

struct Machine {
  Adc adc;
  std::optional<Adc> other;
  Model model;
  std::string label = "a";
  bool on = true;
  std::int64_t rows = 128;
  std::int32_t small = 1;
  double level = 0.5;
  double floor = 0.0;
  std::array<double, 2> window{0.0, 1.0};
  std::vector<Point> points;
  std::vector<double> times{1.0};

  static constexpr std::string_view spec_name = "Machine";
  static constexpr core::Range half_open() { return {.low = 0.0, .high = 1.0, .low_open = false, .high_open = true}; }
  static constexpr auto fields() {
    return std::make_tuple(core::field("adc", &Machine::adc, "", core::any(), "converter"),
                           core::field("other", &Machine::other, "", core::any(), "second converter"),
                           core::field("model", &Machine::model, "", core::any(), "model"),
                           core::field("label", &Machine::label, "", core::any(), "label"),
                           core::field("on", &Machine::on, "", core::any(), "switch"),
                           core::field("rows", &Machine::rows, "row", core::at_least(1), "rows"),
                           core::field("small", &Machine::small, "", core::any(), "an int of 32 bits"),
                           core::field("level", &Machine::level, "V", half_open(), "level"),
                           core::field("floor", &Machine::floor, "K", core::any(), "any finite number"),
                           core::field("window", &Machine::window, "S", core::between(-2.0, 2.0), "window"),
                           core::field("points", &Machine::points, "", core::any(), "points"),
                           core::field("times", &Machine::times, "s", core::positive(), "times"));
  }
  void check() const {
    core::require(!other || other->gain <= adc.gain, core::ErrorKind::value,
                  {.rule = "the second converter has no more gain than the first",
                   .name = "other.gain",
                   .value = "",
                   .unit = "",
                   .allowed = "",
                   .remedy = "lower it"});
  }
};

}  // namespace wordline::tests

namespace wordline::core {
template <>
struct EnumWords<tests::Shape> {
  static constexpr std::array<std::pair<std::string_view, tests::Shape>, 2> words{
      {{"ramp", tests::Shape::ramp}, {"sar", tests::Shape::sar}}};
};
template <>
struct EnumWords<tests::Rule> {
  static constexpr std::array<std::pair<std::string_view, tests::Rule>, 2> words{
      {{"full", tests::Rule::full}, {"calibrated", tests::Rule::calibrated}}};
};
}  // namespace wordline::core
