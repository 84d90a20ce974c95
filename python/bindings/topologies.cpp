#include "crossbar/gated.hpp"
#include "crossbar/series.hpp"
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

py::array_t<double> gated_currents(const Doubles& G, const Bits& inputs, double source, double col,
                                   const Doubles& driver, const Doubles& sense, bool same_end, double v_read,
                                   double leakage) {
  const Matrix cells = matrix(G, "G");
  const Opened open = opened(inputs);
  const crossbar::GatedLines lines{.source = source,
                                   .col = col,
                                   .driver = vector(driver),
                                   .sense = vector(sense),
                                   .source_end = same_end ? crossbar::SourceEnd::same : crossbar::SourceEnd::opposite,
                                   .v_read = v_read,
                                   .leakage = leakage};
  const Matrix currents = [&] {
    const py::gil_scoped_release release;
    return crossbar::gated_currents(cells, lines, open).columns;
  }();
  return to_numpy(currents);
}

py::array_t<double> series_resistance(const Doubles& off, const Doubles& on, const Bits& inputs, double segment,
                                      const Doubles& terminals) {
  const crossbar::SeriesArray array{
      .off = matrix(off, "off"), .on = matrix(on, "on"), .segment = segment, .terminals = vector(terminals)};
  return to_numpy(crossbar::series_resistance(array, opened(inputs)));
}

}  // namespace

void bind_topologies(py::module_& module) {
  module.def("gated_currents", &gated_currents, py::arg("G"), py::arg("inputs"), py::arg("source"), py::arg("col"),
             py::arg("driver"), py::arg("sense"), py::arg("same_end"), py::arg("v_read"), py::arg("leakage"),
             "Column currents (A) of an array whose inputs open gates, (vectors, cols).");
  module.def("series_resistance", &series_resistance, py::arg("off"), py::arg("on"), py::arg("inputs"),
             py::arg("segment"), py::arg("terminals"), "Resistance (ohm) of columns in series, (vectors, cols).");
}

}  // namespace wordline::bindings
