#include <cmath>
#include <memory>
#include <utility>

#include "core/error.hpp"
#include "devices/physics.hpp"
#include "devices/registry.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/numpy.hpp"

/// Cells written in Python: wordline.PythonCell behind devices::Cell. Every call takes the interpreter lock, and what
/// Python raises leaves here as core::Error, since it may pass through a parallel region.
namespace wordline::bindings {
namespace {

using core::ErrorKind;
using devices::CellArray;
using Doubles = py::array_t<double, py::array::c_style>;

// The package owns the class and hands in how settings become one of its cells, since no room may import the package.
// Kept for as long as the process lives.
PyObject* resolver = nullptr;

ErrorKind kind_of(const py::error_already_set& error) {
  if (error.matches(PyExc_TypeError)) return ErrorKind::type;
  if (error.matches(PyExc_OSError)) return ErrorKind::io;
  if (error.matches(PyExc_KeyboardInterrupt)) return ErrorKind::interrupted;
  return ErrorKind::value;
}

template <class... Args>
py::object call(const py::handle& function, Args&&... args) {
  try {
    return function(std::forward<Args>(args)...);
  } catch (const py::error_already_set& error) {
    throw core::Error(kind_of(error), {.rule = py::cast<std::string>(py::str(error.value())),
                                       .name = "",
                                       .value = "",
                                       .unit = "",
                                       .allowed = "",
                                       .remedy = ""});
  }
}

py::object resolve(const core::Value& settings) { return call(py::handle(resolver), to_dict(settings)); }

Doubles array(std::span<const double> values) { return Doubles(std::ssize(values), values.data()); }

template <class T>
std::vector<T> numbers(const py::handle& object) {
  const auto array = py::cast<py::array_t<T, py::array::c_style>>(object);
  return {array.data(), array.data() + array.size()};
}

// Four draws of each cell, one row per cell.
template <class Draw>
Doubles draws(const CellArray& cells, const char* purpose, std::uint32_t number, const Draw& draw) {
  Doubles out({std::ssize(cells.id), py::ssize_t{4}});
  const core::Stream stream = devices::cell_stream(cells, purpose);
  double* next = out.mutable_data();
  for (const std::uint64_t id : cells.id)
    for (const double x : draw(stream, id, number)) *next++ = x;
  return out;
}
Doubles normals(const CellArray& cells, const char* purpose, std::uint32_t number = 0) {
  return draws(cells, purpose, number, devices::cell_normals);
}
Doubles uniforms(const CellArray& cells, const char* purpose, std::uint32_t number = 0) {
  return draws(cells, purpose, number, devices::cell_uniforms);
}

py::tuple programming_draws(const CellArray& cells) {
  return py::make_tuple(normals(cells, "d2d"), normals(cells, "program", cells.write),
                        uniforms(cells, "write", cells.write), normals(cells, "relax", cells.write));
}

py::tuple tuple_of(const devices::ReadConditions& read) {
  return py::make_tuple(read.v_read, read.t_read, read.temperature, read.t_inference);
}
py::tuple tuple_of(const devices::Ageing& ageing) {
  return py::make_tuple(ageing.seconds, ageing.temperature, ageing.reads, ageing.extrapolate, ageing.v_read,
                        ageing.t_read);
}

/// What a Python cell says of itself once, so that questions about it need no lock.
struct Traits {
  std::string name;
  devices::Window window;
  devices::AgeingInputs ageing;
  bool is_linear, has_slow_noise, has_read_noise;
};

Traits traits_of(const py::object& cell) {
  const auto [name, window, ageing, linear, slow, fast] =
      py::cast<std::tuple<std::string, std::tuple<double, double, std::int64_t>, std::tuple<bool, bool, bool>, bool,
                          bool, bool>>(call(cell.attr("_traits")));
  return {.name = name,
          .window = {.G_min = std::get<0>(window), .G_max = std::get<1>(window), .levels = std::get<2>(window)},
          .ageing = {.time = std::get<0>(ageing), .temperature = std::get<1>(ageing), .reads = std::get<2>(ageing)},
          .is_linear = linear,
          .has_slow_noise = slow,
          .has_read_noise = fast};
}

class PythonCell final : public devices::Cell {
 public:
  /// Holds a wordline.PythonCell; the caller has the lock.
  explicit PythonCell(py::object cell) : traits_(traits_of(cell)), cell_(std::move(cell)) {}
  PythonCell(const PythonCell&) = delete;
  PythonCell& operator=(const PythonCell&) = delete;
  // The last owner may run without the lock.
  ~PythonCell() override {
    const PyGILState_STATE lock = PyGILState_Ensure();
    Py_XDECREF(cell_.release().ptr());
    PyGILState_Release(lock);
  }

  std::string_view name() const override { return traits_.name; }
  devices::Window window() const override { return traits_.window; }
  bool is_concurrent() const override { return false; }

