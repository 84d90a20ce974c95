#include <cmath>

#include "core/error.hpp"
#include "devices/choices.hpp"
#include "devices/models.hpp"
#include "devices/physics.hpp"
#include "devices/table_grid.hpp"
#include "devices/trajectory.hpp"

/// A device as it was measured: mean and sigma of the conductance against target and time after programming.
/// docs/methods/devices_table.md
namespace wordline::devices {
namespace {

struct TableSpec {
  // Without numbers of its own it is a cell without errors at one time.
  std::vector<double> state{0.0, 100e-6};
  std::vector<double> time{1.0, 1.0};
  std::vector<double> mean{0.0, 100e-6};
  std::vector<double> sigma{0.0, 0.0};
  std::optional<double> g_min;
  std::optional<double> g_max;
  std::optional<std::int64_t> levels;
  Clip clip = Clip::zero;
  std::optional<double> activation_energy;
  double stuck_lrs = 0.0;
  double stuck_hrs = 0.0;
  double read_noise = 0.0;
  SigmaKind read_kind = SigmaKind::range;
  bool thermal_noise = true;
  bool shot_noise = true;
  double write_pulses = 0.0;
  double write_energy = 0.0;

  static constexpr std::string_view model_name = "table";
  static constexpr std::string_view spec_name = "TableCell";
  static constexpr std::string_view help = "a measured table of mean and spread against target and time";
  static constexpr auto fields() {
    using S = TableSpec;
    using core::field;
    return std::make_tuple(
        field("state", &S::state, "S", core::at_least(0.0), "target of each row of the table; rows in any order"),
        field("time", &S::time, "s", core::at_least(0.0), "time after programming of each row"),
        field("mean", &S::mean, "S", core::at_least(0.0), "mean conductance of each row"),
        field("sigma", &S::sigma, "S", core::at_least(0.0), "standard deviation of each row's conductance"),
        field("g_min", &S::g_min, "S", core::at_least(0.0), "high-resistance state; None = the lowest state"),
        field("g_max", &S::g_max, "S", core::positive(), "low-resistance state; None = the highest state"),
        field("levels", &S::levels, "level", core::between(2, 65536), "distinct targets; None = continuous"),
        field("clip", &S::clip, "", core::any(), "conductances are kept above zero, or inside [g_min, g_max]"),
        field("activation_energy", &S::activation_energy, "eV", core::between(0.05, 5.0),
              "of ageing; without it only 300 K is accepted"),
        field("stuck_lrs", &S::stuck_lrs, "", core::between(0.0, 1.0), "probability of a cell stuck at g_max"),
        field("stuck_hrs", &S::stuck_hrs, "", core::between(0.0, 1.0), "probability of a cell stuck at g_min"),
        field("read_noise", &S::read_noise, "", core::at_least(0.0),
              "sigma of the conductance in one read; S when read_kind is constant, else a ratio"),
        field("read_kind", &S::read_kind, "", core::any(),
              "what read_noise means: constant (S), proportional (to G) or range (to g_max - g_min)"),
        field("thermal_noise", &S::thermal_noise, "", core::any(), "Johnson noise 4kTG/(2 t_read)"),
        field("shot_noise", &S::shot_noise, "", core::any(), "shot noise 2q|I|/(2 t_read)"),
        field("write_pulses", &S::write_pulses, "pulse", core::at_least(0.0), "mean programming pulses of one cell"),
        field("write_energy", &S::write_energy, "J", core::at_least(0.0), "energy of one programming pulse"));
  }

