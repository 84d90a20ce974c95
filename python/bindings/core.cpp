#include <pybind11/stl.h>

#include <vector>

#include "core/statistics.hpp"
#include "core/version.hpp"
#include "crossbar/mvm.hpp"
#include "python/bindings/bindings.hpp"

namespace wordline::bindings {
namespace {

Dict mean_interval(const std::vector<double>& values, double confidence) {
  const double mean = core::mean(values);
  const auto interval = core::confidence_interval(values, confidence);
  core::Value out{{"mean", mean}, {"half_width", nullptr}, {"std", nullptr}, {"n", values.size()}};
  if (interval) {
    out["half_width"] = interval->half_width;
    out["std"] = interval->std;
  }
  out["confidence"] = confidence;
  return to_dict(out);
}

}  // namespace

void bind_core(py::module_& module) {
  module.def("version", &core::version, "Version of the library, as in pyproject.toml.");
  module.def("git_id", &core::git_id, "Commit the library was built from, with -dirty for a changed tree.");
  module.def("instruction_set", &crossbar::instruction_set, "Instruction set that the kernels use on this machine.");
  module.def("mean_interval", &mean_interval, py::arg("values"), py::arg("confidence") = 0.95,
             "Mean of values and half-width of its Student-t interval, None for one value.");
}

}  // namespace wordline::bindings
