#include "mapper/plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/parallel.hpp"
#include "crossbar/noise.hpp"
#include "crossbar/transfer.hpp"
#include "mapper/assemble.hpp"
#include "mapper/digital.hpp"
#include "mapper/wired.hpp"

namespace wordline::mapper {
namespace {

using core::ErrorKind;
using crossbar::Codes;
using crossbar::Kernel;

constexpr double most_table_bytes = 4.0 * 1024 * 1024 * 1024;

std::string text(std::int64_t n) { return std::to_string(n); }

void need(bool holds, const char* rule, const std::string& name, const std::string& value, const std::string& allowed) {
  core::require(holds, ErrorKind::value,
                {.rule = rule, .name = name, .value = value, .unit = "", .allowed = allowed, .remedy = ""});
}

void check_product(const Product& p) {
  need(p.inputs >= 1 && p.outputs >= 1 && std::ssize(p.weights) == p.inputs * p.outputs,
       "weights are a matrix of inputs x outputs, neither empty", p.name + ".weights",
       text(std::ssize(p.weights)) + " numbers", text(p.inputs) + " x " + text(p.outputs));
  need(p.groups >= 1 && p.outputs % p.groups == 0, "groups have equally many outputs", p.name + ".groups",
       text(p.groups), "a divisor of " + text(p.outputs));
  need(p.bias.empty() || std::ssize(p.bias) == p.outputs, "a bias has one number per output", p.name + ".bias",
       text(std::ssize(p.bias)), "0 or " + text(p.outputs));
  need(std::all_of(p.bias.begin(), p.bias.end(), [](float b) { return std::isfinite(b); }), "biases are finite numbers",
       p.name + ".bias", "", "");
  const auto positive = [](double s) { return std::isfinite(s) && s > 0.0; };
  need(p.weight_scale.empty() || std::ssize(p.weight_scale) == p.outputs, "scales of weights belong to outputs",
       p.name + ".weight_scale", text(std::ssize(p.weight_scale)), "0 or " + text(p.outputs));
  need(std::all_of(p.weight_scale.begin(), p.weight_scale.end(), positive), "scales of weights are positive",
       p.name + ".weight_scale", "", "");
  if (!p.codes) return;
  need(positive(p.codes->scale), "the scale of quantised inputs is positive", p.name + ".codes.scale",
       core::number(p.codes->scale), "> 0");
  need(p.codes->low < p.codes->high && p.codes->low <= p.codes->zero && p.codes->zero <= p.codes->high,
       "the zero point is one of the codes", p.name + ".codes.zero", text(p.codes->zero),
       "[" + text(p.codes->low) + ", " + text(p.codes->high) + "]");
}

void check_sizes(const Plan& plan) {
  const Layout& l = plan.layout;
  const auto fits = [&](const char* name, std::int64_t value, std::int64_t most) {
    core::require(value < most, ErrorKind::value,
                  {.rule = "too large for the addresses of random events",
                   .name = plan.name + "." + name,
                   .value = text(value),
                   .unit = "",
                   .allowed = "< " + text(most),
                   .remedy = "split the layer"});
  };
  fits("inputs", l.inputs, std::int64_t{1} << 28);
  fits("outputs", l.outputs, std::int64_t{1} << 24);
  fits("row tiles", l.tiles(), std::int64_t{1} << 19);
  fits("array columns", l.array_columns(), std::int64_t{1} << 19);
}

void check_addresses(const Plan& plan) {
  for (const Read& read : plan.reads) {
    const std::int64_t columns = bank_shape(plan, read).groups() * crossbar::lanes;
    need(columns <= crossbar::max_columns, "too many columns for the addresses of random events", plan.name,
         text(columns), "<= " + text(crossbar::max_columns));
  }
}

// Converters with a table of edges take memory: about 16 bytes a code, in every bank.
void check_tables(const Plan& plan) {
  if (!crossbar::has_transfer(plan.chip.adc)) return;
  const double converters = static_cast<double>(plan.layout.arrays() * plan.layout.converters_per_array());
  const double bytes = 16.0 * converters * std::ldexp(1.0, static_cast<int>(*plan.chip.adc.bits));
  core::require(bytes <= most_table_bytes, ErrorKind::value,
                {.rule = "the tables of so many converters with errors of their own do not fit in memory",
                 .name = plan.name + ": adc.columns_per_adc",
                 .value = text(plan.layout.columns_per_adc),
                 .unit = "column",
                 .allowed = "tables of at most 4 GiB; these take " + core::number(bytes) + " bytes",
                 .remedy = "let more columns share a converter, or use fewer bits"});
}

void set_layout(Plan& plan, std::int64_t outputs, std::int64_t groups) {
  const WeightsSpec& w = plan.chip.weights;
  const bool pairs = w.encoding == Encoding::differential;
  const bool digital = plan.chip.adc.subtract == crossbar::Subtract::digital;
  plan.layout = {.inputs = plan.weights.inputs,
                 .outputs = outputs,
                 .groups = groups,
                 .slices = std::ssize(plan.slices),
                 .polarities = pairs ? 2 : 1,
                 .converted = pairs && digital ? 2 : 1,
                 .diagonal = groups > 1 && w.grouped == Grouped::diagonal,
                 .pair_rows = pairs && w.pairs == PairLayout::rows,
                 .reference_columns = !pairs && w.offset_by == OffsetBy::column,
                 .subtract_reference = !pairs && w.offset_by == OffsetBy::column && !digital,
                 .array_rows = plan.chip.array.rows,
                 .array_cols = plan.chip.array.cols,
                 .active_rows = plan.chip.array.active_rows.value_or(plan.chip.array.rows),
                 .columns_per_adc = plan.chip.adc.columns_per_adc};
  need(plan.layout.units_per_array() >= 1, "reference columns leave room for weights", plan.name + ": array.cols",
       text(plan.chip.array.cols), ">= " + text(plan.layout.references() + plan.layout.columns_per_unit()));
  check_sizes(plan);
  check_tables(plan);
  plan.reads = reads_of(plan.layout);
  check_addresses(plan);
  plan.first_read.assign(static_cast<std::size_t>(plan.layout.tiles()), 0);
  for (std::int64_t i = std::ssize(plan.reads) - 1; i >= 0; --i)
    plan.first_read[static_cast<std::size_t>(plan.tile(plan.reads[static_cast<std::size_t>(i)]))] = i;
}

Kernel choose_kernel(const Plan& plan) {
  if (!plan.code.continuous && plan.code.largest_digit() == 1) return Kernel::bits;
  const bool scales = plan.cell->is_linear() || plan.pulse_width();
  return scales && plan.chip.dac.inl.empty() ? Kernel::linear : Kernel::levels;
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
  return {.dG = dG, .current = dG * v / plan.code.largest_digit(), .baseline = I[0] / v / dG};
}

Codes fixed_codes(const Plan& plan, std::size_t slice) {
  const auto& adc = plan.chip.adc;
  const double unit = physical_unit(plan, slice);
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
                 .allowed = "[2, 16] for differences of currents and for inputs of both signs",
                 .remedy = "use more bits or adc.subtract = digital"});
}

