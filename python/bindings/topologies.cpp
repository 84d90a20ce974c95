#include "crossbar/gated.hpp"
#include "crossbar/series.hpp"
#include "crossbar/spice.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/matrices.hpp"

namespace wordline::bindings {
namespace {

using crossbar::Matrix;
using crossbar::Opened;
using Bits = py::array_t<bool, py::array::c_style | py::array::forcecast>;

Opened opened(const Bits& array) {
  core::require(array.ndim() == 2, core::ErrorKind::value,
                {.rule = "wrong number of axes",
                 .name = "inputs",
                 .value = describe(array),
                 .unit = "",
                 .allowed = "(vectors, rows)",
                 .remedy = ""});
  return Eigen::Map<const Opened>(array.data(), array.shape(0), array.shape(1));
}

crossbar::GatedLines lines_of(const Dict& given) {
  const auto ohm = [&](const char* name) { return given[name].cast<double>(); };
  return {.source = ohm("source"),
          .col = ohm("col"),
          .driver = vector(given["driver"].cast<Doubles>()),
          .sense = vector(given["sense"].cast<Doubles>()),
          .source_end = given["same_end"].cast<bool>() ? crossbar::SourceEnd::same : crossbar::SourceEnd::opposite,
          .v_read = ohm("v_read"),
          .leakage = ohm("leakage")};
}

py::array_t<double> gated_currents(const Doubles& G, const Bits& inputs, const Dict& given) {
  const Matrix cells = matrix(G, "G");
  const Opened open = opened(inputs);
  const crossbar::GatedLines lines = lines_of(given);
  const Matrix currents = [&] {
    const py::gil_scoped_release release;
    return crossbar::gated_currents(cells, lines, open).columns;
  }();
  return to_numpy(currents);
}

std::string gated_to_spice(const Doubles& G, const Bits& input, const Dict& given) {
  return crossbar::to_spice(matrix(G, "G"), lines_of(given), opened(input));
}

py::array_t<double> series_resistance(const Doubles& off, const Doubles& on, const Bits& inputs, double segment,
                                      const Doubles& terminals) {
  const crossbar::SeriesArray array{
      .off = matrix(off, "off"), .on = matrix(on, "on"), .segment = segment, .terminals = vector(terminals)};
  return to_numpy(crossbar::series_resistance(array, opened(inputs)));
}

}  // namespace

void bind_topologies(py::module_& module) {
  module.def("gated_currents", &gated_currents, py::arg("G"), py::arg("inputs"), py::arg("lines"),
             "Column currents (A) of an array whose inputs open gates, (vectors, cols).");
  module.def("gated_to_spice", &gated_to_spice, py::arg("G"), py::arg("input"), py::arg("lines"),
             "The same array with one input as a SPICE deck.");
  module.def("series_resistance", &series_resistance, py::arg("off"), py::arg("on"), py::arg("inputs"),
             py::arg("segment"), py::arg("terminals"), "Resistance (ohm) of columns in series, (vectors, cols).");
}

}  // namespace wordline::bindings
