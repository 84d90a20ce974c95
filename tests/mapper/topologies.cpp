// Mapped layers on gated arrays and on passive arrays of nonlinear cells, against networks solved slowly.
#include <cmath>

#include "core/error.hpp"
#include "mapper/wired.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/network.hpp"
#include "tests/mapper/wired_cases.hpp"

using namespace wordline;
using namespace wordline::mapper;
using namespace wordline::mapper::test;

namespace {

using Eigen::VectorXd;
using wordline::test::Network;

// S of every cell at the voltage that it sees.
Matrix chords(const Plan& plan, const Matrix& G, const Matrix& V) {
  Matrix out = Matrix::Zero(G.rows(), G.cols());
  std::vector<double> I(1);
  for (Eigen::Index i = 0; i < G.rows(); ++i)
    for (Eigen::Index j = 0; j < G.cols(); ++j) {
      const double v = std::max(1e-6, std::abs(V(i, j)));
      const std::vector<double> g{G(i, j)};
      if (g[0] > 0.0) plan.cell->current(g, v, I);
      if (g[0] > 0.0) out(i, j) = I[0] / v;
    }
  return out;
}

// One array as a network of resistors.
struct Circuit {
  Matrix volts;      // across the cells
  VectorXd columns;  // A
  double power = 0;  // W, of the sources
};

Circuit passive_circuit(const Plan& plan, const Matrix& g, const VectorXd& V) {
  const int m = static_cast<int>(g.rows()), n = static_cast<int>(g.cols());
  const auto& w = plan.chip.array.wires;
  const auto word = [&](int i, int j) { return i * n + j; };
  const auto bit = [&](int i, int j) { return (m + i) * n + j; };
  Network net(2 * m * n + m + n);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      net.conductance(word(i, j), bit(i, j), g(i, j));
      if (j > 0) net.resistor(word(i, j - 1), word(i, j), w.row);
      if (i > 0) net.resistor(bit(i - 1, j), bit(i, j), w.col);
    }
  for (int i = 0; i < m; ++i) net.resistor(word(i, 0), 2 * m * n + i, w.driver);
  for (int j = 0; j < n; ++j) net.resistor(bit(m - 1, j), 2 * m * n + m + j, w.sense);
  for (int i = 0; i < m; ++i) net.hold(2 * m * n + i, V(i));
  for (int j = 0; j < n; ++j) net.hold(2 * m * n + m + j, 0.0);
  net.solve();
  Circuit out{.volts = Matrix(m, n), .columns = VectorXd(n)};
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) out.volts(i, j) = net.volt(word(i, j)) - net.volt(bit(i, j));
  for (int i = 0; i < m; ++i) out.power += V(i) * net.current(2 * m * n + i);
  for (int j = 0; j < n; ++j) out.columns(j) = -net.current(2 * m * n + m + j);
  return out;
}

// Rows without a voltage are closed.
Circuit gated_circuit(const Plan& plan, const Matrix& g, const VectorXd& V) {
  const int m = static_cast<int>(g.rows()), n = static_cast<int>(g.cols());
  const auto& w = plan.chip.array.wires;
  const auto source = [&](int i, int j) { return i * n + j; };
  const auto bit = [&](int i, int j) { return (m + i) * n + j; };
  Network net(2 * m * n + 2 * n);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < m; ++i) {
      if (V(i) != 0.0) net.conductance(source(i, j), bit(i, j), g(i, j));
      if (i > 0) net.resistor(source(i - 1, j), source(i, j), w.source);
      if (i > 0) net.resistor(bit(i - 1, j), bit(i, j), w.col);
    }
    net.resistor(source(w.source_end == crossbar::SourceEnd::same ? m - 1 : 0, j), 2 * m * n + j, w.driver);
    net.resistor(bit(m - 1, j), 2 * m * n + n + j, w.sense);
    net.hold(2 * m * n + j, plan.chip.dac.v_read);
    net.hold(2 * m * n + n + j, 0.0);
  }
  net.solve();
  Circuit out{.volts = Matrix::Zero(m, n), .columns = VectorXd(n)};
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j)
      if (V(i) != 0.0) out.volts(i, j) = net.volt(source(i, j)) - net.volt(bit(i, j));
  for (int j = 0; j < n; ++j) {
    out.columns(j) = -net.current(2 * m * n + n + j);
    out.power += plan.chip.dac.v_read * out.columns(j);
  }
  return out;
}

