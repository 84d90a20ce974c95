#include "core/value.hpp"

#include <toml++/toml.h>
#include <string>

#include "core/error.hpp"

namespace wordline::core {
namespace {

Value convert(const toml::node& node, const std::string& origin);

std::string place(const toml::source_position& at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

Value convert_table(const toml::table& table, const std::string& origin) {
  Value out = Value::object();
  for (const auto& [key, child] : table) out[std::string(key.str())] = convert(child, origin);
  return out;
}

Value convert_array(const toml::array& array, const std::string& origin) {
  Value out = Value::array();
  for (const auto& child : array) out.push_back(convert(child, origin));
  return out;
}

Value convert(const toml::node& node, const std::string& origin) {
  if (const auto* t = node.as_table()) return convert_table(*t, origin);
  if (const auto* a = node.as_array()) return convert_array(*a, origin);
  if (const auto* s = node.as_string()) return s->get();
  if (const auto* i = node.as_integer()) return i->get();
  if (const auto* f = node.as_floating_point()) return f->get();
  if (const auto* b = node.as_boolean()) return b->get();
  throw Error(ErrorKind::value, {.rule = "dates mean nothing here",
                                 .name = origin,
                                 .value = place(node.source().begin),
                                 .unit = "",
                                 .allowed = "numbers, text, true, false, lists and tables",
                                 .remedy = "write it as text"});
}

}  // namespace

Value parse_toml(std::string_view text, const std::string& origin) {
  try {
    return convert_table(toml::parse(text), origin);
  } catch (const toml::parse_error& e) {
    throw Error(ErrorKind::value, {.rule = std::string("not valid TOML: ") + std::string(e.description()),
                                   .name = origin,
                                   .value = place(e.source().begin),
                                   .unit = "",
                                   .allowed = "",
                                   .remedy = "correct the file"});
  }
}

std::string show(const Value& value) {
  if (value.is_null()) return "None";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return number(value.get<double>());
  return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

}  // namespace wordline::core
