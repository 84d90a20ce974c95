#pragma once

#include <optional>

#include "mapper/layer.hpp"
#include "python/bindings/bindings.hpp"
#include "python/bindings/numpy.hpp"

namespace wordline::bindings {

/// One call's input: the samples and how their windows are unfolded.
struct LayerInput {
  py::array_t<float> array;
  mapper::Samples samples;
  mapper::Unfold unfold;
  Shape output;  ///< shape of the layer's result
};

/// `x` as a layer reads it. `conv` describes a convolution by lists of one to three numbers: kernel, stride, dilation,
/// pad_before, pad_after; without it the last axis counts inputs and the axes between are windows of one sample.
/// A convolution's `images` (default 1) consecutive entries of the first axis belong to one sample of the network.
LayerInput layer_input(const mapper::Layer& layer, const py::object& x, const std::optional<py::dict>& conv,
                       std::int64_t first, std::int64_t first_window);

}  // namespace wordline::bindings
