#pragma once

#include <pybind11/numpy.h>

#include <string>
#include <vector>

#include "python/bindings/bindings.hpp"

/// The one door between NumPy and C++: nothing is cast or copied silently.
namespace wordline::bindings {

using Shape = std::vector<std::int64_t>;

/// Text like "float32 (128, 10)" for messages.
std::string describe(const py::array& array);

/// `object` as a C-contiguous array of float32 with `ndim` axes (-1: any number); otherwise an Error(type or value)
/// that names `name` and says what was expected and given.
py::array_t<float> floats(const py::object& object, const std::string& name, int ndim = -1);

/// A new float32 array of `shape`, not initialised.
py::array_t<float> new_floats(const Shape& shape);

Shape shape_of(const py::array& array);

}  // namespace wordline::bindings