  Grid grid() const {
    return {{.state = state, .time = time, .mean = mean, .sigma = sigma},
            [n = state.size()](std::size_t i) { return i < n ? "table row " + std::to_string(i + 1) : "table"; }};
  }
  Window window(const Grid& grid) const {
    return {.G_min = g_min.value_or(grid.states().front()),
            .G_max = g_max.value_or(grid.states().back()),
            .levels = levels.value_or(0)};
  }
  void check() const;
};

// Nothing is known beyond the measured states, so the window ends inside them.
void check_inside(const char* name, double value, const Grid& grid) {
  const double first = grid.states().front(), last = grid.states().back();
  core::require(value >= first && value <= last, core::ErrorKind::value,
                {.rule = "the window lies inside the states of the table",
                 .name = name,
                 .value = core::number(value),
                 .unit = "S",
                 .allowed = "[" + core::number(first) + ", " + core::number(last) + "]",
                 .remedy = "measure that state too"});
}

void TableSpec::check() const {
  const Grid measured = grid();
  const Window w = window(measured);
  check_inside("g_min", w.G_min, measured);
  check_inside("g_max", w.G_max, measured);
  check_window(w.G_min, w.G_max);
  check_stuck(stuck_lrs, stuck_hrs);
}

class TableCell final : public Cell {
 public:
  explicit TableCell(TableSpec spec) : spec_(std::move(spec)), grid_(spec_.grid()) {}

  std::string_view name() const override { return TableSpec::model_name; }
  Window window() const override { return spec_.window(grid_); }
  void fabricate(CellArray& cells) const override { draw_stuck(cells, spec_.stuck_lrs, spec_.stuck_hrs); }

  void program(CellArray& cells) const override {
    prepare(cells, window());
    set_state(cells, 0.0);
    cells.pulses = spec_.write_pulses * static_cast<double>(cells.size());
    cells.energy = spec_.write_energy * cells.pulses;
  }

  void age(CellArray& cells, const Ageing& ageing) const override {
    check_ageing(*this, ageing);
    const double t = ageing.seconds * acceleration(ageing.temperature);
    if (!ageing.extrapolate) check_covered(t, grid_.times().front(), grid_.times().back());
    if (t > 0.0 || !cells.is_fresh) set_state(cells, t);
  }
  AgeingInputs models() const override {
    return {.time = true, .temperature = spec_.activation_energy.has_value(), .reads = false};
  }
  double acceleration(double temperature) const override {
    if (!spec_.activation_energy) check_ageing(*this, {.temperature = temperature});
    return arrhenius(spec_.activation_energy.value_or(0.0), temperature);
  }

  ReadNoise read_noise(const CellArray& cells, const ReadConditions& read) const override {
    ReadNoise noise = silence(cells.size());
    const Window w = window();
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const double sigma = spec_.read_noise * unit_of(spec_.read_kind, cells.G[k], w);
      noise.a2[k] = sigma * sigma;
    }
    if (spec_.thermal_noise) add_thermal_noise(cells.G, read, noise);
    if (spec_.shot_noise) add_shot_noise(*this, cells.G, read, noise);
    return noise;
  }
  bool has_read_noise() const override { return spec_.read_noise > 0.0 || spec_.thermal_noise || spec_.shot_noise; }

 private:
  Spread spread(std::span<const double> now, double target) const;
  void set_state(CellArray& cells, double t) const;

  TableSpec spec_;
  Grid grid_;
};

Spread TableCell::spread(std::span<const double> now, double target) const {
  const Grid::Line line = grid_.at(target);
  const auto sigma = [&](std::size_t i) { return line.sigma(i); };
  const double mean = interpolated([&](std::size_t i) { return line.mean(i); }, now);
  return devices::spread(mean, sigma(0), running_maximum(sigma, now));
}

void TableCell::set_state(CellArray& cells, double t) const {
  const Window w = window();
  const auto spread_of = [this, now = fractions(grid_.times(), t)](double target) { return spread(now, target); };
  devices::set_state(cells, t > 0.0, spread_of, [&](double g) { return clipped(spec_.clip, g, w.G_min, w.G_max); });
  hold_stuck(cells, w);
}

}  // namespace

CellModel table_model() { return cell_model<TableSpec, TableCell>(); }

}  // namespace wordline::devices