// Every cell replaced by its chord at the voltage it sees, until nothing moves.
Circuit circuit(const Plan& plan, const Matrix& G, const VectorXd& V) {
  const bool gated = plan.chip.array.topology == crossbar::Topology::gated;
  Matrix seen = V.cwiseAbs().replicate(1, G.cols());
  for (int k = 0; k < 60; ++k) {
    const Matrix g = chords(plan, G, seen);
    const Circuit out = gated ? gated_circuit(plan, g, V) : passive_circuit(plan, g, V);
    if (plan.cell->is_linear() || (out.volts - seen).cwiseAbs().maxCoeff() < 1e-11) return out;
    seen = out.volts;
  }
  FAIL("the slow solution does not settle");
  return {};
}

VectorXd currents(const Plan& plan, const Read& read, std::int64_t array, const Origin& origin, const VectorXd& V) {
  return circuit(plan, opened_cells(plan, read, array, origin), V).columns;
}

// A cell whose current rises faster than its voltage: 1 + 0.4 (V / 0.3 V)^2 times G V for every G.
Value bent() {
  return {{"model", "reram"},    {"g_min", 2e-6},
          {"g_max", 1e-4},       {"thermal_noise", false},
          {"shot_noise", false}, {"iv", {{"nl3", {4.4e-4}}, {"g_first", 1e-4}, {"g_last", 1e-4}, {"v_max", 0.5}}}};
}

Value magnetic() {
  return {{"model", "sttmram"}, {"v_half", 0.3},          {"access_resistance", 2000.0},
          {"sigma_tmr", 0.05},  {"thermal_noise", false}, {"shot_noise", false}};
}

Value gated(const char* end, double ohm = 20.0) {
  return merged(base(),
                {{"array", {{"topology", "gated"}, {"wires", {{"row", 0.0}, {"source", ohm}, {"source_end", end}}}}},
                 {"dac", {{"signed_input", "two_pass"}, {"v_read", 0.3}}}});
}

Value replaced(Value settings, const Value& cell) {
  settings["cell"] = cell;
  return settings;
}

Value passive(double ohm = 10.0) {
  return merged(replaced(base(false, ohm), bent()), {{"array", {{"topology", "passive"}}}, {"dac", {{"v_read", 0.3}}}});
}

Value as_signed(const Value& settings) { return merged(settings, {{"dac", {{"range", {-15, 15}}}}}); }

const std::vector<Value> column_storages{
    Value::object(),
    {{"adc", {{"subtract", "digital"}}}},
    {{"weights", {{"encoding", "offset"}}}},
    {{"weights", {{"encoding", "offset"}, {"column_inversion", true}}}},
    {{"weights", {{"encoding", "offset"}, {"offset_by", "column"}}}, {"adc", {{"subtract", "digital"}}}},
    {{"weights", {{"encoding", "offset"}, {"offset_by", "column"}}}}};

}  // namespace

TEST_CASE("gated arrays of a network carry what their circuit carries") {
  for (const char* end : {"same", "opposite"})
    for (const Value& storage : column_storages)
      for (const Value& reading : {Value::object(), Value{{"array", {{"active_rows", 4}}}}}) {
        const Value settings = merged(merged(gated(end), storage), reading);
        INFO(settings.dump());
        check_currents(settings, false, 1, currents);
      }
  check_currents(as_signed(gated("same")), true, 1, currents);
  check_currents(merged(as_signed(gated("opposite")), {{"dac", {{"signed_input", "twos_complement"}}}}), true, 1,
                 currents);
}

TEST_CASE("gated arrays of magnetic tunnel junctions follow their curve") {
  for (const char* end : {"same", "opposite"}) {
    const Value settings = merged(replaced(gated(end, 100.0), magnetic()), {{"weights", {{"slice_bits", 1}}}});
    INFO(settings.dump());
    check_currents(settings, false, 1, currents);
  }
}

TEST_CASE("passive arrays of nonlinear cells carry what their circuit carries") {
  for (const Value& storage : column_storages) {
    INFO(storage.dump());
    check_currents(merged(passive(), storage), false, 1, currents);
  }
  const Value rows{{"weights", {{"pairs", "rows"}}}};
  for (const Value& reading : {Value{{"dac", {{"bits_per_cycle", 1}}}}, Value{{"dac", {{"bits_per_cycle", 2}}}},
                               Value{{"dac", {{"bits_per_cycle", nullptr}}}}, rows}) {
    INFO(reading.dump());
    check_currents(merged(passive(), reading), false, 1, currents);
    check_currents(merged(as_signed(passive()), reading), true, 1, currents);
  }
  check_currents(merged(replaced(passive(20.0), magnetic()), {{"weights", {{"slice_bits", 1}}}}), false, 1, currents);
}

