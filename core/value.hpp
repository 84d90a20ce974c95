#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace wordline::core {

/// A tree of settings (null, bool, integer, number, text, list, table): the one form that keyword arguments,
/// TOML, `--set`, HDF5 attributes and JSON output are turned into and read from. Keys keep their order.
using Value = nlohmann::ordered_json;

/// Reads TOML text. `origin` (a file or preset name) appears in errors. Throws Error(value) with line and reason.
Value parse_toml(std::string_view text, const std::string& origin);

/// A value as error messages show it: text without quotes, numbers in shortest form, null as None.
std::string show(const Value& value);

}  // namespace wordline::core
