#include "python/bindings/bindings.hpp"

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
  using namespace wordline::bindings;
  module.doc() = "The C++ core of Wordline. Use the package `wordline`; this module may change without notice.";
  translate_errors(module);
  bind_core(module);
  bind_hdf5(module);
  bind_specs(module);
  bind_python_cells(module);
  bind_presets(module);
  bind_cost(module);
  bind_mapper(module);
  bind_wires(module);
  bind_topologies(module);
}
