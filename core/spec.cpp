#include "core/spec.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace wordline::core::detail {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& w : words) text += (text.empty() ? "" : ", ") + w;
  return text;
}

std::string interval(const Range& r) {
  const std::string low = r.low ? (r.low_open ? "(" : "[") + number(*r.low) : "(-inf";
  const std::string high = r.high ? number(*r.high) + (r.high_open ? ")" : "]") : "inf)";
  return low + ", " + high;
}

bool inside(double x, const Range& r) {
  if (!std::isfinite(x)) return false;
  if (r.low && (r.low_open ? x <= *r.low : x < *r.low)) return false;
  return !(r.high && (r.high_open ? x >= *r.high : x > *r.high));
}

}  // namespace

std::string child(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

void refuse_type(const std::string& path, const Value& given, const std::string& expected) {
  throw Error(ErrorKind::type, {.rule = "wrong kind of value",
                                .name = path,
                                .value = show(given),
                                .unit = "",
                                .allowed = expected,
                                .remedy = ""});
}

void refuse_word(const std::string& path, const Value& given, const std::vector<std::string>& known) {
  throw Error(
      given.is_string() ? ErrorKind::value : ErrorKind::type,
      {.rule = "unknown word", .name = path, .value = show(given), .unit = "", .allowed = join(known), .remedy = ""});
}

void check_keys(const std::string& path, const Value& table, const std::vector<std::string>& known) {
  for (const auto& [key, value] : table.items())
    require(std::find(known.begin(), known.end(), key) != known.end(), ErrorKind::value,
            {.rule = "unknown setting of " + path,
             .name = key,
             .value = show(value),
             .unit = "",
             .allowed = join(known),
             .remedy = "check the spelling"});
}

void check_range(const std::string& path, double value, std::string_view unit, const Range& range) {
  require(inside(value, range), ErrorKind::value,
          {.rule = "out of range",
           .name = path,
           .value = number(value),
           .unit = std::string(unit),
           .allowed = interval(range),
           .remedy = ""});
}

double to_double(const std::string& path, const Value& value) {
  if (!value.is_number()) refuse_type(path, value, "a number");
  return value.get<double>();
}

std::int64_t to_integer(const std::string& path, const Value& value) {
  // nlohmann keeps what exceeds int64 as unsigned and would wrap it to a negative number.
  if (value.is_number_unsigned())
    require(std::in_range<std::int64_t>(value.get<std::uint64_t>()), ErrorKind::value,
            {.rule = "a whole number has at most 63 bits",
             .name = path,
             .value = show(value),
             .unit = "",
             .allowed = "[-9223372036854775808, 9223372036854775807]",
             .remedy = ""});
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) refuse_type(path, value, "a whole number");
  const double x = value.get<double>();
  if (std::floor(x) != x || std::abs(x) > 0x1p53) refuse_type(path, value, "a whole number");
  return static_cast<std::int64_t>(x);
}

}  // namespace wordline::core::detail
