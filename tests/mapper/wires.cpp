// Mapped layers behind lines with resistance, against nodal analysis of their physical arrays.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/error.hpp"
#include "crossbar/reference_wires.hpp"
#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using core::Value;
using crossbar::Matrix;

namespace {

constexpr std::int64_t inputs = 9, outputs = 6, samples = 5;
const core::Execution one_thread{.threads = 1, .poll = {}};

Value wired(double ohm) { return {{"row", ohm}, {"col", 2 * ohm}, {"driver", 20 * ohm}, {"sense", 10 * ohm}}; }

Value base(bool is_signed = false, double ohm = 5.0) {
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

Layer make(const Value& settings, std::int64_t groups = 1) {
  const auto w = test::whole_numbers(inputs * outputs, -7, 7, 7);
  return Layer({.name = "m",
                .index = 0,
                .weights = w,
                .inputs = inputs,
                .outputs = outputs,
                .groups = groups,
                .bias = {},
                .codes = {},
                .weight_scale = {}},
               test::chip(settings));
}

// One array, opened rows of one read only, as nodal analysis sees it.
crossbar::reference::Nodal<long double> nodal(const Plan& plan, const Read& read, std::int64_t column,
                                              const Origin& origin) {
  const Layout& l = plan.layout;
  const auto cells = cells_of(plan, array_place(l, plan.tile(read) * l.array_columns() + column), origin);
  Matrix G = Eigen::Map<const Matrix>(cells.G.data(), l.array_rows, l.array_cols);
  const std::int64_t first = read.first_row * l.rows_per_input(), last = first + l.active_rows;
  for (std::int64_t row = 0; row < l.array_rows; ++row)
    if (row < first || row >= last) G.row(row).setZero();
  return {G, crossbar::lines_of(plan.chip.array.wires, l.array_rows, l.array_cols)};
}

// V on the rows of one read for one conversion of one sample; pulses as their average.
Eigen::VectorXd drive(const Plan& plan, const Read& read, const float* x, std::int64_t conversion) {
  const Layout& l = plan.layout;
  const auto bits = static_cast<int>(plan.code.bits_per_cycle);
  const std::int64_t start = (l.diagonal ? l.first_group(read.section) : read.turn) * l.inputs;
  Eigen::VectorXd V = Eigen::VectorXd::Zero(l.array_rows);
  for (std::int64_t i = 0; i < read.inputs; ++i) {
    const int code = static_cast<int>(x[start + l.first_input(read.row_tile) + read.first_row + i]);
    const int digit = (std::abs(code) >> (conversion * bits)) & ((1 << bits) - 1);
    const double v = plan.chip.dac.v_read * (code < 0 ? -digit : digit) / ((1 << bits) - 1);
    for (std::int64_t p = 0; p < l.rows_per_input(); ++p)
      V((read.first_row + i) * l.rows_per_input() + p) = p == 1 ? -v : v;
  }
  return V;
}

// Columns of an array that hold something.
std::vector<std::int64_t> columns(const Layout& l, const Read& read, std::int64_t array, const Column& wanted) {
  std::vector<std::int64_t> out;
  for (std::int64_t col = 0; col < l.array_cols; ++col) {
    const Column c = l.column_at(read.section, array, col);
    const bool same_output = wanted.holds == Column::Holds::reference || c.output == wanted.output;
    if (c.holds == wanted.holds && c.slice == wanted.slice && same_output && c.polarity == wanted.polarity)
      out.push_back(col);
  }
  return out;
}

// A at the converter of one labelled column.
double expected(const Plan& plan, const Origin& origin, const Probe::Label& label, const float* x,
                std::int64_t conversion) {
  const Layout& l = plan.layout;
  const Read& read = plan.reads[static_cast<std::size_t>(label.read)];
  const std::int64_t array = l.array_column_of(label.output, label.slice);
  const Eigen::VectorXd sense = nodal(plan, read, array, origin)
                                    .solve(drive(plan, read, x, conversion), Eigen::VectorXd::Zero(l.array_cols))
                                    .sense;
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

void check_currents(const Value& settings, bool is_signed, std::int64_t groups) {
  const Layer layer = make(settings, groups);
  const Plan& plan = layer.plan();
  const auto x = test::whole_numbers(samples * inputs * groups, is_signed ? -15 : 0, is_signed ? 15 : 31, 3);
  const ProgrammedLayer chip = layer.program({.seed = 3, .chip = 1}, {}, one_thread);
  const Probe probe = layer.probe(chip, {x.data(), samples, 0}, unfold_rows(1, inputs * groups));
  double largest = 0.0, worst = 0.0;
  for (std::int64_t v = 0; v < samples; ++v)
    for (std::int64_t k = 0; k < probe.conversions; ++k)
      for (std::size_t c = 0; c < probe.columns.size(); ++c) {
        if (probe.columns[c].output < 0) continue;
        const double wanted = expected(plan, chip.origin, probe.columns[c], x.data() + v * inputs * groups, k);
        const auto at = static_cast<std::size_t>(v * probe.conversions + k) * probe.columns.size() + c;
        largest = std::max(largest, std::abs(wanted));
        worst = std::max(worst, std::abs(probe.quantity[at] - wanted));
      }
  REQUIRE(largest > 0.0);
  CHECK(worst < 2e-6 * largest);  // entries are single precision
  CHECK(chip.state.loss.mean > 0.005);
}

// Null is a setting too.
Value merged(Value settings, const Value& more) {
  for (const auto& [name, value] : more.items())
    settings[name] = value.is_object() && settings.contains(name) && settings[name].is_object()
                         ? merged(settings[name], value)
                         : value;
  return settings;
}

const std::vector<Value> storages{
    {{"weights", {{"encoding", "differential"}}}},
    {{"weights", {{"encoding", "differential"}}}, {"adc", {{"subtract", "digital"}}}},
    {{"weights", {{"encoding", "differential"}, {"pairs", "rows"}}}},
    {{"weights", {{"encoding", "offset"}}}},
    {{"weights", {{"encoding", "offset"}, {"column_inversion", true}}}},
    {{"weights", {{"encoding", "offset"}, {"offset_by", "column"}}}, {"adc", {{"subtract", "digital"}}}},
    {{"weights", {{"encoding", "offset"}, {"offset_by", "column"}}}}};

const std::vector<Value> readings{{{"dac", {{"bits_per_cycle", 1}}}},
                                  {{"dac", {{"bits_per_cycle", 2}}}},
                                  {{"dac", {{"bits_per_cycle", nullptr}}}},
                                  {{"dac", {{"bits_per_cycle", nullptr}, {"drive", "pulse_width"}}}},
                                  {{"array", {{"active_rows", 4}}}}};

// Storage, reading and sign.
std::vector<std::tuple<std::size_t, Value, bool>> energies() {
  std::vector<std::tuple<std::size_t, Value, bool>> out;
  for (const std::size_t kind : {0U, 2U, 3U})
    for (const Value& reading : readings)
      for (const bool is_signed : {false, true}) out.emplace_back(kind, reading, is_signed);
  return out;
}

Value groupings() { return {"sequential", "diagonal"}; }

}  // namespace

TEST_CASE("with wires every converter sees the current that nodal analysis gives") {
  for (const Value& storage : storages)
    for (const Value& reading : readings)
      for (const bool is_signed : {false, true}) {
        const Value settings = merged(merged(base(is_signed), storage), reading);
        INFO(settings.dump());
        check_currents(settings, is_signed, 1);
      }
}

TEST_CASE("with wires groups of a convolution see their arrays as nodal analysis does") {
  for (const Value& how : groupings())
    for (const std::int64_t groups : {2, 3}) {
      const Value settings = merged(base(), {{"weights", {{"grouped", how}}}, {"array", {{"rows", 16}}}});
      INFO(settings.dump() << " groups " << groups);
      check_currents(settings, false, groups);
    }
}

TEST_CASE("wires of almost no resistance change next to nothing, and none changes nothing") {
  const auto x = test::whole_numbers(40 * inputs, 0, 31, 3);
  const Value none = merged(base(), {{"array", {{"wires", {{"row", 0}, {"col", 0}, {"driver", 0}, {"sense", 0}}}}}});
  const auto ideal = test::run(make(none), x), small = test::run(make(base(false, 1e-7)), x);
  float largest = 0.0F, worst = 0.0F;
  for (std::size_t i = 0; i < ideal.out.size(); ++i) {
    largest = std::max(largest, std::abs(ideal.out[i]));
    worst = std::max(worst, std::abs(ideal.out[i] - small.out[i]));
  }
  CHECK(worst < 1e-5F * largest);
  CHECK(small.activity.array_energy == Approx(ideal.activity.array_energy).epsilon(1e-6));
  Value without = base();
  without["array"].erase("wires");
  CHECK(test::run(make(without), x).out == ideal.out);
}

TEST_CASE("driver energy is what nodal analysis gives, pulses that overlap included") {
  for (const auto& [kind, reading, is_signed] : energies()) {
    const Value settings = merged(merged(base(is_signed), storages[kind]), reading);
    INFO(settings.dump());
    const Layer layer = make(settings);
    const Plan& plan = layer.plan();
    const auto x = test::whole_numbers(samples * inputs, is_signed ? -15 : 0, is_signed ? 15 : 31, 3);
    const ProgrammedLayer chip = layer.program({.seed = 1, .chip = 0}, {}, one_thread);
    double joule = 0.0;
    const auto cycles = std::ssize(plan.code.cycles());
    for (const Read& read : plan.reads)
      for (std::int64_t a = read.first_array; a < read.first_array + read.arrays; ++a) {
        const auto array = nodal(plan, read, a, chip.origin);
        const auto power = [&](const Eigen::VectorXd& V) {
          return V.dot(array.solve(V, Eigen::VectorXd::Zero(plan.layout.array_cols)).driver);
        };
        for (std::int64_t v = 0; v < samples; ++v)
          for (std::int64_t k = 0; k < cycles; ++k) {
            const Eigen::VectorXd V = drive(plan, read, x.data() + v * inputs, k);
            if (!plan.pulse_width()) {
              joule += power(V) * plan.chip.dac.t_read;
              continue;
            }
            // A pulse of width d/D is on during the first d of D equal steps.
            const double D = plan.code.largest_digit();
            for (double step = 0.5; step < D; step += 1.0)
              joule += plan.chip.dac.t_read / D *
                       power((V.array().abs() * D / plan.chip.dac.v_read > step).cast<double>() * V.array().sign() *
                             plan.chip.dac.v_read);
          }
      }
    CHECK(test::run(layer, x).activity.array_energy == Approx(joule).epsilon(1e-9));
  }
}

TEST_CASE("energy of a sample of vectors comes with its error, whatever the threads and calls") {
  const std::int64_t many = 3000;
  const auto x = test::whole_numbers(many * inputs, 0, 31, 3);
  const auto use_of = [&](std::int64_t wanted, std::int64_t split, int threads) {
    const Layer layer = make(merged(base(), {{"array", {{"wires", {{"energy_samples", wanted}}}}}}));
    const core::Execution how{.threads = threads, .poll = {}};
    const ProgrammedLayer chip = layer.program({.seed = 1, .chip = 0}, {}, how);
    std::vector<float> out(static_cast<std::size_t>(many * outputs));
    Tally tally(layer.plan());
    for (std::int64_t s = 0; s < many; s += split)
      layer.run(chip, {x.data() + s * inputs, std::min(split, many - s), s}, unfold_rows(1, inputs), false,
                std::span(out).subspan(static_cast<std::size_t>(s * outputs)), tally, how);
    return layer.use(chip, tally);
  };
  const auto all = use_of(many, many, 1), some = use_of(200, many, 1);
  CHECK(all.array_energy_error == 0.0);
  CHECK(some.array_energy_error > 0.0);
  CHECK(some.array_energy_error < 0.05 * all.activity.array_energy);
  CHECK(std::abs(some.activity.array_energy - all.activity.array_energy) < 4 * some.array_energy_error);
  const auto other = use_of(200, 700, 2);
  CHECK(other.activity.array_energy == some.activity.array_energy);
  CHECK(other.array_energy_error == some.array_energy_error);
}

TEST_CASE("read noise of a cell reaches its column with the factor of its lines") {
  Value settings = merged(base(), {{"weights", {{"encoding", "offset"}, {"slice_bits", nullptr}}}});
  settings["cell"]["d2d"] = 0.0;
  settings["cell"]["read_noise"] = 0.02;
  settings["cell"]["thermal_noise"] = true;
  const Layer layer = make(settings);
  const Layer ideal = make(merged(settings, {{"array", {{"wires", wired(0.0)}}}}));
  const auto chip = layer.program({.seed = 1, .chip = 0}, {}, one_thread);
  const auto plain = ideal.program({.seed = 1, .chip = 0}, {}, one_thread);
  const auto cells = cells_of(layer.plan(), array_place(layer.plan().layout, 0), chip.origin);
  const Matrix G = Eigen::Map<const Matrix>(cells.G.data(), 8, 14);
  const crossbar::Lines lines = crossbar::lines_of(layer.plan().chip.array.wires, 8, 14);
  const Matrix alpha = crossbar::noise_transfer(G, lines), exact = crossbar::reference::noise_transfer(G, lines);
  const auto &with = chip.state.banks[0], &without = plain.state.banks[0];
  for (std::int64_t row = 0; row < with.rows; ++row)
    for (std::int64_t n = 0; n < outputs; ++n) {
      const auto at = static_cast<std::size_t>(with.entry(0, 0, row) + n);
      const double ratio = static_cast<double>(with.slope[at]) / static_cast<double>(without.slope[at]);
      CHECK(ratio == Approx(alpha(row, n) * alpha(row, n)).epsilon(1e-5));
      CHECK(ratio == Approx(exact(row, n) * exact(row, n)).epsilon(0.1));
      CHECK(ratio < 0.999);
    }
  CHECK(with.idle[0] < without.idle[0]);
}

TEST_CASE("compensated columns are nearer to the product") {
  const auto x = test::whole_numbers(200 * inputs, 0, 31, 3);
  const auto w = test::whole_numbers(inputs * outputs, -7, 7, 7);
  const auto exact = test::product(x, w, inputs, outputs);
  for (const Value& storage : storages) {
    const auto error = [&](bool compensate) {
      Value settings =
          merged(merged(base(false, 20.0), storage), {{"array", {{"wires", {{"compensate", compensate}}}}}});
      settings["cell"]["d2d"] = 0.0;
      const auto out = test::run(make(settings), x).out;
      double sum = 0.0;
      for (std::size_t i = 0; i < out.size(); ++i) sum += std::pow(static_cast<double>(out[i]) - exact[i], 2);
      return std::sqrt(sum);
    };
    INFO(storage.dump());
    CHECK(error(true) < 0.7 * error(false));
  }
}

TEST_CASE("losses grow with the resistance, and calibrated ranges follow the currents that are left") {
  const auto x = test::whole_numbers(100 * inputs, 0, 31, 3);
  double loss = 0.0, range = 1e300;
  for (const double ohm : {1.0, 4.0, 16.0, 64.0}) {
    Layer layer = make(merged(base(false, ohm), {{"weights", {{"bits", nullptr}, {"slice_bits", nullptr}}},
                                                 {"adc", {{"bits", 8}, {"range", "calibrated"}}}}));
    test::calibrate(layer, x);
    const auto chip = layer.program({.seed = 1, .chip = 0}, {}, one_thread);
    CHECK(chip.state.loss.mean > loss);
    CHECK(chip.state.loss.worst > chip.state.loss.mean);
    CHECK(chip.state.loss.worst < 1.0);
    CHECK(layer.plan().adc[0][0].step < range);
    loss = chip.state.loss.mean;
    range = layer.plan().adc[0][0].step;
  }
}

TEST_CASE("what wires do not go with is refused by name") {
  using Catch::Matchers::ContainsSubstring;
  const Value voltage{{"adc", {{"sense", "voltage"}, {"subtract", "digital"}}}}, nonlinear{{"cell", "milo-2021"}};
  CHECK_THROWS_WITH(test::chip(merged(base(), voltage)), ContainsSubstring("adc.sense = voltage: lines with resist"));
  CHECK_THROWS_WITH(test::chip(merged(base(), nonlinear)),
                    ContainsSubstring("array.wires") && ContainsSubstring("linear"));
  CHECK_NOTHROW(test::chip(merged(base(false, 0.0), nonlinear)));
}
