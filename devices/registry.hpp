#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/embedded.hpp"
#include "core/preset.hpp"
#include "core/spec.hpp"
#include "devices/cell.hpp"

namespace wordline::devices {

/// One registered cell model: everything that parser, Python classes, docs and tests need to know about it.
struct CellModel {
  std::string_view name;         ///< "reram", the word in settings and presets
  std::string_view python_name;  ///< "ReRAM"
  std::string_view help;         ///< one line
  core::SpecInfo (*describe)();
  core::Value (*canonical)(const core::Value& settings, const std::string& path);  ///< checked, defaults filled in
  std::unique_ptr<Cell> (*make)(const core::Value& settings);
};

/// The models that are compiled in, in the order users see them.
std::span<const CellModel> models();
/// Adds a model that only this process has, such as cells written in Python; it stays. Settings find it by its name,
/// which must be new. Safe from any thread.
void add_model(const CellModel& model);
/// The model called `name`, compiled in or added; an unknown name is refused with the list of known ones.
const CellModel& model(const std::string& name);

/// The cited presets of all models.
namespace presets {
std::span<const core::EmbeddedFile> files();
}

/// The cell setting of a chip: a model with its settings. Reads from a preset name ("neurram-2022", or the path of a
/// TOML file), from a file of measurements (see read_table), or from a table {model = "reram", ...}.
struct CellSpec {
  std::string model = "ideal";
  core::Value settings = core::Value::object();

  static constexpr std::string_view spec_name = "Cell";
  static CellSpec from_value(const core::Value& value, const std::string& path);
  core::Value to_value() const;
  std::unique_ptr<Cell> make() const;
};

}  // namespace wordline::devices
