#include "devices/registry.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <mutex>

#include "core/error.hpp"
#include "devices/models.hpp"
#include "devices/table_file.hpp"

namespace wordline::devices {
namespace {

using core::Error;
using core::ErrorKind;
using core::Value;

/// Models of this process. A list, since references to its elements are given out.
struct Added {
  std::mutex mutex;
  std::list<CellModel> models;
};
Added& added() {
  static Added table;
  return table;
}

const CellModel* find_model(std::string_view name) {
  for (const auto& m : models())
    if (m.name == name) return &m;
  const std::lock_guard lock(added().mutex);
  for (const auto& m : added().models)
    if (m.name == name) return &m;
  return nullptr;
}

std::string known_models() {
  std::string known;
  const auto add = [&](const CellModel& m) { known += (known.empty() ? "" : ", ") + std::string(m.name); };
  for (const auto& m : models()) add(m);
  const std::lock_guard lock(added().mutex);
  for (const auto& m : added().models) add(m);
  return known;
}

CellSpec from_preset(const std::string& name, const std::string& path) {
  const core::Preset preset = core::find_preset(presets::files(), name);
  core::require(preset.kind == "cell", ErrorKind::value,
                {.rule = "a cell preset is needed",
                 .name = path,
                 .value = name,
                 .unit = "",
                 .allowed = "kind = \"cell\", this one is " + preset.kind,
                 .remedy = ""});
  const CellModel& m = model(preset.model);
  core::check_units(preset, m.describe());
  return {.model = preset.model, .settings = m.canonical(preset.settings, path)};
}

CellSpec from_measurement(const std::string& file, const std::string& path) {
  const CellModel& m = model("table");
  return {.model = std::string(m.name), .settings = m.canonical(read_table(file), path)};
}

// A measured table may be named by its file; from here on the settings hold its numbers.
void read_file(Value& settings, const std::string& path) {
  const auto file = settings.find("file");
  if (file == settings.end()) return;
  if (!file->is_string()) core::detail::refuse_type(path + ".file", *file, "the path of a .csv or .h5 file");
  Value numbers = read_table(file->get<std::string>());
  settings.erase("file");
  for (const auto& [name, value] : numbers.items()) {
    core::require(!settings.contains(name), ErrorKind::value,
                  {.rule = "this column stands in the file too",
                   .name = path + "." + name,
                   .value = "",
                   .unit = "",
                   .allowed = "",
                   .remedy = "give the file or the columns"});
    settings[name] = value;
  }
}

CellSpec from_table(const Value& table, const std::string& path) {
  const auto word = table.find("model");
  core::require(word != table.end() && word->is_string(), ErrorKind::value,
                {.rule = "the settings of a cell name its model",
                 .name = path + ".model",
                 .value = word == table.end() ? "" : core::show(*word),
                 .unit = "",
                 .allowed = known_models(),
                 .remedy = "or give the name of a preset"});
  Value settings = table;
  settings.erase("model");
  const CellModel& m = model(word->get<std::string>());
  if (m.name == "table") read_file(settings, path);
  return {.model = std::string(m.name), .settings = m.canonical(settings, path)};
}

}  // namespace

std::span<const CellModel> models() {
  static const std::array table{ideal_model(), gaussian_model(), reram_model(), sttmram_model(), table_model()};
  return table;
}

void add_model(const CellModel& model) {
  core::require(find_model(model.name) == nullptr, ErrorKind::value,
                {.rule = "a cell model of this name is there already",
                 .name = "model",
                 .value = std::string(model.name),
                 .unit = "",
                 .allowed = "",
                 .remedy = "choose another name"});
  const std::lock_guard lock(added().mutex);
  added().models.push_back(model);
}

const CellModel& model(const std::string& name) {
  if (const CellModel* found = find_model(name)) return *found;
  throw Error(ErrorKind::value, {.rule = "unknown cell model",
                                 .name = "model",
                                 .value = name,
                                 .unit = "",
                                 .allowed = known_models(),
                                 .remedy = "check the spelling"});
}

CellSpec CellSpec::from_value(const Value& value, const std::string& path) {
  if (value.is_string()) {
    const auto name = value.get<std::string>();
    return is_table_file(name) ? from_measurement(name, path) : from_preset(name, path);
  }
  if (value.is_object()) return from_table(value, path);
  core::detail::refuse_type(path, value,
                            "a preset name, the path of a .toml, .csv or .h5 file, or a table {model = ...}");
}

Value CellSpec::to_value() const {
  Value table = Value::object();
  table["model"] = model;
  const Value filled = devices::model(model).canonical(settings, model);
  for (const auto& [key, value] : filled.items()) table[key] = value;
  return table;
}

std::unique_ptr<Cell> CellSpec::make() const { return devices::model(model).make(settings); }

}  // namespace wordline::devices
