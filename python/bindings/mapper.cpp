#include <pybind11/stl.h>

#include <memory>
#include <optional>

#include "core/error.hpp"
#include "mapper/layer.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/layer_info.hpp"
#include "python/bindings/numpy.hpp"
#include "python/bindings/uses.hpp"

namespace wordline::bindings {
namespace {

using core::ErrorKind;
using mapper::Layer;
using mapper::ProgrammedLayer;
using mapper::Tally;

using Pair = std::array<std::int64_t, 2>;

/// A convolution as Python describes it; the number of channels comes with the image.
struct Conv {
  Pair kernel, stride, dilation, pad_before, pad_after;
};

/// One call's input: the samples and how their windows are unfolded.
struct Input {
  py::array_t<float> array;
  mapper::Samples samples;
  mapper::Unfold unfold;
  Shape output;  ///< shape of the layer's result
};

Pair pair(const Dict& conv, const char* name) {
  const auto value = to_value(conv, "conv");
  core::require(value.contains(name), ErrorKind::value,
                {.rule = "a convolution is described by five pairs",
                 .name = std::string("conv.") + name,
                 .value = "",
                 .unit = "",
                 .allowed = "kernel, stride, dilation, pad_before, pad_after",
                 .remedy = ""});
  const auto list = core::read<std::vector<std::int64_t>>(value.at(name), std::string("conv.") + name);
  core::require(list.size() == 2, ErrorKind::value,
                {.rule = "numbers for height and width",
                 .name = std::string("conv.") + name,
                 .value = core::show(value.at(name)),
                 .unit = "",
                 .allowed = "two numbers",
                 .remedy = ""});
  return {list[0], list[1]};
}

mapper::Conv2d conv2d(const Dict& conv, std::int64_t channels) {
  return {.channels = channels,
          .kernel = pair(conv, "kernel"),
          .stride = pair(conv, "stride"),
          .dilation = pair(conv, "dilation"),
          .pad_before = pair(conv, "pad_before"),
          .pad_after = pair(conv, "pad_after")};
}

std::int64_t product(const Shape& shape, std::size_t first, std::size_t last) {
  std::int64_t count = 1;
  for (std::size_t i = first; i < last; ++i) count *= shape[i];
  return count;
}

Input image(const Layer& layer, const Any& x, const Dict& conv) {
  Input in{.array = floats(x, layer.name() + ".input", 4), .samples = {}, .unfold = {}, .output = {}};
  const Shape shape = shape_of(in.array);
  const mapper::Conv2d walk = conv2d(conv, shape[1]);
  in.unfold = mapper::unfold_image(walk, shape[2], shape[3]);
  in.output = {shape[0], layer.plan().layout.outputs, walk.out_size(0, shape[2]), walk.out_size(1, shape[3])};
  return in;
}

// The first axis counts samples, the last one inputs; those between are windows of one sample.
Input rows(const Layer& layer, const Any& x) {
  Input in{.array = floats(x, layer.name() + ".input"), .samples = {}, .unfold = {}, .output = {}};
  in.output = shape_of(in.array);
  core::require(in.output.size() >= 2, ErrorKind::value,
                {.rule = "rows of inputs have at least two axes",
                 .name = layer.name() + ".input",
                 .value = describe(in.array),
                 .unit = "",
                 .allowed = "(samples, ..., " + std::to_string(layer.plan().layout.inputs) + ")",
                 .remedy = "reshape it"});
  const std::int64_t windows = product(in.output, 1, in.output.size() - 1);
  in.unfold = mapper::unfold_rows(windows, in.output.back());
  in.output.back() = layer.plan().layout.outputs;
  return in;
}

Input input(const Layer& layer, const Any& x, const std::optional<Dict>& conv, std::int64_t first) {
  Input in = conv ? image(layer, x, *conv) : rows(layer, x);
  in.samples = {.data = in.array.data(), .count = in.output.front(), .first = first};
  return in;
}

std::unique_ptr<Layer> make_layer(const std::string& name, std::uint32_t index, const Dict& chip, const Any& weights,
                                  const Any& bias) {
  const auto W = floats(weights, name + ".weights", 2);
  const auto spec = core::read<mapper::ChipSpec>(to_value(chip));
  std::span<const float> b;
  py::array_t<float> held;
  if (!bias.is_none()) {
    held = floats(bias, name + ".bias", 1);
    b = {held.data(), static_cast<std::size_t>(held.size())};
  }
  const std::span<const float> w(W.data(), static_cast<std::size_t>(W.size()));
  return std::make_unique<Layer>(name, index, spec, w, W.shape(0), W.shape(1), b);
}

void calibrate(Layer& layer, const Any& x, const std::optional<Dict>& conv, int threads) {
  const Input in = input(layer, x, conv, 0);
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

py::array_t<float> run(const Layer& layer, const ProgrammedLayer& programmed, const Any& x, Tally& tally,
                       const std::optional<Dict>& conv, std::int64_t first, int threads) {
  const Input in = input(layer, x, conv, first);
  auto out = new_floats(in.output);
  const std::span<float> numbers(out.mutable_data(), static_cast<std::size_t>(out.size()));
  const core::Execution how = execution(threads);
  const py::gil_scoped_release release;
  layer.run(programmed, in.samples, in.unfold, conv.has_value(), numbers, tally, how);
  return out;
}

Dict use(const Layer& layer, const ProgrammedLayer& programmed, const Tally& tally) {
  return to_dict(to_value(layer.use(programmed, tally)));
}

void bind_layer(py::class_<Layer>& layer_class) {
  const auto conv = py::arg("conv") = py::none();
  layer_class
      .def(py::init(&make_layer), py::arg("name"), py::arg("index"), py::arg("chip"), py::arg("weights"),
           py::arg("bias") = py::none())
      .def_property_readonly("name", &Layer::name)
      .def_property_readonly("needs_calibration", &Layer::needs_calibration)
      .def_property_readonly("depends_on_samples", [](const Layer& self) { return self.plan().depends_on_samples(); })
      .def(
          "info", [](const Layer& layer) { return to_dict(describe(layer.plan())); }, "Size and ranges of the layer.")
      .def("calibrate", &calibrate, py::arg("x"), conv, py::arg("threads") = 0,
           "Sets input and ADC ranges from float32 samples.")
      .def("program", &program, py::arg("seed"), py::arg("chip"), py::arg("age") = 0.0, py::arg("temperature") = 300.0,
           py::arg("reads") = 0.0, py::arg("extrapolate") = false, py::arg("threads") = 0,
           "This layer on one chip, `age` seconds after programming.")
      .def("run", &run, py::arg("programmed"), py::arg("x"), py::arg("tally"), conv, py::arg("first") = 0,
           py::arg("threads") = 0, "Outputs of float32 samples; `first` is the absolute index of the first one.")
      .def("use", &use, py::arg("programmed"), py::arg("tally"), "What the layer is made of and did, for price().");
}

}  // namespace

void bind_mapper(py::module_& module) {
  py::class_<Layer> layer_class(module, "Layer", "A weight matrix mapped onto arrays; no randomness yet.");
  py::class_<ProgrammedLayer>(module, "ProgrammedLayer", "One layer's arrays on one chip.")
      .def_readonly("pulses", &ProgrammedLayer::pulses, "Programming pulses.")
      .def_readonly("energy", &ProgrammedLayer::energy, "J of programming; 0 where the cell's source gives none.");
  py::class_<Tally>(module, "Tally", "Counts of what happened while samples ran through one layer.")
      .def(py::init([](const Layer& layer) { return std::make_unique<Tally>(layer.plan()); }), py::arg("layer"))
      .def("merge", &Tally::merge, py::arg("other"))
      .def("activity", [](const Tally& tally) { return to_dict(to_value(tally.activity())); });
  bind_layer(layer_class);
}

}  // namespace wordline::bindings
