#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "crossbar/reference_wires.hpp"
#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

/// Mapped layers behind lines with resistance, and what their converters ought to see.
namespace wordline::mapper::test {

using core::Value;
using crossbar::Matrix;

inline constexpr std::int64_t inputs = 9, outputs = 6, samples = 5;
inline const core::Execution one_thread{.threads = 1, .poll = {}};

inline Value wired(double ohm) { return {{"row", ohm}, {"col", 2 * ohm}, {"driver", 20 * ohm}, {"sense", 10 * ohm}}; }

inline Value base(bool is_signed = false, double ohm = 5.0) {
  return {{"cell", {{"model", "gaussian"}, {"g_min", 2e-6}, {"d2d", 0.05}}},
          {"array", {{"rows", 8}, {"cols", 14}, {"wires", wired(ohm)}}},
          {"weights", {{"bits", 4}, {"slice_bits", 2}, {"scale", "layer"}}},
          {"dac",
           {{"bits", 5},
            {"bits_per_cycle", 1},
            {"signed_input", "bipolar"},
            {"range", is_signed ? Value{-15, 15} : Value{0, 31}}}},
          {"adc", {{"bits", nullptr}}}};
}

inline Layer make(const Value& settings, std::int64_t groups = 1) {
  const auto w = whole_numbers(inputs * outputs, -7, 7, 7);
  return Layer({.name = "m",
                .index = 0,
                .weights = w,
                .inputs = inputs,
                .outputs = outputs,
                .groups = groups,
                .bias = {},
                .codes = {},
                .weight_scale = {}},
               chip(settings));
}

/// S of one array, rows of one read only.
inline Matrix opened_cells(const Plan& plan, const Read& read, std::int64_t column, const Origin& origin) {
  const Layout& l = plan.layout;
  const auto cells = cells_of(plan, array_place(l, plan.tile(read) * l.array_columns() + column), origin);
  Matrix G = Eigen::Map<const Matrix>(cells.G.data(), l.array_rows, l.array_cols);
  const std::int64_t first = read.first_row * l.rows_per_input(), last = first + l.active_rows;
  for (std::int64_t row = 0; row < l.array_rows; ++row)
    if (row < first || row >= last) G.row(row).setZero();
  return G;
}

/// One array as nodal analysis sees it.
inline crossbar::reference::Nodal<long double> nodal(const Plan& plan, const Read& read, std::int64_t column,
                                                     const Origin& origin) {
  return {opened_cells(plan, read, column, origin),
          crossbar::lines_of(plan.chip.array.wires, plan.layout.array_rows, plan.layout.array_cols)};
}

/// The digit of a code that a conversion reads, with the sign that its row is driven with.
inline int digit_of(const Plan& plan, int code, std::int64_t conversion, int bits) {
  const int mask = (1 << bits) - 1;
  const auto shift = [&](std::int64_t k) { return static_cast<int>(k) * bits; };
  if (plan.code.is_signed && plan.code.signed_input == crossbar::SignedInput::twos_complement)
    return (code & ((2 << plan.code.magnitude_bits) - 1)) >> conversion & 1;
  if (!plan.code.two_passes()) {
    const int digit = (std::abs(code) >> shift(conversion)) & mask;
    return code < 0 ? -digit : digit;
  }
  const std::int64_t each = plan.code.cycles_per_pass();
  if ((code < 0) != (conversion >= each)) return 0;
  return (std::abs(code) >> shift(conversion % each)) & mask;
}

/// V on the rows of one read for one conversion of one sample; pulses as their average.
inline Eigen::VectorXd drive(const Plan& plan, const Read& read, const float* x, std::int64_t conversion) {
  const Layout& l = plan.layout;
  const auto bits = static_cast<int>(plan.code.bits_per_cycle);
  const std::int64_t start = (l.diagonal ? l.first_group(read.section) : read.turn) * l.inputs;
  Eigen::VectorXd V = Eigen::VectorXd::Zero(l.array_rows);
  for (std::int64_t i = 0; i < read.inputs; ++i) {
    const int code = static_cast<int>(x[start + l.first_input(read.row_tile) + read.first_row + i]);
    const int digit = digit_of(plan, code, conversion, bits);
    const double v = plan.chip.dac.v_read * digit / ((1 << bits) - 1);
    for (std::int64_t p = 0; p < l.rows_per_input(); ++p)
      V((read.first_row + i) * l.rows_per_input() + p) = p == 1 ? -v : v;
  }
  return V;
}

/// Columns of an array that hold something.
inline std::vector<std::int64_t> columns(const Layout& l, const Read& read, std::int64_t array, const Column& wanted) {
  std::vector<std::int64_t> out;
  for (std::int64_t col = 0; col < l.array_cols; ++col) {
    const Column c = l.column_at(read.section, array, col);
    const bool same_output = wanted.holds == Column::Holds::reference || c.output == wanted.output;
    if (c.holds == wanted.holds && c.slice == wanted.slice && same_output && c.polarity == wanted.polarity)
      out.push_back(col);
  }
  return out;
}

/// A of all columns of one array, for the voltages on its rows.
using ArrayModel =
    std::function<Eigen::VectorXd(const Plan&, const Read&, std::int64_t array, const Origin&, const Eigen::VectorXd&)>;

inline Eigen::VectorXd nodal_currents(const Plan& plan, const Read& read, std::int64_t array, const Origin& origin,
                                      const Eigen::VectorXd& V) {
  return nodal(plan, read, array, origin).solve(V, Eigen::VectorXd::Zero(plan.layout.array_cols)).sense;
}

/// A at the converter of one labelled column.
inline double expected(const Plan& plan, const Probe::Label& label, const Eigen::VectorXd& sense) {
  const Layout& l = plan.layout;
  const Read& read = plan.reads[static_cast<std::size_t>(label.read)];
  const std::int64_t array = l.array_column_of(label.output, label.slice);
  const auto current = [&](Column::Holds holds, std::int64_t polarity) {
    const auto at =
        columns(l, read, array, {.holds = holds, .output = label.output, .slice = label.slice, .polarity = polarity});
    REQUIRE(at.size() == 1);
    return sense(at.front());
  };
  double I = current(Column::Holds::weights, label.polarity);
  if (l.polarities == 2 && !l.pair_rows && l.converted == 1) I -= current(Column::Holds::weights, 1);
  if (l.subtract_reference) I -= current(Column::Holds::reference, 0);
  return I;
}

/// Every converted quantity against the model's; entries are single precision.
inline void check_currents(const Value& settings, bool is_signed, std::int64_t groups, const ArrayModel& model) {
  const Layer layer = make(settings, groups);
  const Plan& plan = layer.plan();
  const auto x = whole_numbers(samples * inputs * groups, is_signed ? -15 : 0, is_signed ? 15 : 31, 3);
  const ProgrammedLayer made = layer.program({.seed = 3, .chip = 1}, {}, one_thread);
  const Probe probe = layer.probe(made, {x.data(), samples, 0}, unfold_rows(1, inputs * groups));
  double largest = 0.0, worst = 0.0;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>, Eigen::VectorXd> seen;
  for (std::int64_t v = 0; v < samples; ++v)
    for (std::int64_t k = 0; k < probe.conversions; ++k)
      for (std::size_t c = 0; c < probe.columns.size(); ++c) {
        const Probe::Label& label = probe.columns[c];
        if (label.output < 0) continue;
        const Read& read = plan.reads[static_cast<std::size_t>(label.read)];
        const std::int64_t array = plan.layout.array_column_of(label.output, label.slice);
        auto& sense = seen[{v, k, label.read, array}];
        if (sense.size() == 0)
          sense = model(plan, read, array, made.origin, drive(plan, read, x.data() + v * inputs * groups, k));
        const double wanted = expected(plan, label, sense);
        const auto at = static_cast<std::size_t>(v * probe.conversions + k) * probe.columns.size() + c;
        largest = std::max(largest, std::abs(wanted));
        worst = std::max(worst, std::abs(probe.quantity[at] - wanted));
      }
  REQUIRE(largest > 0.0);
  CHECK(worst < 2e-6 * largest);
  CHECK(made.state.loss.mean > 0.005);
}

/// Null is a setting too.
inline Value merged(Value settings, const Value& more) {
  for (const auto& [name, value] : more.items())
    settings[name] = value.is_object() && settings.contains(name) && settings[name].is_object()
                         ? merged(settings[name], value)
                         : value;
  return settings;
}

}  // namespace wordline::mapper::test
