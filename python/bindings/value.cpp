#include "core/value.hpp"

#include <cstdint>

#include "core/error.hpp"
#include "python/bindings/bindings.hpp"

namespace wordline::bindings {
namespace {

using core::Value;

std::string child(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

[[noreturn]] void refuse(const py::handle& object, const std::string& path, const std::string& rule) {
  throw core::Error(core::ErrorKind::type, {.rule = rule,
                                            .name = path,
                                            .value = py::cast<std::string>(py::type::of(object).attr("__name__")),
                                            .unit = "",
                                            .allowed = "dict, list, tuple, str, int, float, bool, None",
                                            .remedy = ""});
}

// Numbers beyond 64 bits become floats, which the range of any field then refuses with a message.
Value integer(const py::handle& object) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow != 0) return py::cast<double>(py::float_(py::reinterpret_borrow<py::int_>(object)));
  return static_cast<std::int64_t>(number);
}

Value table(const py::handle& object, const std::string& path) {
  Value out = Value::object();
  for (const auto& [key, item] : py::reinterpret_borrow<py::dict>(object)) {
    if (!py::isinstance<py::str>(key)) refuse(key, path, "names of settings are text");
    const auto name = py::cast<std::string>(key);
    out[name] = to_value(item, child(path, name));
  }
  return out;
}

Value list(const py::handle& object, const std::string& path) {
  Value out = Value::array();
  for (const auto& item : py::reinterpret_borrow<py::sequence>(object))
    out.push_back(to_value(item, path + "[" + std::to_string(out.size()) + "]"));
  return out;
}

// NumPy's scalars and arrays know how to become Python's own numbers and lists.
Value converted(const py::handle& object, const std::string& path) {
  if (!py::hasattr(object, "tolist")) refuse(object, path, "a setting cannot be of this type");
  const py::object plain = object.attr("tolist")();
  if (py::type::of(plain).is(py::type::of(object))) refuse(object, path, "a setting cannot be of this type");
  return to_value(plain, path);
}

}  // namespace

Value to_value(const py::handle& object, const std::string& path) {
  if (object.is_none()) return nullptr;
  if (PyBool_Check(object.ptr())) return object.is(py::bool_(true));
  if (PyLong_Check(object.ptr())) return integer(object);
  if (PyFloat_Check(object.ptr())) return PyFloat_AS_DOUBLE(object.ptr());
  if (py::isinstance<py::str>(object)) return py::cast<std::string>(object);
  if (py::isinstance<py::dict>(object)) return table(object, path);
  if (py::isinstance<py::list>(object) || py::isinstance<py::tuple>(object)) return list(object, path);
  return converted(object, path);
}

Any to_python(const Value& value) {
  switch (value.type()) {
    case Value::value_t::boolean:
      return py::bool_(value.get<bool>());
    case Value::value_t::number_integer:
      return py::int_(value.get<std::int64_t>());
    case Value::value_t::number_unsigned:
      return py::int_(value.get<std::uint64_t>());
    case Value::value_t::number_float:
      return py::float_(value.get<double>());
    case Value::value_t::string:
      return py::str(value.get<std::string>());
    case Value::value_t::object:
      return to_dict(value);
    case Value::value_t::array: {
      py::list items;
      for (const Value& item : value) items.append(to_python(item));
      return items;
    }
    default:
      return py::none();
  }
}

Dict to_dict(const Value& value) {
  Dict out;
  for (const auto& [key, item] : value.items()) out[py::str(key)] = to_python(item);
  return out;
}

namespace {

Value field(const core::FieldInfo& info) {
  Value fields = Value::array();
  for (const auto& inner : info.fields) fields.push_back(field(inner));
  const auto bound = [](const std::optional<double>& end) { return end ? Value(*end) : Value(nullptr); };
  return {{"name", info.name},
          {"type", info.type},
          {"unit", info.unit},
          {"help", info.help},
          {"optional", info.optional},
          {"default", info.default_value},
          {"low", bound(info.range.low)},
          {"high", bound(info.range.high)},
          {"low_open", info.range.low_open},
          {"high_open", info.range.high_open},
          {"choices", info.choices},
          {"spec", info.spec},
          {"fields", fields}};
}

}  // namespace

Value to_value(const core::SpecInfo& spec) {
  Value fields = Value::array();
  for (const auto& info : spec.fields) fields.push_back(field(info));
  return {{"name", spec.name}, {"help", spec.help}, {"fields", fields}};
}

}  // namespace wordline::bindings
