#include "python/bindings/numpy.hpp"

#include "core/error.hpp"

namespace wordline::bindings {
namespace {

[[noreturn]] void refuse(core::ErrorKind kind, const char* rule, const std::string& name, const std::string& given,
                         const std::string& allowed, const char* remedy) {
  throw core::Error(kind,
                    {.rule = rule, .name = name, .value = given, .unit = "", .allowed = allowed, .remedy = remedy});
}

}  // namespace

Shape shape_of(const py::array& array) { return {array.shape(), array.shape() + array.ndim()}; }

std::string describe(const py::array& array) {
  const auto type = py::cast<std::string>(py::str(py::object(array.dtype())));
  return type + " " + py::cast<std::string>(py::str(array.attr("shape")));
}

py::array_t<float> floats(const py::object& object, const std::string& name, int ndim) {
  using core::ErrorKind;
  if (!py::isinstance<py::array>(object))
    refuse(ErrorKind::type, "numbers come as a NumPy array", name,
           py::cast<std::string>(py::type::of(object).attr("__name__")), "numpy.ndarray of float32",
           "convert it with numpy.asarray");
  const auto array = py::reinterpret_borrow<py::array>(object);
  if (!py::isinstance<py::array_t<float>>(array))
    refuse(ErrorKind::type, "wrong element type", name, describe(array), "float32", "cast it with .astype('float32')");
  if (ndim >= 0 && array.ndim() != ndim)
    refuse(ErrorKind::value, "wrong number of axes", name, describe(array), std::to_string(ndim) + " axes",
           "reshape it");
  if ((array.flags() & py::array::c_style) == 0)
    refuse(ErrorKind::value, "rows must follow each other in memory", name, describe(array) + ", strided",
           "C-contiguous", "call numpy.ascontiguousarray");
  return py::reinterpret_borrow<py::array_t<float>>(array);
}

py::array_t<float> new_floats(const Shape& shape) { return py::array_t<float>(shape); }

}  // namespace wordline::bindings