void set_fixed_ranges(Plan& plan) {
  plan.adc.clear();
  check_codes(plan);
  if (adc_needs_samples(plan.chip.adc)) return;
  std::vector<Codes> codes(plan.slices.size());
  for (std::size_t s = 0; s < codes.size(); ++s)
    if (plan.chip.adc.bits) codes[s] = fixed_codes(plan, s);
  plan.adc.assign(static_cast<std::size_t>(plan.layout.tiles()), codes);
}

// Rows of biases depend on what the largest input stands for; until that is known one row is assumed.
void place_bias(Plan& plan, double scale) {
  const auto kept = static_cast<std::size_t>(plan.data_inputs * plan.weights.outputs);
  plan.weights.codes.resize(plan.weights.continuous ? 0 : kept);
  plan.weights.fractions.resize(plan.weights.continuous ? kept : 0);
  plan.weights.inputs = plan.data_inputs;
  const auto top = static_cast<double>(plan.code.largest_code());
  append_bias(plan.weights, plan.chip.weights, plan.bias, scale > 0.0 ? scale * top : 1e300);
}

// Codes that keep their sign on the rows; -128 has no partner among 8-bit magnitudes.
bool is_symmetric(const InputCodes& codes) { return codes.zero == 0 && codes.low < 0 && codes.low >= -codes.high; }

bool takes(const Plan& plan, const std::optional<InputCodes>& codes) {
  const auto* rule = std::get_if<crossbar::InputRange>(&plan.chip.dac.range);
  if (!codes || !plan.chip.dac.bits || rule == nullptr || *rule != crossbar::InputRange::calibrated) return false;
  const std::int64_t span = is_symmetric(*codes) ? 2 * codes->high : codes->high - codes->low;
  return span < std::int64_t{1} << *plan.chip.dac.bits;
}

// A quantised model's own codes go on the rows: symmetric ones with their sign, others counted from their lowest.
void take_codes(Plan& plan, const InputCodes& codes) {
  const bool is_signed = is_symmetric(codes);
  plan.input.fixed = true;
  plan.input.zero = is_signed ? 0 : codes.zero - codes.low;
  plan.input.high = static_cast<double>(is_signed ? codes.high : codes.high - codes.low);
  plan.input.low = is_signed ? -plan.input.high : 0.0;
  set_inputs(plan, is_signed, codes.scale);
}

