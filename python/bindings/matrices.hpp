#pragma once

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "crossbar/wires.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/numpy.hpp"

/// NumPy's doubles as Eigen's and back. Numbers are copied: both sides own theirs.
namespace wordline::bindings {

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

inline crossbar::Matrix matrix(const Doubles& array, const std::string& name) {
  core::require(array.ndim() == 2, core::ErrorKind::value,
                {.rule = "wrong number of axes",
                 .name = name,
                 .value = describe(array),
                 .unit = "",
                 .allowed = "(rows, cols)",
                 .remedy = ""});
  return Eigen::Map<const crossbar::Matrix>(array.data(), array.shape(0), array.shape(1));
}

inline Eigen::VectorXd vector(const Doubles& array) {
  return Eigen::Map<const Eigen::VectorXd>(array.data(), static_cast<Eigen::Index>(array.size()));
}

inline py::array_t<double> to_numpy(const crossbar::Matrix& numbers) {
  py::array_t<double> out(Shape{numbers.rows(), numbers.cols()});
  Eigen::Map<crossbar::Matrix>(out.mutable_data(), numbers.rows(), numbers.cols()) = numbers;
  return out;
}

inline py::array_t<double> to_numpy(const Eigen::VectorXd& numbers) {
  py::array_t<double> out(Shape{numbers.size()});
  std::copy(numbers.begin(), numbers.end(), out.mutable_data());
  return out;
}

}  // namespace wordline::bindings
