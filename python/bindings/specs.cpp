#include <pybind11/stl.h>

#include <algorithm>
#include <vector>

#include "core/error.hpp"
#include "crossbar/shapes.hpp"
#include "devices/registry.hpp"
#include "mapper/chip.hpp"
#include "python/bindings/bindings.hpp"

namespace wordline::bindings {
namespace {

/// One class of settings that Python gets a class for.
struct Schema {
  std::string name;   ///< of the Python class: "ADC"
  std::string path;   ///< how errors name a field: "adc.bits"; empty: "bits"
  std::string model;  ///< the word of a cell model, else empty
  core::SpecInfo info;
  core::Value (*canonical)(const core::Value& settings, const std::string& path);
};

template <core::Described S>
Schema schema(const char* path, const char* help) {
  return {.name = std::string(S::spec_name),
          .path = path,
          .model = "",
          .info = core::describe<S>(help),
          .canonical = [](const core::Value& settings, const std::string& where) {
            return core::write(core::read<S>(settings, where));
          }};
}

std::vector<Schema> make_schemas() {
  std::vector<Schema> out{
      schema<crossbar::WiresSpec>("wires", "Resistance of an array's lines and terminals; all zero means ideal lines."),
      schema<crossbar::ArraySpec>("array", "One crossbar: driven word lines by sensed bit lines."),
      schema<mapper::WeightsSpec>("weights", "How signed weights become the levels of cells."),
      schema<crossbar::DacSpec>("dac", "Row drivers: how inputs become voltages."),
      schema<crossbar::AdcSpec>("adc", "Column converters and their errors."),
      schema<crossbar::SinhSpec>("curve", "Cells whose current rises as a hyperbolic sine."),
      schema<crossbar::PolynomialSpec>("curve", "Cells whose current is an odd polynomial of their voltage."),
      schema<crossbar::ExponentialSelectorSpec>("selector", "A selector that is exponential in both directions."),
      schema<crossbar::ThresholdSelectorSpec>("selector",
                                              "A selector that switches on above a voltage, without hysteresis."),
      schema<mapper::ChipSpec>("", "A whole chip: the cell, its arrays, drivers, converters and technology.")};
  for (const auto& m : devices::models())
    out.push_back({.name = std::string(m.python_name),
                   .path = std::string(m.name),
                   .model = std::string(m.name),
                   .info = m.describe(),
                   .canonical = m.canonical});
  return out;
}

const std::vector<Schema>& all_schemas() {
  static const std::vector<Schema> table = make_schemas();
  return table;
}

Dict describe_schema(const Schema& s) {
  core::Value out = to_value(s.info);
  out["name"] = s.name;
  out["path"] = s.path;
  out["model"] = s.model;
  return to_dict(out);
}

List schemas() {
  List out;
  for (const auto& s : all_schemas()) out.append(describe_schema(s));
  return out;
}

Dict canonical(const std::string& name, const Dict& settings) {
  const auto& table = all_schemas();
  const auto it = std::find_if(table.begin(), table.end(), [&](const auto& s) { return s.name == name; });
  core::require(it != table.end(), core::ErrorKind::value,
                {.rule = "unknown class of settings",
                 .name = "name",
                 .value = name,
                 .unit = "",
                 .allowed = "",
                 .remedy = "schemas() lists them"});
  return to_dict(it->canonical(to_value(settings, it->path), it->path));
}

}  // namespace

void bind_specs(py::module_& module) {
  module.def("schemas", &schemas, "Descriptions of all settings: name, help, path, model and fields.");
  module.def("canonical", &canonical, py::arg("name"), py::arg("settings"),
             "Settings of the class `name`, checked and with defaults filled in.");
}

}  // namespace wordline::bindings