  void fabricate(CellArray& cells) const override {
    const py::gil_scoped_acquire lock;
    const auto stuck = numbers<std::uint8_t>(ask("_fabricated", uniforms(cells, "stuck")));
    cells.stuck.resize(stuck.size());
    for (std::size_t k = 0; k < stuck.size(); ++k) cells.stuck[k] = static_cast<devices::Stuck>(stuck[k]);
  }

  void program(CellArray& cells) const override {
    devices::prepare(cells, window());
    const py::gil_scoped_acquire lock;
    const auto [G, pulses, energy] = py::cast<std::tuple<py::object, double, double>>(
        ask("_programmed", array(cells.target), programming_draws(cells)));
    cells.G = numbers<double>(G);
    cells.pulses = pulses;
    cells.energy = energy;
    devices::hold_stuck(cells, window());
    cells.is_fresh = true;
  }

  // Age 0 is the state as programmed, whatever the class has to say; it is not asked twice for it.
  void age(CellArray& cells, const devices::Ageing& ageing) const override {
    devices::check_ageing(*this, ageing);
    if (ageing.seconds == 0.0 && ageing.reads == 0.0) return cells.is_fresh ? void() : program(cells);
    const py::gil_scoped_acquire lock;
    cells.G = numbers<double>(ask("_aged", array(cells.target), programming_draws(cells), tuple_of(ageing)));
    cells.is_fresh = false;
    devices::hold_stuck(cells, window());
  }
  devices::AgeingInputs models() const override { return traits_.ageing; }

  // The class takes the temperature itself, in age().
  double acceleration(double temperature) const override {
    core::require(temperature == devices::reference_temperature, ErrorKind::unsupported,
                  {.rule = "a cell written in Python does not say how much faster heat ages it",
                   .name = "temperature",
                   .value = core::number(temperature),
                   .unit = "K",
                   .allowed = core::number(devices::reference_temperature),
                   .remedy = "give the whole age at one temperature"});
    return 1.0;
  }

  void epoch(CellArray& cells, std::int64_t epoch, const devices::ReadConditions& read,
             const devices::Ageing& ageing) const override {
    if (!traits_.has_slow_noise) return;
    const py::gil_scoped_acquire lock;
    cells.G = numbers<double>(ask("_in_epoch", array(cells.G), normals(cells, "epoch", core::field32("epoch", epoch)),
                                  tuple_of(read), tuple_of(ageing)));
    cells.is_fresh = false;
  }
  bool has_slow_noise() const override { return traits_.has_slow_noise; }

  devices::ReadNoise read_noise(const CellArray& cells, const devices::ReadConditions& read) const override {
    if (!traits_.has_read_noise) return devices::silence(cells.size());
    const py::gil_scoped_acquire lock;
    const auto [a0, a1, a2] =
        py::cast<std::tuple<py::object, py::object, py::object>>(ask("_noise", array(cells.G), tuple_of(read)));
    return {.a0 = numbers<double>(a0), .a1 = numbers<double>(a1), .a2 = numbers<double>(a2)};
  }
  bool has_read_noise() const override { return traits_.has_read_noise; }

  void current(std::span<const double> G, double V, std::span<double> out) const override {
    if (traits_.is_linear) return Cell::current(G, V, out);
    const py::gil_scoped_acquire lock;
    const auto I = numbers<double>(ask("_currents", array(G), std::abs(V)));
    for (std::size_t k = 0; k < I.size(); ++k) out[k] = V < 0.0 ? -I[k] : I[k];
  }
  bool is_linear() const override { return traits_.is_linear; }

 private:
  // The methods of wordline.PythonCell that call the user's and check what they give.
  template <class... Args>
  py::object ask(const char* method, Args&&... args) const {
    return call(cell_.attr(method), std::forward<Args>(args)...);
  }

  Traits traits_;
  py::object cell_;
};

core::Value canonical(const core::Value& settings, const std::string& /*path*/) {
  const py::gil_scoped_acquire lock;
  return to_value(call(resolve(settings).attr("_record")));
}

std::unique_ptr<devices::Cell> make(const core::Value& settings) {
  const py::gil_scoped_acquire lock;
  return std::make_unique<PythonCell>(resolve(settings));
}

core::SpecInfo no_settings() { return {.name = "PythonCell", .help = "a cell written in Python", .fields = {}}; }

void set_python_cells(const py::typing::Callable<Any(Dict)>& resolve) {
  if (resolver == nullptr)
    devices::add_model({.name = "python",
                        .python_name = "PythonCell",
                        .help = "a cell written in Python",
                        .describe = &no_settings,
                        .canonical = &canonical,
                        .make = &make});
  resolver = py::object(resolve).release().ptr();
}

}  // namespace

void bind_python_cells(py::module_& module) {
  module.def("set_python_cells", &set_python_cells, py::arg("resolve"),
             "Says how the settings {class, settings, source_sha256} become a cell; adds the model `python`.");
}

}  // namespace wordline::bindings
