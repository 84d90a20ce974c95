#include "python/bindings/layer_info.hpp"

#include <algorithm>

#include "mapper/cells.hpp"

namespace wordline::bindings {
namespace {

using core::Value;

// One row per converter range: which rows of arrays, which slice, from where to where in level units.
Value adc_ranges(const mapper::Plan& plan) {
  Value out = Value::array();
  for (std::size_t tile = 0; tile < plan.adc.size(); ++tile)
    for (std::size_t slice = 0; slice < plan.adc[tile].size(); ++slice) {
      const auto& codes = plan.adc[tile][slice];
      out.push_back({{"tile", tile}, {"slice", slice}, {"step", codes.step}, {"low", codes.low}, {"high", codes.high}});
    }
  return out;
}

Value input_range(const mapper::Plan& plan) {
  Value scale = nullptr;
  if (!plan.input.dynamic && plan.input.scale > 0.0) scale = plan.input.scale;
  return {{"dynamic", plan.input.dynamic},
          {"zero", plan.input.zero},
          {"scale", scale},
          {"signed", plan.code.is_signed},
          {"largest_code", plan.code.largest_code()}};
}

// Where each array stands and what part of it is used.
Value placement(const mapper::Plan& plan) {
  const auto& l = plan.layout;
  Value out = Value::array();
  for (std::int64_t a = 0; a < l.arrays(); ++a) {
    const auto place = mapper::array_place(l, a);
    std::int64_t cols = 0, first_output = l.outputs;
    for (std::int64_t col = 0; col < l.array_cols; ++col) {
      const auto column = l.column_at(place.section, place.column, col);
      if (column.holds == mapper::Column::Holds::nothing) continue;
      cols = col + 1;
      if (column.holds == mapper::Column::Holds::weights) first_output = std::min(first_output, column.output);
    }
    out.push_back({{"array", a},
                   {"section", place.section},
                   {"row_tile", place.row_tile},
                   {"column", place.column},
                   {"rows_used", l.tile_inputs(place.section, place.row_tile) * l.rows_per_input()},
                   {"cols_used", cols},
                   {"first_input", l.first_input(place.row_tile)},
                   {"first_output", first_output}});
  }
  return out;
}

}  // namespace

Value describe(const mapper::Plan& plan) {
  const auto& l = plan.layout;
  const auto [least, most] = std::minmax_element(plan.weights.scale.begin(), plan.weights.scale.end());
  return {{"name", plan.name},
          {"index", plan.index},
          {"inputs", plan.data_inputs},
          {"outputs", l.outputs},
          {"groups", l.groups},
          {"bias_rows", l.inputs - plan.data_inputs},
          {"arrays", l.arrays()},
          {"sections", l.sections()},
          {"row_tiles", l.row_tiles()},
          {"array_columns", l.array_columns()},
          {"rows", l.array_rows},
          {"cols", l.array_cols},
          {"slices", l.slices},
          {"cells_used", l.cells_used()},
          {"cells", l.arrays() * l.array_rows * l.array_cols},
          {"cycles", std::ssize(plan.code.cycles()) * l.most_reads() * l.turns()},
          {"conversions", std::ssize(plan.code.conversions()) * l.most_reads() * l.turns()},
          {"clipped_weights", plan.weights.clipped},
          {"smallest_weight_scale", *least},
          {"largest_weight_scale", *most},
          {"input", input_range(plan)},
          {"adc", adc_ranges(plan)},
          {"placement", placement(plan)}};
}

}  // namespace wordline::bindings
