#include "python/bindings/layer_input.hpp"

#include "core/error.hpp"

namespace wordline::bindings {
namespace {

using core::ErrorKind;
using mapper::Layer;

std::vector<std::int64_t> sizes(const core::Value& conv, const char* name) {
  const std::string path = std::string("conv.") + name;
  core::require(conv.contains(name), ErrorKind::value,
                {.rule = "a convolution is described by five lists",
                 .name = path,
                 .value = "",
                 .unit = "",
                 .allowed = "kernel, stride, dilation, pad_before, pad_after",
                 .remedy = ""});
  return core::read<std::vector<std::int64_t>>(conv.at(name), path);
}

mapper::Conv conv_of(const py::dict& given, std::int64_t channels) {
  const auto conv = to_value(given, "conv");
  mapper::Conv out{.channels = channels,
                   .kernel = sizes(conv, "kernel"),
                   .stride = sizes(conv, "stride"),
                   .dilation = sizes(conv, "dilation"),
                   .pad_before = sizes(conv, "pad_before"),
                   .pad_after = sizes(conv, "pad_after")};
  out.check();
  return out;
}

// Entries of the batch that belong to one sample of the network.
std::int64_t images(const py::dict& given) {
  const auto conv = to_value(given, "conv");
  return conv.contains("images") ? core::read<std::int64_t>(conv.at("images"), "conv.images") : 1;
}

LayerInput image(const Layer& layer, const py::object& x, const py::dict& given) {
  LayerInput in{.array = floats(x, layer.name() + ".input"), .samples = {}, .unfold = {}, .output = {}};
  const Shape shape = shape_of(in.array);
  core::require(shape.size() >= 3 && shape.size() <= 5, ErrorKind::value,
                {.rule = "images have one to three axes behind batch and channels",
                 .name = layer.name() + ".input",
                 .value = describe(in.array),
                 .unit = "",
                 .allowed = "3 to 5 axes",
                 .remedy = "reshape it"});
  const mapper::Conv walk = conv_of(given, shape[1]);
  const std::vector<std::int64_t> size(shape.begin() + 2, shape.end());
  in.unfold = mapper::unfold_image(walk, size);
  in.output = {shape[0], layer.plan().layout.outputs};
  for (std::size_t a = 0; a < size.size(); ++a) in.output.push_back(walk.out_size(a, size[a]));
  return in;
}

LayerInput rows(const Layer& layer, const py::object& x) {
  LayerInput in{.array = floats(x, layer.name() + ".input"), .samples = {}, .unfold = {}, .output = {}};
  in.output = shape_of(in.array);
  core::require(
      in.output.size() >= 2, ErrorKind::value,
      {.rule = "rows of inputs have at least two axes",
       .name = layer.name() + ".input",
       .value = describe(in.array),
       .unit = "",
       .allowed = "(samples, ..., " + std::to_string(layer.plan().data_inputs * layer.plan().layout.groups) + ")",
       .remedy = "reshape it"});
  std::int64_t windows = 1;
  for (std::size_t i = 1; i + 1 < in.output.size(); ++i) windows *= in.output[i];
  in.unfold = mapper::unfold_rows(windows, in.output.back());
  in.output.back() = layer.plan().layout.outputs;
  return in;
}

}  // namespace

LayerInput layer_input(const Layer& layer, const py::object& x, const std::optional<py::dict>& conv, std::int64_t first,
                       std::int64_t first_window) {
  LayerInput in = conv ? image(layer, x, *conv) : rows(layer, x);
  in.samples = {.data = in.array.data(),
                .count = in.output.front(),
                .first = first,
                .first_window = first_window,
                .images = conv ? images(*conv) : 1};
  return in;
}

}  // namespace wordline::bindings