void take_range(Plan& plan, const std::array<double, 2>& range) {
  plan.input.fixed = true;
  const double reach = std::max(std::abs(range[0]), range[1]);
  plan.code = crossbar::input_code(plan.chip.dac, plan.chip.adc.convert, range[0] < 0.0);
  const double scale = reach / plan.code.largest_code();
  plan.input.low = range[0] / scale;
  plan.input.high = range[1] / scale;
  set_inputs(plan, range[0] < 0.0, scale);
}

}  // namespace

Applied Plan::applied(std::int64_t digit) const {
  const auto& inl = chip.dac.inl;
  const double error = inl.empty() ? 0.0 : inl[static_cast<std::size_t>(digit - 1)];
  const double part = (static_cast<double>(digit) + error) / code.largest_digit();
  return pulse_width() ? Applied{.V = chip.dac.v_read, .duty = part} : Applied{.V = chip.dac.v_read * part};
}

bool Plan::is_inverted(std::int64_t read, std::int64_t output, std::int64_t slice, std::int64_t polarity) const {
  if (inverted.empty()) return false;
  const auto r = static_cast<std::size_t>(read);
  const std::int64_t column = ((output - reads[r].first_output) * layout.slices + slice) * layout.converted + polarity;
  return inverted[r][static_cast<std::size_t>(column)] != 0;
}

bool Plan::depends_on_samples() const {
  const bool epochs = cell->has_slow_noise() && chip.samples_per_epoch.has_value();
  return cell->has_read_noise() || chip.adc.noise > 0.0 || epochs ||
         (input.dynamic && (!code.continuous || chip.adc.bits));
}

crossbar::Converted converted(const Plan& plan, std::size_t slice) {
  const bool alone = plan.layout.single_columns();
  const bool whole = !plan.weights.continuous && !plan.code.continuous && !plan.voltage() && plan.chip.dac.inl.empty();
  return {.two_sided = !alone || plan.code.subtracts(),
          .whole = whole && (!alone || plan.units[slice].baseline == 0.0)};
}

double full_reach(const Plan& plan, std::size_t slice) {
  const double digits = plan.code.largest_sum();
  if (plan.voltage()) return digits;
  const double baseline = plan.layout.single_columns() ? plan.units[slice].baseline : 0.0;
  const double level = plan.slices[slice].largest * (plan.chip.weights.column_inversion ? 0.5 : 1.0);
  return static_cast<double>(plan.layout.inputs_per_read()) * digits * (level + baseline);
}

double physical_unit(const Plan& plan, std::size_t slice) {
  return plan.voltage() ? plan.chip.dac.v_read / plan.code.largest_digit() : plan.units[slice].current;
}

void set_inputs(Plan& plan, bool is_signed, double scale) {
  plan.input.scale = scale;
  plan.code = crossbar::input_code(plan.chip.dac, plan.chip.adc.convert, is_signed);
  if (plan.bias_in_array()) {
    place_bias(plan, scale);
    set_layout(plan, plan.layout.outputs, plan.layout.groups);
  }
  plan.kernel = choose_kernel(plan);
  plan.units.clear();
  for (const Slice& slice : plan.slices) plan.units.push_back(make_unit(plan, slice));
  set_inversion(plan);
  set_corrections(plan);
  plan.compensation = compensation(plan);
  set_fixed_ranges(plan);
}

Plan make_plan(const Product& product, const ChipSpec& chip) {
  check_product(product);
  Plan plan{.name = product.name,
            .index = product.index,
            .chip = chip,
            .cell = chip.cell.make(),
            .data_inputs = product.inputs,
            .weights = quantise(product.weights, product.inputs, product.outputs, chip.weights, product.weight_scale),
            .bias = {product.bias.begin(), product.bias.end()},
            .slices = slices(chip.weights)};
  set_layout(plan, product.outputs, product.groups);
  const auto* rule = std::get_if<crossbar::InputRange>(&chip.dac.range);
  plan.input.dynamic = rule != nullptr && *rule == crossbar::InputRange::dynamic;
  if (takes(plan, product.codes))
    take_codes(plan, *product.codes);
  else if (const auto* pair = std::get_if<std::array<double, 2>>(&chip.dac.range))
    take_range(plan, *pair);
  else  // Without samples nothing is known of the sign, and a wrong guess would lose the negative inputs.
    set_inputs(plan, true, 0.0);
  return plan;
}

}  // namespace wordline::mapper
