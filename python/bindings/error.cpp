#include "core/error.hpp"

#include <chrono>

#include "python/bindings/bindings.hpp"

namespace wordline::bindings {
namespace {

using Clock = std::chrono::steady_clock;

// The package owns the class and hands it in at import, since no room may import the package. Kept for as long as the
// process lives.
PyObject* convergence_error = nullptr;

PyObject* python_class(core::ErrorKind kind) {
  switch (kind) {
    case core::ErrorKind::value:
      return PyExc_ValueError;
    case core::ErrorKind::type:
      return PyExc_TypeError;
    case core::ErrorKind::index:
      return PyExc_IndexError;
    case core::ErrorKind::io:
      return PyExc_OSError;
    case core::ErrorKind::convergence:
      return convergence_error != nullptr ? convergence_error : PyExc_RuntimeError;
    case core::ErrorKind::unsupported:
      return PyExc_NotImplementedError;
    case core::ErrorKind::interrupted:
      return PyExc_KeyboardInterrupt;
  }
  return PyExc_RuntimeError;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the type that pybind11 asks for
void translate(std::exception_ptr exception) {
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const core::Error& error) {
    py::set_error(python_class(error.kind()), error.what());
  }
}

void set_convergence_error(const py::type& error) { convergence_error = py::object(error).release().ptr(); }

void poll() {
  const py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

// Python handles signals on its main thread only.
bool on_main_thread() {
  const auto threading = py::module_::import("threading");
  return threading.attr("current_thread")().is(threading.attr("main_thread")());
}

}  // namespace

void translate_errors(py::module_& module) {
  py::register_local_exception_translator(translate);
  module.def("set_convergence_error", set_convergence_error, py::arg("error"),
             "Says which exception class stands for a solver that did not converge.");
}

core::Execution execution(int threads) {
  core::Execution run{.threads = threads, .poll = {}};
  if (!on_main_thread()) return run;
  // The lock may be held by a busy Python thread for milliseconds: it is asked for a few times per second only.
  run.poll = [next = Clock::now() + std::chrono::milliseconds(50)]() mutable {
    if (Clock::now() < next) return;
    poll();
    next = Clock::now() + std::chrono::milliseconds(50);
  };
  return run;
}

}  // namespace wordline::bindings
