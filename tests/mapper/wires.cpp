// Mapped layers behind lines with resistance, against nodal analysis of their physical arrays.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/error.hpp"
#include "crossbar/reference_wires.hpp"
#include "tests/catch.hpp"
#include "tests/mapper/wired_cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using namespace wordline::mapper::test;

namespace {

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
        check_currents(settings, is_signed, 1, nodal_currents);
      }
}

TEST_CASE("with wires groups of a convolution see their arrays as nodal analysis does") {
  for (const Value& how : groupings())
    for (const std::int64_t groups : {2, 3}) {
      const Value settings = merged(base(), {{"weights", {{"grouped", how}}}, {"array", {{"rows", 16}}}});
      INFO(settings.dump() << " groups " << groups);
      check_currents(settings, false, groups, nodal_currents);
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

TEST_CASE("compensation is exact where all inputs are alike, whether they fill their array or not") {
  // 9 inputs on arrays of 8 rows: the second one has seven rows that are never driven.
  const std::vector<float> x(inputs, 31.0F);
  const auto w = whole_numbers(inputs * outputs, -7, 7, 7);
  const auto exact = product(x, w, inputs, outputs);
  for (const Value& storage : {storages[1], storages[3], storages[5]}) {
    Value settings = merged(merged(base(false, 20.0), storage), {{"array", {{"wires", {{"compensate", true}}}}}});
    settings["cell"] = {{"model", "gaussian"}, {"g_min", 2e-5}};
    const auto out = run(make(settings), x).out;
    INFO(storage.dump());
    for (std::size_t n = 0; n < out.size(); ++n)
      CHECK(static_cast<double>(out[n]) == Approx(exact[n]).margin(1e-4 * 31.0 * 7.0 * inputs));
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
