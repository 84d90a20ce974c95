#pragma once

#include <pybind11/pybind11.h>

#include "core/parallel.hpp"
#include "core/spec.hpp"
#include "core/value.hpp"

/// What the binding files share. One file binds one topic; conversions live in error.cpp, value.cpp and numpy.cpp.
namespace wordline::bindings {

namespace py = pybind11;

inline bool is_anything(PyObject* object) { return object != nullptr; }

/// A Python object of any type, "typing.Any" in signatures.
class Any : public py::object {
  PYBIND11_OBJECT_DEFAULT(Any, py::object, is_anything)
};

}  // namespace wordline::bindings

template <>
struct pybind11::detail::handle_type_name<wordline::bindings::Any> {
  static constexpr auto name = const_name("typing.Any");
};

#include <pybind11/typing.h>

namespace wordline::bindings {

using Dict = py::typing::Dict<py::str, Any>;
using List = py::typing::List<Dict>;
using Texts = py::typing::List<py::str>;

/// Makes Python exceptions of core::Error.
void translate_errors(py::module_& module);

/// How a run uses the machine when Python started it: Ctrl-C stops it when the caller is the main thread.
core::Execution execution(int threads);

/// A tree of settings from dict, list, tuple, str, int, float, bool, None and NumPy's scalars; other types are an
/// Error(type) that names `path`.
core::Value to_value(const py::handle& object, const std::string& path = "");
Any to_python(const core::Value& value);
/// The same for a tree that is known to be a table.
Dict to_dict(const core::Value& table);

/// Fields with name, type, unit, default, range, choices and help, as schemas() returns them.
core::Value to_value(const core::SpecInfo& spec);

void bind_core(py::module_& module);
void bind_hdf5(py::module_& module);
void bind_specs(py::module_& module);
void bind_python_cells(py::module_& module);
void bind_presets(py::module_& module);
void bind_cost(py::module_& module);
void bind_mapper(py::module_& module);
void bind_wires(py::module_& module);
void bind_topologies(py::module_& module);

}  // namespace wordline::bindings
