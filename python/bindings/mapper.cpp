#include <pybind11/stl.h>

#include <memory>
#include <optional>

#include "core/error.hpp"
#include "mapper/layer.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/layer_info.hpp"
#include "python/bindings/layer_input.hpp"
#include "python/bindings/numpy.hpp"
#include "python/bindings/uses.hpp"

namespace wordline::bindings {
namespace {

using core::ErrorKind;
using mapper::Layer;
using mapper::ProgrammedLayer;
using mapper::Tally;
using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

mapper::InputCodes input_codes(const Dict& given) {
  const auto value = to_value(given, "codes");
  const auto whole = [&](const char* name) {
    return core::read<std::int64_t>(value.at(name), std::string("codes.") + name);
  };
  for (const char* name : {"scale", "zero", "low", "high"})
    core::require(value.contains(name), ErrorKind::value,
                  {.rule = "codes of inputs are described by four numbers",
                   .name = std::string("codes.") + name,
                   .value = "",
                   .unit = "",
                   .allowed = "scale, zero, low, high",
                   .remedy = ""});
  return {.scale = core::read<double>(value.at("scale"), "codes.scale"),
          .zero = whole("zero"),
          .low = whole("low"),
          .high = whole("high")};
}

std::unique_ptr<Layer> make_layer(const std::string& name, std::uint32_t index, const Dict& chip, const Any& weights,
                                  const Any& bias, std::int64_t groups, const std::optional<Dict>& codes,
                                  const std::optional<Doubles>& weight_scale) {
  const auto W = floats(weights, name + ".weights", 2);
  const auto spec = core::read<mapper::ChipSpec>(to_value(chip));
  mapper::Product product{.name = name,
                          .index = index,
                          .weights = {W.data(), static_cast<std::size_t>(W.size())},
                          .inputs = W.shape(0),
                          .outputs = W.shape(1),
                          .groups = groups};
  py::array_t<float> held;
  if (!bias.is_none()) {
    held = floats(bias, name + ".bias", 1);
    product.bias = {held.data(), static_cast<std::size_t>(held.size())};
  }
  if (codes) product.codes = input_codes(*codes);
  if (weight_scale) product.weight_scale = {weight_scale->data(), static_cast<std::size_t>(weight_scale->size())};
  return std::make_unique<Layer>(product, spec);
}

void calibrate(Layer& layer, const Any& x, const std::optional<Dict>& conv, int threads) {
  const LayerInput in = layer_input(layer, x, conv, 0, 0);
  const core::Execution how = execution(threads);
  const py::gil_scoped_release release;
  layer.calibrate(in.samples, in.unfold, how);
}

std::unique_ptr<ProgrammedLayer> program(const Layer& layer, std::uint64_t seed, std::uint32_t chip, double age_s,
                                         double temperature, double reads, bool extrapolate, int threads) {
  const auto& dac = layer.plan().chip.dac;
  const devices::Ageing ageing{.seconds = age_s,
                               .temperature = temperature,
                               .reads = reads,
                               .extrapolate = extrapolate,
                               .v_read = dac.v_read,
                               .t_read = dac.t_read};
  const core::Execution how = execution(threads);
  const py::gil_scoped_release release;
  return std::make_unique<ProgrammedLayer>(layer.program({.seed = seed, .chip = chip}, ageing, how));
}

std::unique_ptr<ProgrammedLayer> restore(const Layer& layer, const ProgrammedLayer& programmed, const Doubles& G,
                                         int threads) {
  const auto& l = layer.plan().layout;
  const Shape shape{l.arrays(), l.array_rows, l.array_cols};
  core::require(shape_of(G) == shape, ErrorKind::value,
                {.rule = "conductances have the shape (arrays, rows, cols)",
                 .name = layer.name() + ".conductance",
                 .value = describe(G),
                 .unit = "S",
                 .allowed = "",
                 .remedy = ""});
  mapper::Conductances arrays;
  for (std::int64_t a = 0; a < l.arrays(); ++a)
    arrays.emplace_back(G.data() + a * shape[1] * shape[2], G.data() + (a + 1) * shape[1] * shape[2]);
  const core::Execution how = execution(threads);
  const py::gil_scoped_release release;
  return std::make_unique<ProgrammedLayer>(layer.restore(programmed, std::move(arrays), how));
}

Dict cells(const Layer& layer, const ProgrammedLayer& programmed) {
  const auto& l = layer.plan().layout;
  const Shape shape{l.arrays(), l.array_rows, l.array_cols};
  py::array_t<double> G(shape), target(shape);
  for (std::int64_t a = 0; a < l.arrays(); ++a) {
    const auto array = mapper::cells_of(layer.plan(), mapper::array_place(l, a), programmed.origin);
    std::copy(array.G.begin(), array.G.end(), G.mutable_data() + a * shape[1] * shape[2]);
    std::copy(array.target.begin(), array.target.end(), target.mutable_data() + a * shape[1] * shape[2]);
  }
  Dict out;
  out["conductance"] = G;
  out["target"] = target;
  return out;
}

py::array_t<float> run(const Layer& layer, const ProgrammedLayer& programmed, const Any& x, Tally& tally,
                       const std::optional<Dict>& conv, std::int64_t first, std::int64_t first_window, int threads) {
  const LayerInput in = layer_input(layer, x, conv, first, first_window);
  auto out = new_floats(in.output);
  const std::span<float> numbers(out.mutable_data(), static_cast<std::size_t>(out.size()));
  const core::Execution how = execution(threads);
  const py::gil_scoped_release release;
  layer.run(programmed, in.samples, in.unfold, conv.has_value(), numbers, tally, how);
  return out;
}

py::array_t<double> cube(const mapper::Probe& probe, const std::vector<double>& numbers) {
  py::array_t<double> out(Shape{probe.vectors, probe.conversions, std::ssize(probe.columns)});
  std::copy(numbers.begin(), numbers.end(), out.mutable_data());
  return out;
}

Dict probe(const Layer& layer, const ProgrammedLayer& programmed, const Any& x, const std::optional<Dict>& conv,
           std::int64_t first, std::int64_t first_window) {
  const LayerInput in = layer_input(layer, x, conv, first, first_window);
  const mapper::Probe seen = [&] {
    const py::gil_scoped_release release;
    return layer.probe(programmed, in.samples, in.unfold);
  }();
  Dict out;
  out["current"] = cube(seen, seen.quantity);
  if (!seen.code.empty()) out["code"] = cube(seen, seen.code);
  using Label = mapper::Probe::Label;
  for (const auto& [name, field] : {std::pair{"read", &Label::read},
                                    {"section", &Label::section},
                                    {"row_tile", &Label::row_tile},
                                    {"output", &Label::output},
                                    {"slice", &Label::slice},
                                    {"polarity", &Label::polarity}}) {
    py::array_t<std::int64_t> column(std::ssize(seen.columns));
    for (std::size_t i = 0; i < seen.columns.size(); ++i) column.mutable_data()[i] = seen.columns[i].*field;
    out[name] = column;
  }
  return out;
}

Dict use(const Layer& layer, const ProgrammedLayer& programmed, const Tally& tally) {
  Dict out = to_dict(to_value(layer.use(programmed, tally)));
  out["column_loss"] = programmed.state.loss.mean;
  out["worst_column_loss"] = programmed.state.loss.worst;
  return out;
}

Dict ageing(const ProgrammedLayer& programmed) {
  const devices::Ageing& a = programmed.origin.ageing;
  return to_dict(
      {{"age", a.seconds}, {"temperature", a.temperature}, {"reads", a.reads}, {"extrapolate", a.extrapolate}});
}

void bind_runs(py::class_<Layer>& layer_class) {
  const auto conv = py::arg("conv") = py::none();
  layer_class
      .def("calibrate", &calibrate, py::arg("x"), conv, py::arg("threads") = 0,
           "Sets input and ADC ranges from float32 samples.")
      .def("run", &run, py::arg("programmed"), py::arg("x"), py::arg("tally"), conv, py::arg("first") = 0,
           py::arg("first_window") = 0, py::arg("threads") = 0,
           "Outputs of float32 samples; `first` and `first_window` number the first sample and window.")
      .def("probe", &probe, py::arg("programmed"), py::arg("x"), conv, py::arg("first") = 0,
           py::arg("first_window") = 0, "What each conversion saw (A or V) and gave, and which column it was.")
      .def("use", &use, py::arg("programmed"), py::arg("tally"),
           "What the layer is made of and did, for price(); column_loss: in its lines.");
}

void bind_layer(py::class_<Layer>& layer_class) {
  layer_class
      .def(py::init(&make_layer), py::arg("name"), py::arg("index"), py::arg("chip"), py::arg("weights"),
           py::arg("bias") = py::none(), py::arg("groups") = 1, py::arg("codes") = py::none(),
           py::arg("weight_scale") = py::none())
      .def_property_readonly("name", &Layer::name)
      .def_property_readonly("needs_calibration", &Layer::needs_calibration)
      .def_property_readonly("depends_on_samples", [](const Layer& self) { return self.plan().depends_on_samples(); })
      .def(
          "info", [](const Layer& layer) { return to_dict(describe(layer.plan())); }, "Size and ranges of the layer.")
      .def(
          "ranges", [](const Layer& layer) { return to_dict(layer.ranges()); }, "Calibrated ranges as plain numbers.")
      .def(
          "set_ranges", [](Layer& layer, const Dict& ranges) { layer.set_ranges(to_value(ranges, "ranges")); },
          py::arg("ranges"), "Sets the ranges that another layer of the same product and chip has.")
      .def("program", &program, py::arg("seed"), py::arg("chip"), py::arg("age") = 0.0, py::arg("temperature") = 300.0,
           py::arg("reads") = 0.0, py::arg("extrapolate") = false, py::arg("threads") = 0,
           "This layer on one chip, `age` seconds after programming.")
      .def("restore", &restore, py::arg("programmed"), py::arg("G"), py::arg("threads") = 0,
           "The same chip with stored conductances (S), (arrays, rows, cols).")
      .def("cells", &cells, py::arg("programmed"), "Conductances and targets (S), (arrays, rows, cols).")
      .def(
          "acceleration", [](const Layer& layer, double T) { return layer.plan().cell->acceleration(T); },
          py::arg("temperature"), "Seconds at 300 K that age a cell as much as one second at `temperature` (K).");
}

}  // namespace

void bind_mapper(py::module_& module) {
  py::class_<Layer> layer_class(module, "Layer", "A weight matrix mapped onto arrays; no randomness yet.");
  py::class_<ProgrammedLayer>(module, "ProgrammedLayer", "One layer's arrays on one chip.")
      .def_property_readonly(
          "pulses", [](const ProgrammedLayer& p) { return p.state.pulses; }, "Programming pulses.")
      .def_property_readonly(
          "energy", [](const ProgrammedLayer& p) { return p.state.energy; },
          "J of programming; 0 where the cell's source gives none.")
      .def_property_readonly("ageing", &ageing, "age (s), temperature (K), reads and extrapolate since programming.");
  py::class_<Tally>(module, "Tally", "Counts of what happened while samples ran through one layer.")
      .def(py::init([](const Layer& layer) { return std::make_unique<Tally>(layer.plan()); }), py::arg("layer"),
           py::keep_alive<1, 2>())
      .def("merge", &Tally::merge, py::arg("other"))
      .def("activity", [](const Tally& tally) { return to_dict(to_value(tally.activity())); });
  bind_layer(layer_class);
  bind_runs(layer_class);
}

}  // namespace wordline::bindings
