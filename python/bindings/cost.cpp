#include <pybind11/stl.h>

#include "cost/price.hpp"
#include "cost/rated.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/uses.hpp"

namespace wordline::bindings {
namespace {

Dict price(const std::string& technology, const std::vector<Dict>& uses, bool is_run) {
  std::vector<cost::LayerUse> layers;
  layers.reserve(uses.size());
  for (const auto& use : uses) layers.push_back(to_use(to_value(use, "use")));
  const auto of = is_run ? cost::ActivityOf::run : cost::ActivityOf::calibration;
  return to_dict(cost::price(cost::technology(technology), layers, of).to_value());
}

Dict rated_table(const std::string& technology) {
  return to_dict(cost::rated_table(cost::technology(technology)).to_value());
}

}  // namespace

void bind_cost(py::module_& module) {
  module.def("price", &price, py::arg("technology"), py::arg("uses"), py::arg("is_run"),
             "Energy, area and latency of what the layers did (what Layer.use gave), as a tree.");
  module.def("rated_table", &rated_table, py::arg("technology"),
             "The component table of a technology, with power and area of each level.");
}

}  // namespace wordline::bindings
