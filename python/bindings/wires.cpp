#include "crossbar/wires.hpp"

#include "core/error.hpp"
#include "crossbar/gated.hpp"
#include "crossbar/passive.hpp"
#include "crossbar/reference_wires.hpp"
#include "crossbar/spice.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/numpy.hpp"

namespace wordline::bindings {
namespace {

using crossbar::Lines;
using crossbar::Matrix;
using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

Matrix matrix(const Doubles& array, const std::string& name) {
  core::require(array.ndim() == 2, core::ErrorKind::value,
                {.rule = "wrong number of axes",
                 .name = name,
                 .value = describe(array),
                 .unit = "",
                 .allowed = "(rows, cols)",
                 .remedy = ""});
  return Eigen::Map<const Matrix>(array.data(), array.shape(0), array.shape(1));
}

Eigen::VectorXd vector(const Doubles& array) {
  return Eigen::Map<const Eigen::VectorXd>(array.data(), static_cast<Eigen::Index>(array.size()));
}

py::array_t<double> to_numpy(const Matrix& numbers) {
  py::array_t<double> out(Shape{numbers.rows(), numbers.cols()});
  Eigen::Map<Matrix>(out.mutable_data(), numbers.rows(), numbers.cols()) = numbers;
  return out;
}

py::array_t<double> effective_conductance(const Doubles& G, double row, double col, const Doubles& driver,
                                          const Doubles& sense) {
  const Matrix cells = matrix(G, "G");
  const Lines lines{.row = row, .col = col, .driver = vector(driver), .sense = vector(sense)};
  const Matrix effective = [&] {
    const py::gil_scoped_release release;
    return crossbar::effective_conductance(cells, lines);
  }();
  return to_numpy(effective);
}

py::array_t<double> to_numpy(const Eigen::VectorXd& numbers) {
  py::array_t<double> out(Shape{numbers.size()});
  std::copy(numbers.begin(), numbers.end(), out.mutable_data());
  return out;
}

Dict solve(const Doubles& G, const Doubles& V, double row, double col, const Doubles& driver, const Doubles& sense) {
  const Matrix cells = matrix(G, "G");
  const Lines lines{.row = row, .col = col, .driver = vector(driver), .sense = vector(sense)};
  const Eigen::VectorXd volts = vector(V);
  const auto solution = [&] {
    const py::gil_scoped_release release;
    crossbar::check(cells, lines);
    crossbar::check_voltages(cells, volts);
    return crossbar::reference::Nodal<double>(cells, lines).solve(volts, Eigen::VectorXd::Zero(cells.cols()));
  }();
  Dict out;
  out["word"] = to_numpy(solution.word);
  out["bit"] = to_numpy(solution.bit);
  out["cell_current"] = to_numpy(Matrix(cells.cwiseProduct(solution.word - solution.bit)));
  out["driver_current"] = to_numpy(solution.driver);
  out["column_current"] = to_numpy(solution.sense);
  return out;
}

Dict solve_sinh(const Doubles& G, const Doubles& V, double row, double col, const Doubles& driver, const Doubles& sense,
                double v0) {
  const Matrix cells = matrix(G, "G");
  const Lines lines{.row = row, .col = col, .driver = vector(driver), .sense = vector(sense)};
  const Eigen::VectorXd volts = vector(V);
  const auto solution = [&] {
    const py::gil_scoped_release release;
    return crossbar::solve_passive(cells, lines, volts, crossbar::sinh_curve(v0));
  }();
  Dict out;
  out["word"] = to_numpy(solution.word);
  out["bit"] = to_numpy(solution.bit);
  out["cell_current"] = to_numpy(solution.cell);
  out["driver_current"] = to_numpy(solution.driver);
  out["column_current"] = to_numpy(solution.sense);
  return out;
}

py::array_t<double> gated_currents(const Doubles& G, const py::array_t<bool, py::array::c_style>& open, double v_read,
                                   const Dict& lines) {
  const Matrix cells = matrix(G, "G");
  const crossbar::Gates gates = Eigen::Map<const crossbar::Gates>(open.data(), open.shape(0), open.shape(1));
  const auto ohm = [&](const char* name) { return lines[name].cast<double>(); };
  const crossbar::GatedLines given{
      .source = ohm("source"),
      .col = ohm("col"),
      .driver = ohm("driver"),
      .sense = ohm("sense"),
      .end = lines["same_end"].cast<bool>() ? crossbar::SourceEnd::same : crossbar::SourceEnd::opposite,
      .off = ohm("off")};
  const Matrix I = [&] {
    const py::gil_scoped_release release;
    return crossbar::gated_currents(cells, given, gates, v_read);
  }();
  return to_numpy(I);
}

std::string to_spice(const Doubles& G, const Doubles& V, double row, double col, const Doubles& driver,
                     const Doubles& sense) {
  const Lines lines{.row = row, .col = col, .driver = vector(driver), .sense = vector(sense)};
  return crossbar::to_spice(matrix(G, "G"), lines, vector(V));
}

}  // namespace

void bind_wires(py::module_& module) {
  module.def("solve", &solve, py::arg("G"), py::arg("V"), py::arg("row"), py::arg("col"), py::arg("driver"),
             py::arg("sense"), "Node voltages (V) and terminal currents (A) of a driven array.");
  module.def("solve_sinh", &solve_sinh, py::arg("G"), py::arg("V"), py::arg("row"), py::arg("col"), py::arg("driver"),
             py::arg("sense"), py::arg("v0"), "The same for cells of I = G v0 sinh(V / v0).");
  module.def("gated_currents", &gated_currents, py::arg("G"), py::arg("open"), py::arg("v_read"), py::arg("lines"),
             "Column currents (A) of a gated array, (vectors, cols).");
  module.def("to_spice", &to_spice, py::arg("G"), py::arg("V"), py::arg("row"), py::arg("col"), py::arg("driver"),
             py::arg("sense"), "The driven array as a SPICE deck.");
  module.def("effective_conductance", &effective_conductance, py::arg("G"), py::arg("row"), py::arg("col"),
             py::arg("driver"), py::arg("sense"),
             "Conductance (S) between every driver and every sense input, for one resistance per terminal.");
}

}  // namespace wordline::bindings
