#include "mapper/plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/parallel.hpp"

namespace wordline::mapper {
namespace {

using core::ErrorKind;
using crossbar::Codes;
using crossbar::Drive;

std::string text(std::int64_t n) { return std::to_string(n); }

void check_shape(const std::string& name, std::span<const float> weights, std::int64_t inputs, std::int64_t outputs,
                 std::span<const float> bias) {
  core::require(inputs >= 1 && outputs >= 1 && std::ssize(weights) == inputs * outputs, ErrorKind::value,
                {.rule = "weights are a matrix of inputs x outputs, neither empty",
                 .name = name + ".weights",
                 .value = text(std::ssize(weights)) + " numbers",
                 .unit = "",
                 .allowed = text(inputs) + " x " + text(outputs),
                 .remedy = ""});
  core::require(bias.empty() || std::ssize(bias) == outputs, ErrorKind::value,
                {.rule = "a bias has one number per output",
                 .name = name + ".bias",
                 .value = text(std::ssize(bias)),
                 .unit = "",
                 .allowed = "0 or " + text(outputs),
                 .remedy = ""});
  core::require(std::all_of(bias.begin(), bias.end(), [](float b) { return std::isfinite(b); }), ErrorKind::value,
                {.rule = "biases are finite numbers",
                 .name = name + ".bias",
                 .value = "",
                 .unit = "",
                 .allowed = "",
                 .remedy = "correct the model"});
}

Layout make_layout(const ChipSpec& chip, std::int64_t inputs, std::int64_t outputs, std::int64_t slice_count) {
  const bool pairs = chip.weights.encoding == Encoding::differential;
  const bool digital = pairs && chip.adc.subtract == crossbar::Subtract::digital;
  return {.inputs = inputs,
          .outputs = outputs,
          .slices = slice_count,
          .polarities = pairs ? 2 : 1,
          .converted = digital ? 2 : 1,
          .array_rows = chip.array.rows,
          .array_cols = chip.array.cols,
          .columns_per_adc = chip.adc.columns_per_adc};
}

Drive choose_drive(const devices::Cell& cell, const crossbar::InputCode& code) {
  if (!code.continuous && code.largest_digit() == 1) return Drive::bits;
  return cell.is_linear() ? Drive::linear : Drive::levels;
}

// The level unit is what a designer calibrates to: nominal currents at the read voltage, access device and I-V
// shape included. For linear cells it is the conductance step itself.
LevelUnit make_unit(const Plan& plan, const Slice& slice) {
  const devices::Window window = plan.cell->window();
  const double v = plan.chip.dac.v_read;
  const std::array<double, 2> G{window.G_min, window.G_max};
  std::array<double, 2> I{};
  plan.cell->current(G, v, I);
  const double dG = (I[1] - I[0]) / v / slice.largest;
  return {.dG = dG, .current = dG * plan.v_digit(), .baseline = I[0] / v / dG};
}

Codes fixed_codes(const Plan& plan, std::size_t slice) {
  const auto& adc = plan.chip.adc;
  const double unit = plan.units[slice].current;
  if (const auto* given = std::get_if<std::array<double, 2>>(&adc.range))
    return crossbar::codes_between((*given)[0] / unit, (*given)[1] / unit, *adc.bits);
  return crossbar::codes_for(full_reach(plan, slice), *adc.bits, converted(plan, slice));
}

bool adc_needs_samples(const crossbar::AdcSpec& adc) {
  const auto* rule = std::get_if<crossbar::AdcRange>(&adc.range);
  return adc.bits.has_value() && rule != nullptr && *rule == crossbar::AdcRange::calibrated;
}

void check_codes(const Plan& plan) {
  const bool two_sided = plan.chip.adc.bits == 1 && converted(plan, 0).two_sided;
  core::require(!two_sided, ErrorKind::value,
                {.rule = "one bit cannot tell a positive from a negative quantity",
                 .name = plan.name + ": adc.bits",
                 .value = "1",
                 .unit = "bit",
                 .allowed = "[2, 16] for pairs subtracted as currents and for bipolar inputs",
                 .remedy = "use more bits or adc.subtract = digital"});
}

void set_fixed_ranges(Plan& plan) {
  plan.adc.clear();
  check_codes(plan);
  if (adc_needs_samples(plan.chip.adc)) return;
  std::vector<Codes> codes(plan.slices.size());
  for (std::size_t s = 0; s < codes.size(); ++s)
    if (plan.chip.adc.bits) codes[s] = fixed_codes(plan, s);
  plan.adc.assign(static_cast<std::size_t>(plan.layout.row_tiles()), codes);
}

void check_sizes(const Plan& plan) {
  const Layout& l = plan.layout;
  const auto fits = [&](bool ok, const char* name, std::int64_t value, std::int64_t most) {
    core::require(ok, ErrorKind::value,
                  {.rule = "too large for the addresses of random events",
                   .name = plan.name + "." + name,
                   .value = text(value),
                   .unit = "",
                   .allowed = "<= " + text(most),
                   .remedy = "split the layer"});
  };
  fits(l.inputs < (1 << 28), "inputs", l.inputs, (1 << 28) - 1);
  fits(l.outputs < (1 << 24), "outputs", l.outputs, (1 << 24) - 1);
  fits(l.row_tiles() < (1 << 19), "row tiles", l.row_tiles(), (1 << 19) - 1);
  fits(l.array_columns() < (1 << 19), "array columns", l.array_columns(), (1 << 19) - 1);
}

}  // namespace

crossbar::Converted converted(const Plan& plan, std::size_t slice) {
  const bool alone = plan.layout.single_columns();
  const bool bipolar = plan.code.is_signed && !plan.code.two_passes();
  const bool whole = !plan.weights.continuous && !plan.code.continuous;
  return {.two_sided = !alone || bipolar, .whole = whole && (!alone || plan.units[slice].baseline == 0.0)};
}

// The largest quantity any input and any weights can give, level units.
double full_reach(const Plan& plan, std::size_t slice) {
  const double baseline = plan.layout.single_columns() ? plan.units[slice].baseline : 0.0;
  return static_cast<double>(plan.layout.array_rows) * plan.code.largest_digit() *
         (plan.slices[slice].largest + baseline);
}

std::int64_t Layout::row_tiles() const { return core::block_count(inputs, array_rows); }
std::int64_t Layout::array_columns() const { return core::block_count(outputs * slices, units_per_array()); }
std::int64_t Layout::rows(std::int64_t tile) const { return std::min(array_rows, inputs - first_row(tile)); }
std::int64_t Layout::blocks() const { return core::block_count(outputs, crossbar::lanes); }
std::int64_t Layout::converters_per_array() const { return core::block_count(array_cols, columns_per_adc); }

std::int64_t Layout::conversions_per_converter() const {
  // Column c of an array belongs to converter c / columns_per_adc; a pair subtracted as currents to its first column's.
  const std::int64_t used = std::min(outputs * slices, units_per_array()) * polarities;
  const std::int64_t step = polarities / converted;
  return core::block_count(std::min(used, columns_per_adc), step);
}

bool Plan::depends_on_samples() const {
  const bool epochs = cell->has_slow_noise() && chip.samples_per_epoch.has_value();
  return cell->has_read_noise() || chip.adc.noise > 0.0 || epochs || (input.dynamic && !code.continuous);
}

void set_input_sign(Plan& plan, bool is_signed) {
  plan.code = crossbar::input_code(plan.chip.dac, is_signed);
  plan.drive = choose_drive(*plan.cell, plan.code);
  plan.units.clear();
  for (const Slice& slice : plan.slices) plan.units.push_back(make_unit(plan, slice));
  set_fixed_ranges(plan);
}

Plan make_plan(std::string name, std::uint32_t index, const ChipSpec& chip, std::span<const float> weights,
               std::int64_t inputs, std::int64_t outputs, std::span<const float> bias) {
  check_shape(name, weights, inputs, outputs, bias);
  Plan plan{.name = std::move(name),
            .index = index,
            .chip = chip,
            .cell = chip.cell.make(),
            .weights = quantise(weights, inputs, outputs, chip.weights),
            .bias = {bias.begin(), bias.end()},
            .slices = slices(chip.weights)};
  plan.layout = make_layout(chip, inputs, outputs, std::ssize(plan.slices));
  check_sizes(plan);
  const auto* pair = std::get_if<std::array<double, 2>>(&chip.dac.range);
  const auto* rule = std::get_if<crossbar::InputRange>(&chip.dac.range);
  plan.input.dynamic = rule != nullptr && *rule == crossbar::InputRange::dynamic;
  // Without samples nothing is known of the sign, and a wrong guess would lose the negative inputs.
  set_input_sign(plan, pair == nullptr || (*pair)[0] < 0.0);
  if (pair == nullptr) return plan;
  plan.input.scale = std::max(std::abs((*pair)[0]), (*pair)[1]) / plan.code.largest_code();
  plan.input.low = (*pair)[0] / plan.input.scale;
  plan.input.high = (*pair)[1] / plan.input.scale;
  return plan;
}

}  // namespace wordline::mapper