TEST_CASE("linear cells of a passive array are the matrix of an input line") {
  const auto x = whole_numbers(40 * inputs, 0, 31, 3);
  const Value passive_line = merged(base(), {{"array", {{"topology", "passive"}}}});
  CHECK(run(make(passive_line), x).out == run(make(base()), x).out);
}

TEST_CASE("energy of solved arrays is what their sources give") {
  for (const Value& settings : {gated("same"), gated("opposite"), passive(), as_signed(passive())}) {
    INFO(settings.dump());
    const bool is_signed = settings["dac"]["range"][0] == -15;
    const Layer layer = make(settings);
    const Plan& plan = layer.plan();
    const auto x = whole_numbers(samples * inputs, is_signed ? -15 : 0, is_signed ? 15 : 31, 3);
    const ProgrammedLayer made = layer.program({.seed = 1, .chip = 0}, {}, one_thread);
    double joule = 0.0;
    for (const Read& read : plan.reads)
      for (std::int64_t a = read.first_array; a < read.first_array + read.arrays; ++a)
        for (std::int64_t v = 0; v < samples; ++v)
          for (std::int64_t k = 0; k < std::ssize(plan.code.cycles()); ++k)
            joule += plan.chip.dac.t_read * circuit(plan, opened_cells(plan, read, a, made.origin),
                                                    drive(plan, read, x.data() + v * inputs, k))
                                                .power;
    CHECK(run(layer, x).activity.array_energy == Approx(joule).epsilon(1e-8));
  }
}

TEST_CASE("solved arrays give the same bits for every split of the samples and number of threads") {
  const std::int64_t many = 300;
  const auto x = whole_numbers(many * inputs, 0, 31, 3);
  for (Value settings : {gated("opposite"), replaced(gated("same", 100.0), bent()), passive()}) {
    settings["cell"]["read_noise"] = 0.02;
    settings["adc"] = {{"bits", 8}, {"range", "full"}};
    if (settings["cell"]["model"] == "gaussian") settings["cell"].erase("read_noise");
    const Layer layer = make(settings);
    const auto all = [&](std::int64_t split, int threads) {
      const core::Execution how{.threads = threads, .poll = {}};
      const ProgrammedLayer made = layer.program({.seed = 1, .chip = 0}, {}, how);
      std::vector<float> out(static_cast<std::size_t>(many * outputs));
      Tally tally(layer.plan());
      for (std::int64_t s = 0; s < many; s += split)
        layer.run(made, {x.data() + s * inputs, std::min(split, many - s), s}, unfold_rows(1, inputs), false,
                  std::span(out).subspan(static_cast<std::size_t>(s * outputs)), tally, how);
      return out;
    };
    const auto once = all(many, 1);
    CHECK(all(7, 2) == once);
    CHECK(all(101, 1) == once);
  }
}

TEST_CASE("the secant comes nearer than ideal lines, at the cost of a matrix") {
  const auto x = whole_numbers(200 * inputs, 0, 31, 3);
  for (const Value& settings : {gated("same"), gated("opposite"), passive()}) {
    const auto with = [&](const char* solve) {
      return run(make(merged(settings, {{"array", {{"wires", {{"solve", solve}}}}}})), x);
    };
    Value without = settings;
    without["array"].erase("wires");
    const auto exact = with("exact"), secant = with("secant"), ideal = run(make(without), x);
    const auto error = [&](const auto& other) {
      double sum = 0.0;
      for (std::size_t i = 0; i < exact.out.size(); ++i)
        sum += std::pow(static_cast<double>(exact.out[i]) - static_cast<double>(other.out[i]), 2);
      return std::sqrt(sum);
    };
    INFO(settings.dump() << "\nsecant " << error(secant) << " ideal " << error(ideal));
    CHECK(error(secant) < 0.5 * error(ideal));
    CHECK(error(secant) > 0.0);
    CHECK(secant.activity.array_energy == Approx(exact.activity.array_energy).epsilon(0.1));
  }
}

