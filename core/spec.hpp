#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "core/value.hpp"

/// A spec is a plain struct of settings whose fields are described once:
///
///     struct DacSpec {
///       std::optional<std::int64_t> bits = 8;
///       double v_read = 0.2;
///       static constexpr std::string_view spec_name = "DAC";
///       static constexpr auto fields() {
///         return std::make_tuple(core::field("bits", &DacSpec::bits, "bit", core::between(1, 16), "resolution"),
///                                core::field("v_read", &DacSpec::v_read, "V", core::positive(), "read voltage"));
///       }
///       void check() const {}  // optional: rules that tie several fields together
///     };
///
/// read<T>, write and describe serve keyword arguments, TOML, `--set`, HDF5 attributes, repr, docs and the
/// generated Python classes from that one description. Nothing is clamped: a value is accepted or refused.
namespace wordline::core {

/// The accepted interval of a number, ends included unless said to be open.
struct Range {
  std::optional<double> low, high;
  bool low_open = false, high_open = false;
};
constexpr Range any() { return {}; }
constexpr Range positive() { return {.low = 0.0, .high = {}, .low_open = true}; }
constexpr Range at_least(double low) { return {.low = low, .high = {}}; }
constexpr Range between(double low, double high) { return {.low = low, .high = high}; }

template <class S, class T>
struct Field {
  std::string_view name;
  T S::* member;
  std::string_view unit;  ///< SI unit, or what is counted ("bit", "row"); empty for words and pure numbers
  Range range;
  std::string_view help;  ///< one line
};
template <class S, class T>
constexpr Field<S, T> field(std::string_view name, T S::* member, std::string_view unit, Range range,
                            std::string_view help) {
  return {name, member, unit, range, help};
}

/// The words of an enum setting: specialise with a static constexpr std::array of {word, value} pairs.
template <class E>
struct EnumWords;

/// What a program (or a page of documentation) can know about a field.
struct FieldInfo {
  std::string name, type, unit, help;
  bool optional = false;  ///< None is accepted
  Value default_value;
  Range range;
  std::vector<std::string> choices;  ///< words of an enum
  std::string spec;                  ///< name of the nested spec, when there is one
  std::vector<FieldInfo> fields;     ///< the nested spec's fields (of one element, for a list of specs)
};
struct SpecInfo {
  std::string name, help;
  std::vector<FieldInfo> fields;
};

template <class S>
concept Described = requires {
  { S::spec_name } -> std::convertible_to<std::string_view>;
  S::fields();
};
/// A setting with rules of its own (a cell of any registered model).
template <class T>
concept SelfReading = requires(const T& t, const Value& v, const std::string& path) {
  { T::from_value(v, path) } -> std::same_as<T>;
  { t.to_value() } -> std::same_as<Value>;
  { T::spec_name } -> std::convertible_to<std::string_view>;
};

namespace detail {
[[noreturn]] void refuse_type(const std::string& path, const Value& given, const std::string& expected);
[[noreturn]] void refuse_word(const std::string& path, const Value& given, const std::vector<std::string>& known);
/// Throws unless every key of `table` is in `known`; lists the known names.
void check_keys(const std::string& path, const Value& table, const std::vector<std::string>& known);
void check_range(const std::string& path, double value, std::string_view unit, const Range& range);
double to_double(const std::string& path, const Value& value);
std::int64_t to_integer(const std::string& path, const Value& value);
std::string child(const std::string& path, std::string_view name);

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
/// What an optional or a list is made of.
template <class T>
struct element {
  using type = T;
};
template <class T>
struct element<std::optional<T>> : element<T> {};
template <class T>
struct element<std::vector<T>> : element<T> {};
template <class T>
struct is_variant : std::false_type {};
template <class... T>
struct is_variant<std::variant<T...>> : std::true_type {};
template <class T>
concept Interval = std::same_as<T, std::array<double, 2>>;
template <class E>
std::vector<std::string> words() {
  std::vector<std::string> out;
  for (const auto& [word, value] : EnumWords<E>::words) out.emplace_back(word);
  return out;
}
}  // namespace detail

template <class T>
T read(const Value& value, const std::string& path = "", std::string_view unit = "", const Range& range = {});
template <class T>
Value write(const T& value);
template <Described S>
SpecInfo describe(std::string_view help = "");

namespace detail {

template <class E>
E read_enum(const Value& value, const std::string& path) {
  if (value.is_string())
    for (const auto& [word, e] : EnumWords<E>::words)
      if (word == value.template get_ref<const std::string&>()) return e;
  refuse_word(path, value, words<E>());
}

template <class T>
T read_number(const Value& value, const std::string& path, std::string_view unit, const Range& range) {
  if constexpr (std::is_floating_point_v<T>) {
    const double x = to_double(path, value);
    check_range(path, x, unit, range);
    return x;
  } else {
    const std::int64_t x = to_integer(path, value);
    check_range(path, static_cast<double>(x), unit, range);
    using Limits = std::numeric_limits<T>;
    check_range(path, static_cast<double>(x), unit,
                between(static_cast<double>(Limits::min()), static_cast<double>(Limits::max())));
    return static_cast<T>(x);
  }
}

inline std::array<double, 2> read_interval(const Value& value, const std::string& path, std::string_view unit,
                                           const Range& range) {
  if (!value.is_array() || value.size() != 2) refuse_type(path, value, "a pair [low, high]");
  const std::array<double, 2> pair{to_double(path, value[0]), to_double(path, value[1])};
  for (const double x : pair) check_range(path, x, unit, range);
  require(pair[0] < pair[1], ErrorKind::value,
          {.rule = "an interval is [low, high] with low < high",
           .name = path,
           .value = show(value),
           .unit = std::string(unit),
           .allowed = "",
           .remedy = ""});
  return pair;
}

// Unit and range hold for every element; a list of specs brings its own.
template <class V>
V read_list(const Value& value, const std::string& path, std::string_view unit, const Range& range) {
  if (!value.is_array()) refuse_type(path, value, "a list");
  V out;
  for (std::size_t i = 0; i < value.size(); ++i)
    out.push_back(read<typename V::value_type>(value[i], path + "[" + std::to_string(i) + "]", unit, range));
  return out;
}

// A variant of an enum and an interval: words select a rule, a pair gives the numbers.
template <class V>
V read_variant(const Value& value, const std::string& path, std::string_view unit, const Range& range) {
  using Enum = std::variant_alternative_t<0, V>;
  if (value.is_array()) return read_interval(value, path, unit, range);
  return read_enum<Enum>(value, path);
}

template <class S>
S read_struct(const Value& value, const std::string& path) {
  if (!value.is_object()) refuse_type(path, value, std::string(S::spec_name) + " settings (a table)");
  S spec;
  std::vector<std::string> known;
  const auto take = [&](const auto& f) {
    known.emplace_back(f.name);
    const auto it = value.find(std::string(f.name));
    if (it == value.end()) return;
    using T = std::remove_reference_t<decltype(spec.*(f.member))>;
    spec.*(f.member) = read<T>(*it, child(path, f.name), f.unit, f.range);
  };
  std::apply([&](const auto&... f) { (take(f), ...); }, S::fields());
  check_keys(path.empty() ? std::string(S::spec_name) : path, value, known);
  if constexpr (requires { spec.check(); }) spec.check();
  return spec;
}

template <class T>
std::string type_name() {
  if constexpr (is_optional<T>::value)
    return type_name<typename T::value_type>();
  else if constexpr (is_vector<T>::value)
    return "list of " + type_name<typename T::value_type>();
  else if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else if constexpr (std::is_integral_v<T>)
    return "int";
  else if constexpr (std::is_floating_point_v<T>)
    return "float";
  else if constexpr (std::is_enum_v<T>)
    return "word";
  else if constexpr (is_variant<T>::value)
    return "word or pair";
  else if constexpr (Interval<T>)
    return "pair";
  else if constexpr (std::is_same_v<T, std::string>)
    return "str";
  else
    return std::string(T::spec_name);
}

template <class S, class T>
FieldInfo describe_field(const S& defaults, const Field<S, T>& f) {
  FieldInfo info{.name = std::string(f.name),
                 .type = type_name<T>(),
                 .unit = std::string(f.unit),
                 .help = std::string(f.help),
                 .optional = is_optional<T>::value,
                 .default_value = write(defaults.*(f.member)),
                 .range = f.range,
                 .choices = {},
                 .spec = {},
                 .fields = {}};
  using Plain = typename element<T>::type;
  if constexpr (std::is_enum_v<Plain>)
    info.choices = words<Plain>();
  else if constexpr (is_variant<Plain>::value)
    info.choices = words<std::variant_alternative_t<0, Plain>>();
  else if constexpr (Described<Plain> || SelfReading<Plain>)
    info.spec = std::string(Plain::spec_name);
  if constexpr (Described<Plain>) info.fields = describe<Plain>().fields;
  return info;
}

}  // namespace detail

/// Reads a setting from a tree. `path` is its full name ("adc.bits") for errors. Throws Error(type) for a wrong
/// kind of value and Error(value) for an unknown name, an unknown word or a number out of range.
template <class T>
T read(const Value& value, const std::string& path, std::string_view unit, const Range& range) {
  if constexpr (detail::is_optional<T>::value) {
    if (value.is_null()) return std::nullopt;
    return read<typename T::value_type>(value, path, unit, range);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) detail::refuse_type(path, value, "True or False");
    return value.get<bool>();
  } else if constexpr (std::is_arithmetic_v<T>) {
    return detail::read_number<T>(value, path, unit, range);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) detail::refuse_type(path, value, "text");
    return value.get<std::string>();
  } else if constexpr (std::is_enum_v<T>) {
    return detail::read_enum<T>(value, path);
  } else if constexpr (detail::is_variant<T>::value) {
    return detail::read_variant<T>(value, path, unit, range);
  } else if constexpr (detail::Interval<T>) {
    return detail::read_interval(value, path, unit, range);
  } else if constexpr (detail::is_vector<T>::value) {
    return detail::read_list<T>(value, path, unit, range);
  } else if constexpr (SelfReading<T>) {
    return T::from_value(value, path);
  } else {
    return detail::read_struct<T>(value, path);
  }
}

