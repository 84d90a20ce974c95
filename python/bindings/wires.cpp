#include "crossbar/wires.hpp"

#include "crossbar/passive.hpp"
#include "crossbar/reference_wires.hpp"
#include "crossbar/spice.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/matrices.hpp"

namespace wordline::bindings {
namespace {

using crossbar::Lines;
using crossbar::Matrix;

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

Dict solve(const Doubles& G, const Doubles& V, double row, double col, const Doubles& driver, const Doubles& sense) {
  const Matrix cells = matrix(G, "G");
  const Lines lines{.row = row, .col = col, .driver = vector(driver), .sense = vector(sense)};
  const Eigen::VectorXd volts = vector(V);
  const auto solution = [&] {
    const py::gil_scoped_release release;
    crossbar::check(cells, lines);
    crossbar::check_voltages(volts, cells.rows(), "V");
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
  module.def("to_spice", &to_spice, py::arg("G"), py::arg("V"), py::arg("row"), py::arg("col"), py::arg("driver"),
             py::arg("sense"), "The driven array as a SPICE deck.");
  module.def("effective_conductance", &effective_conductance, py::arg("G"), py::arg("row"), py::arg("col"),
             py::arg("driver"), py::arg("sense"),
             "Conductance (S) between every driver and every sense input, for one resistance per terminal.");
}

}  // namespace wordline::bindings
