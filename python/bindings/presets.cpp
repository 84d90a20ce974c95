#include "core/preset.hpp"

#include <pybind11/stl.h>

#include "cost/technology.hpp"
#include "devices/registry.hpp"
#include "mapper/chip.hpp"
#include "python/bindings/bindings.hpp"

namespace wordline::bindings {
namespace {

Dict describe(const core::Preset& preset) {
  core::Value numbers = core::Value::array();
  for (const auto& n : preset.numbers)
    numbers.push_back(
        {{"path", n.path}, {"value", n.value}, {"unit", n.unit}, {"source", n.source}, {"basis", n.basis}});
  return to_dict({{"name", preset.name},
                  {"kind", preset.kind},
                  {"model", preset.model},
                  {"title", preset.title},
                  {"source", preset.source},
                  {"numbers", numbers}});
}

List presets() {
  List out;
  for (const auto files : {devices::presets::files(), mapper::presets::files(), cost::presets::files()})
    for (const auto& preset : core::all_presets(files)) out.append(describe(preset));
  return out;
}

Dict cell_preset(const std::string& name) { return to_dict(devices::CellSpec::from_value(name, "cell").to_value()); }
Dict chip_preset(const std::string& name) { return to_dict(mapper::chip_preset(name).settings); }
Dict ideal_chip() { return to_dict(mapper::ideal_chip()); }

Any parse_toml(const std::string& text, const std::string& origin) { return to_python(core::parse_toml(text, origin)); }

}  // namespace

void bind_presets(py::module_& module) {
  module.def("presets", &presets, "All cited presets with the source of every number.");
  module.def("cell_preset", &cell_preset, py::arg("name"),
             "Settings {model, ...} of a cell preset, by its name or the path of a .toml file.");
  module.def("chip_preset", &chip_preset, py::arg("name"),
             "Settings of a chip preset, by its name or the path of a .toml file.");
  module.def("ideal_chip", &ideal_chip, "Settings of the chip without any error.");
  module.def("parse_toml", &parse_toml, py::arg("text"), py::arg("origin"), "TOML text as plain settings.");
}

}  // namespace wordline::bindings