TEST_CASE("read noise of a gated array reaches its columns with the factor of its own circuit") {
  // Over random inputs, the variance that the fast factor of half open rows gives against that of each input's own
  // circuit, where a cell's factor is the square of its share of v_read.
  Value settings = merged(gated("opposite", 150.0), {{"weights", {{"encoding", "offset"}, {"slice_bits", nullptr}}}});
  settings["cell"] = {{"model", "reram"}, {"g_min", 2e-6}, {"read_noise", 0.05}};
  const Layer layer = make(settings);
  const Plan& plan = layer.plan();
  const ProgrammedLayer made = layer.program({.seed = 1, .chip = 0}, {}, one_thread);
  const Matrix G = opened_cells(plan, plan.reads[0], 0, made.origin);
  const auto& bank = made.state.banks[0];
  const double unit = plan.units[0].current, v = plan.chip.dac.v_read;
  double squares = 0.0;
  std::int64_t count = 0;
  const auto bits = whole_numbers(50 * 8, 0, 1, 5);
  for (std::int64_t s = 0; s < 50; ++s) {
    VectorXd V(8);
    for (int i = 0; i < 8; ++i) V(i) = v * bits[static_cast<std::size_t>(s * 8 + i)];
    if (V.isZero(0.0)) continue;
    const Matrix share = circuit(plan, G, V).volts / v;
    for (Eigen::Index n = 0; n < outputs; ++n) {
      double exact = 0.0, fast = 0.0;
      for (Eigen::Index i = 0; i < 8; ++i) {
        exact += std::pow(0.05 * G(i, n) * v * share(i, n) * share(i, n) / unit, 2);
        if (V(i) > 0.0) fast += static_cast<double>(bank.slope[static_cast<std::size_t>(bank.entry(0, 0, i) + n)]);
      }
      squares += std::pow(std::sqrt(fast / exact) - 1.0, 2);
      ++count;
    }
  }
  // Closed cells are cut off, thermal noise and all.
  for (const float idle : bank.idle) CHECK(idle == 0.0F);
  INFO("rms error of the noise " << std::sqrt(squares / static_cast<double>(count)));
  CHECK(std::sqrt(squares / static_cast<double>(count)) < 0.1);
}

TEST_CASE("what topologies do not go with is refused by name") {
  using Catch::Matchers::ContainsSubstring;
  const auto refuses = [](const Value& settings, const std::string& name) {
    INFO(settings.dump());
    CHECK_THROWS_WITH(chip(settings), ContainsSubstring(name));
  };
  refuses(merged(gated("same"), {{"array", {{"wires", {{"row", 1.0}}}}}}), "wires.row = 1");
  refuses(merged(gated("same"), {{"dac", {{"bits_per_cycle", 2}}}}), "dac.bits_per_cycle = 2");
  refuses(merged(gated("same"), {{"dac", {{"bits", nullptr}, {"bits_per_cycle", nullptr}, {"range", "dynamic"}}}}),
          "dac.bits_per_cycle = None");
  refuses(merged(gated("same"), {{"dac", {{"signed_input", "bipolar"}}}}), "dac.signed_input = bipolar");
  refuses(merged(gated("same"), {{"dac", {{"drive", "pulse_width"}}}}), "dac.drive = pulse_width");
  refuses(merged(gated("same"), {{"weights", {{"pairs", "rows"}}}}), "weights.pairs = rows");
  refuses(merged(passive(), {{"array", {{"active_rows", 4}}}}), "array.active_rows = 4");
  refuses(merged(passive(), {{"dac", {{"drive", "pulse_width"}, {"bits_per_cycle", nullptr}}}}),
          "dac.drive = pulse_width");
  refuses(merged(passive(), {{"array", {{"topology", "input_line"}}}}), "array.topology = input_line");
  refuses(merged(base(), {{"array", {{"wires", {{"source", 1.0}}}}}}), "wires.source = 1");
  refuses(merged(base(), {{"array", {{"wires", {{"source_end", "same"}}}}}}), "wires.source_end = same");
  refuses(merged(base(), {{"array", {{"wires", {{"solve", "secant"}}}}}}), "wires.solve = secant");
  refuses(merged(base(), {{"array", {{"topology", "passive"}, {"wires", {{"solve", "secant"}}}}}}),
          "wires.solve = secant");
  CHECK_NOTHROW(chip(merged(passive(), {{"array", {{"wires", {{"solve", "secant"}}}}},
                                        {"dac", {{"drive", "pulse_width"}, {"bits_per_cycle", nullptr}}}})));
}
