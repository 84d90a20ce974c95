#include "crossbar/wires.hpp"

#include <variant>

#include "crossbar/passive.hpp"
#include "crossbar/reference_wires.hpp"
#include "crossbar/shapes.hpp"
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

// Settings of one kind, or none.
template <class... S>
void read_one(const Dict& shape, const char* kind, std::variant<std::monostate, S...>& out) {
  if (!shape.contains(kind)) return;
  const Dict given = shape[kind].cast<Dict>();
  const auto name = given["class"].cast<std::string>();
  const auto settings = to_value(given["settings"], kind);
  ((name == S::spec_name ? static_cast<void>(out = core::read<S>(settings, kind)) : void()), ...);
}

crossbar::CellShape cell_shape(const Dict& shape) {
  crossbar::CellShape out;
  read_one(shape, "curve", out.curve);
  read_one(shape, "selector", out.selector);
  return out;
}

// A driven array: its cells, lines and the voltages behind its terminals.
struct Driven {
  Matrix G;
  Lines lines;
  Eigen::VectorXd V, held;
  crossbar::CellShape shape;

  Driven(const Doubles& cells, const Doubles& V_, const Dict& rest)
      : G(matrix(cells, "G")), V(vector(V_)), held(vector(rest["held"].cast<Doubles>())), shape(cell_shape(rest)) {
    lines = {.row = rest["row"].cast<double>(),
             .col = rest["col"].cast<double>(),
             .driver = vector(rest["driver"].cast<Doubles>()),
             .sense = vector(rest["sense"].cast<Doubles>())};
  }
};

crossbar::PassiveSolution solve_linear(const Driven& d) {
  crossbar::check(d.G, d.lines);
  crossbar::check_voltages(d.V, d.G.rows(), "V");
  crossbar::check_voltages(d.held, d.G.cols(), "held");
  const auto s = crossbar::reference::Nodal<double>(d.G, d.lines).solve(d.V, d.held);
  return {s.word, s.bit, d.G.cwiseProduct(s.word - s.bit), s.driver, s.sense, 0};
}

Dict solve(const Doubles& G, const Doubles& V, const Dict& rest) {
  const Driven d(G, V, rest);
  const auto solution = [&] {
    const py::gil_scoped_release release;
    return d.shape.linear() ? solve_linear(d)
                            : crossbar::solve_passive(d.G, d.lines, d.V, crossbar::curve_of(d.shape), d.held);
  }();
  Dict out;
  out["word"] = to_numpy(solution.word);
  out["bit"] = to_numpy(solution.bit);
  out["cell_current"] = to_numpy(solution.cell);
  out["driver_current"] = to_numpy(solution.driver);
  out["column_current"] = to_numpy(solution.sense);
  out["steps"] = solution.steps;
  return out;
}

std::string to_spice(const Doubles& G, const Doubles& V, const Dict& rest) {
  const Driven d(G, V, rest);
  return crossbar::to_spice(d.G, d.lines, d.V, d.shape, d.held);
}

}  // namespace

void bind_wires(py::module_& module) {
  module.def("solve", &solve, py::arg("G"), py::arg("V"), py::arg("rest"),
             "Node voltages (V) and terminal currents (A) of a driven array.");
  module.def("to_spice", &to_spice, py::arg("G"), py::arg("V"), py::arg("rest"), "The driven array as a SPICE deck.");
  module.def("effective_conductance", &effective_conductance, py::arg("G"), py::arg("row"), py::arg("col"),
             py::arg("driver"), py::arg("sense"),
             "Conductance (S) between every driver and every sense input, for one resistance per terminal.");
}

}  // namespace wordline::bindings