/// The tree of a setting; read<T>(write(x)) equals x.
template <class T>
Value write(const T& value) {
  if constexpr (detail::is_optional<T>::value) {
    return value ? write(*value) : Value(nullptr);
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& [word, e] : EnumWords<T>::words)
      if (e == value) return std::string(word);
    return nullptr;
  } else if constexpr (detail::is_variant<T>::value) {
    return std::visit([](const auto& v) { return write(v); }, value);
  } else if constexpr (detail::is_vector<T>::value) {
    Value list = Value::array();
    for (const auto& v : value) list.push_back(write(v));
    return list;
  } else if constexpr (SelfReading<T>) {
    return value.to_value();
  } else if constexpr (Described<T>) {
    Value table = Value::object();
    const auto put = [&](const auto& f) { table[std::string(f.name)] = write(value.*(f.member)); };
    std::apply([&](const auto&... f) { (put(f), ...); }, T::fields());
    return table;
  } else {
    return Value(value);
  }
}

/// The description of a spec, for docs and for the generated Python classes.
template <Described S>
SpecInfo describe(std::string_view help) {
  SpecInfo info{.name = std::string(S::spec_name), .help = std::string(help), .fields = {}};
  const S defaults;
  std::apply([&](const auto&... f) { (info.fields.push_back(detail::describe_field(defaults, f)), ...); }, S::fields());
  return info;
}

}  // namespace wordline::core
