#include "python/bindings/layer_info.hpp"

#include <algorithm>

namespace wordline::bindings {
namespace {

using core::Value;

// One row per converter range: which rows of arrays, which slice, from where to where in level units.
Value adc_ranges(const mapper::Plan& plan) {
  Value out = Value::array();
  for (std::size_t tile = 0; tile < plan.adc.size(); ++tile)
    for (std::size_t slice = 0; slice < plan.adc[tile].size(); ++slice) {
      const auto& codes = plan.adc[tile][slice];
      out.push_back(
          {{"row_tile", tile}, {"slice", slice}, {"step", codes.step}, {"low", codes.low}, {"high", codes.high}});
    }
  return out;
}

Value input_range(const mapper::Plan& plan) {
  Value scale = nullptr;
  if (!plan.input.dynamic && plan.input.scale > 0.0) scale = plan.input.scale;
  return {{"dynamic", plan.input.dynamic},
          {"scale", scale},
          {"signed", plan.code.is_signed},
          {"largest_code", plan.code.largest_code()}};
}

}  // namespace

Value describe(const mapper::Plan& plan) {
  const auto& l = plan.layout;
  const auto [least, most] = std::minmax_element(plan.weights.scale.begin(), plan.weights.scale.end());
  return {{"name", plan.name},
          {"index", plan.index},
          {"inputs", l.inputs},
          {"outputs", l.outputs},
          {"arrays", l.arrays()},
          {"row_tiles", l.row_tiles()},
          {"array_columns", l.array_columns()},
          {"rows", l.array_rows},
          {"cols", l.array_cols},
          {"slices", l.slices},
          {"cells_used", l.inputs * l.outputs * l.slices * l.polarities},
          {"cells", l.arrays() * l.array_rows * l.array_cols},
          {"cycles", std::ssize(plan.code.cycles())},
          {"clipped_weights", plan.weights.clipped},
          {"smallest_weight_scale", *least},
          {"largest_weight_scale", *most},
          {"input", input_range(plan)},
          {"adc", adc_ranges(plan)}};
}

}  // namespace wordline::bindings
