#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "core/error.hpp"
#include "core/hdf5_file.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/numpy.hpp"

namespace wordline::bindings {
namespace {

using core::Hdf5File;
using core::Hdf5Shape;

template <class T>
bool write_as(Hdf5File& file, const std::string& object, const py::array& data, int deflate) {
  if (!py::isinstance<py::array_t<T>>(data)) return false;
  const auto numbers = py::array_t<T, py::array::c_style>::ensure(data);
  file.write(object, std::span<const T>(numbers.data(), static_cast<std::size_t>(numbers.size())), shape_of(data),
             deflate);
  return true;
}

void write(Hdf5File& file, const std::string& object, const py::array& data, int deflate) {
  const bool done = write_as<double>(file, object, data, deflate) || write_as<float>(file, object, data, deflate) ||
                    write_as<std::int64_t>(file, object, data, deflate) ||
                    write_as<std::uint8_t>(file, object, data, deflate);
  core::require(done, core::ErrorKind::type,
                {.rule = "numbers of this type are not stored",
                 .name = object,
                 .value = describe(data),
                 .unit = "",
                 .allowed = "float64, float32, int64, uint8",
                 .remedy = "cast it with .astype"});
}

template <class T>
py::array_t<T> read(const Hdf5File& file, const std::string& object) {
  const core::Hdf5Array<T> stored = file.read<T>(object);
  py::array_t<T> out(stored.shape);
  std::copy(stored.data.begin(), stored.data.end(), out.mutable_data());
  return out;
}

void write_atomically(const std::string& path, const std::string& kind, std::int64_t version,
                      const py::typing::Callable<void(Hdf5File&)>& fill) {
  core::write_atomically(path, kind, version,
                         [&](Hdf5File& file) { fill(py::cast(file, py::return_value_policy::reference)); });
}

}  // namespace

void bind_hdf5(py::module_& module) {
  py::class_<Hdf5File>(module, "Hdf5File", "An open HDF5 file; objects are named by absolute paths.")
      .def_static("open", py::overload_cast<const std::string&, const std::string&, std::int64_t>(&Hdf5File::open),
                  py::arg("path"), py::arg("kind"), py::arg("max_version"))
      .def("close", &Hdf5File::close)
      .def("exists", &Hdf5File::exists, py::arg("object"))
      .def("children", &Hdf5File::children, py::arg("group"))
      .def("make_group", &Hdf5File::make_group, py::arg("group"))
      .def("write", &write, py::arg("object"), py::arg("data"), py::arg("deflate") = 0)
      .def("read_float64", &read<double>, py::arg("object"))
      .def("read_int64", &read<std::int64_t>, py::arg("object"))
      .def("read_uint8", &read<std::uint8_t>, py::arg("object"))
      .def(
          "set_attribute",
          [](Hdf5File& file, const std::string& object, const std::string& name, const Any& value) {
            file.set_attribute(object, name, to_value(value, name));
          },
          py::arg("object"), py::arg("name"), py::arg("value"))
      .def("has_attribute", &Hdf5File::has_attribute, py::arg("object"), py::arg("name"))
      .def("attribute_text", &Hdf5File::attribute_text, py::arg("object"), py::arg("name"))
      .def("attribute_integer", &Hdf5File::attribute_integer, py::arg("object"), py::arg("name"))
      .def("attribute_number", &Hdf5File::attribute_number, py::arg("object"), py::arg("name"));
  module.def("write_atomically", &write_atomically, py::arg("path"), py::arg("kind"), py::arg("version"),
             py::arg("fill"), "Makes a file that appears whole or not at all; `fill` writes into it.");
}

}  // namespace wordline::bindings
