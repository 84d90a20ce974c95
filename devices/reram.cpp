#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "devices/choices.hpp"
#include "devices/models.hpp"
#include "devices/physics.hpp"
#include "devices/trajectory.hpp"

/// Filamentary ReRAM described by published statistics: sigma of the conductance against state and time, read noise,
/// I-V shape. Equations, sources and limits: docs/methods/devices_reram.md
namespace wordline::devices {
namespace {

using core::ErrorKind;
using core::field;
using core::number;

void refuse_setting(const char* name, const std::string& rule, const std::string& value = "",
                    const std::string& remedy = "") {
  throw core::Error(ErrorKind::value,
                    {.rule = rule, .name = name, .value = value, .unit = "", .allowed = "", .remedy = remedy});
}

/// Spread of the conductance at one time after programming.
struct ErrorAtTime {
  double time = 0.0;
  std::vector<double> sigma{0.0};

  static constexpr std::string_view spec_name = "ErrorAtTime";
  static constexpr auto fields() {
    return std::make_tuple(field("time", &ErrorAtTime::time, "s", core::at_least(0.0), "time since programming"),
                           field("sigma", &ErrorAtTime::sigma, "S", core::any(),
                                 "polynomial of x = G/error_scale, constant term first; counts as 0 where negative"));
  }
  void check() const {
    if (sigma.empty()) refuse_setting("sigma", "a polynomial has at least one coefficient");
  }
};

/// A shift and a spread that grow with ln t and do not depend on the state.
struct LogRelaxation {
  double mean_slope = 0.0;
  double sigma_slope = 0.0;
  double sigma_offset = 0.0;
  double time_first = 1.0;
  double time_last = 3600.0;

  static constexpr std::string_view spec_name = "LogRelaxation";
  static constexpr auto fields() {
    using S = LogRelaxation;
    return std::make_tuple(
        field("mean_slope", &S::mean_slope, "S", core::any(), "shift of the mean per unit of ln(t/s)"),
        field("sigma_slope", &S::sigma_slope, "S", core::any(), "growth of sigma per unit of ln(t/s)"),
        field("sigma_offset", &S::sigma_offset, "S", core::at_least(0.0), "sigma at t = 1 s"),
        field("time_first", &S::time_first, "s", core::positive(), "start of the fitted range"),
        field("time_last", &S::time_last, "s", core::positive(), "end of the fitted range"));
  }
  double sigma(double t) const {  // never falls: the larger of the values at t and at the start
    return std::max(sigma_offset + sigma_slope * std::log(t), sigma_offset + sigma_slope * std::log(time_first));
  }
  void check() const {
    if (time_first >= time_last)
      refuse_setting("relaxation.time_first", "the fitted range ends after it starts", number(time_first));
    if (sigma(time_first) < 0.0)
      refuse_setting("relaxation.sigma_offset", "sigma is not negative at time_first", number(sigma_offset));
  }
};

/// 1/f noise: sigma_G = amplitude log10(G/g_unit) sqrt(ln((t + t_r)/(2 t_r))).
struct Flicker {
  double amplitude = 0.0;
  double g_unit = 1e-6;
  double t_r = 1e-6;

  static constexpr std::string_view spec_name = "Flicker";
  static constexpr auto fields() {
    return std::make_tuple(
        field("amplitude", &Flicker::amplitude, "S", core::at_least(0.0), "sigma of G per decade of G above g_unit"),
        field("g_unit", &Flicker::g_unit, "S", core::positive(), "conductance at and below which there is no noise"),
        field("t_r", &Flicker::t_r, "s", core::positive(), "duration of the reads the noise was measured with"));
  }
  double per_band(double G) const { return G > g_unit ? amplitude * std::log10(G / g_unit) : 0.0; }
  double band(double t) const { return std::max(0.0, std::log((t + t_r) / (2.0 * t_r))); }
};

/// I = G V + N2 V^2 + N3 V^3 with polynomials N of log10(G/S), odd in V.
struct CurrentVoltage {
  std::vector<double> nl2{0.0};
  std::vector<double> nl3{0.0};
  double g_first = 1e-6;
  double g_last = 100e-6;
  double v_max = 0.5;

  static constexpr std::string_view spec_name = "CurrentVoltage";
  static constexpr auto fields() {
    using S = CurrentVoltage;
    return std::make_tuple(
        field("nl2", &S::nl2, "A/V^2", core::any(), "polynomial of log10(G/S), constant term first"),
        field("nl3", &S::nl3, "A/V^3", core::any(), "polynomial of log10(G/S), constant term first"),
        field("g_first", &S::g_first, "S", core::positive(), "start of the fitted range; below it I/(GV) is held"),
        field("g_last", &S::g_last, "S", core::positive(), "end of the fitted range; above it I/(GV) is held"),
        field("v_max", &S::v_max, "V", core::positive(), "largest voltage of the fit; more is refused"));
  }
  void check() const {
    if (g_first > g_last) refuse_setting("iv.g_first", "the fitted range ends after it starts", number(g_first));
  }
  double current(double G, double V) const {
    const double g = std::clamp(G, g_first, g_last), L = std::log10(g);
    return G / g * (g * V + (polynomial(nl2, L) + polynomial(nl3, L) * V) * V * V);
  }
  double slope(double G, double V) const {
    const double g = std::clamp(G, g_first, g_last), L = std::log10(g);
    return G / g * (g + (2.0 * polynomial(nl2, L) + 3.0 * polynomial(nl3, L) * V) * V);
  }
};

struct ReramSpec {
  double g_min = 0.0;
  double g_max = 100e-6;
  std::optional<std::int64_t> levels;
  double error_scale = 1e-6;
  std::vector<ErrorAtTime> errors;
  std::optional<LogRelaxation> relaxation;
  Clip clip = Clip::zero;
  std::optional<double> activation_energy;
  double stuck_lrs = 0.0;
  double stuck_hrs = 0.0;
  double leakage = 0.0;
  double access_resistance = 0.0;
  bool access_included = true;
  double read_noise = 0.0;
  double read_noise_floor = 0.0;
  std::optional<Flicker> flicker;
  bool thermal_noise = true;
  bool shot_noise = true;
  std::optional<CurrentVoltage> iv;
  double write_pulses = 0.0;
  double write_energy = 0.0;

  static constexpr std::string_view model_name = "reram";
  static constexpr std::string_view spec_name = "ReRAM";
  static constexpr std::string_view help = "filamentary resistive memory described by published statistics";
  static constexpr auto fields() {
    using S = ReramSpec;
    return std::make_tuple(
        field("g_min", &S::g_min, "S", core::at_least(0.0), "conductance of the high-resistance state"),
        field("g_max", &S::g_max, "S", core::positive(), "conductance of the low-resistance state"),
        field("levels", &S::levels, "level", core::between(2, 65536), "distinct targets; None = continuous"),
        field("error_scale", &S::error_scale, "S", core::positive(),
              "G is divided by this in the polynomials of errors"),
        field("errors", &S::errors, "", core::any(), "spread of G at one or several times, interpolated in ln t"),
        field("relaxation", &S::relaxation, "", core::any(), "state-independent change with ln t after programming"),
        field("clip", &S::clip, "", core::any(), "conductances are kept above zero, or inside [g_min, g_max]"),
        field("activation_energy", &S::activation_energy, "eV", core::between(0.05, 5.0),
              "of ageing; without it only 300 K is accepted"),
        field("stuck_lrs", &S::stuck_lrs, "", core::between(0.0, 1.0), "probability of a cell stuck at g_max"),
        field("stuck_hrs", &S::stuck_hrs, "", core::between(0.0, 1.0), "probability of a cell stuck at g_min"),
        field("leakage", &S::leakage, "S", core::at_least(0.0), "off-state conductance in parallel with every cell"),
        field("access_resistance", &S::access_resistance, "ohm", core::at_least(0.0), "series access device"),
        field("access_included", &S::access_included, "", core::any(),
              "the conductances above were measured through the access device"),
        field("read_noise", &S::read_noise, "", core::at_least(0.0), "white noise of G in one read, as a ratio to G"),
        field("read_noise_floor", &S::read_noise_floor, "S", core::at_least(0.0), "white noise of G in one read"),
        field("flicker", &S::flicker, "", core::any(), "1/f noise of G"),
        field("thermal_noise", &S::thermal_noise, "", core::any(), "Johnson noise 4kTG/(2 t_read)"),
        field("shot_noise", &S::shot_noise, "", core::any(), "shot noise 2q|I|/(2 t_read)"),
        field("iv", &S::iv, "", core::any(), "shape of the I-V curve; None = linear"),
        field("write_pulses", &S::write_pulses, "pulse", core::at_least(0.0), "mean programming pulses of one cell"),
        field("write_energy", &S::write_energy, "J", core::at_least(0.0), "energy of one programming pulse"));
  }
  void check() const;
  void check_errors() const;
};

void ReramSpec::check() const {
  check_window(g_min, g_max);
  check_stuck(stuck_lrs, stuck_hrs);
  check_errors();
  if (access_included && access_resistance > 0.0)
    refuse_setting("access_resistance", "the conductances already include the access device", number(access_resistance),
                   "set access_included = false, or access_resistance = 0");
  if (iv && access_resistance > 0.0)
    refuse_setting("iv", "a measured I-V curve includes the access device", "", "set access_resistance = 0");
}

void ReramSpec::check_errors() const {
  if (relaxation && errors.size() > 1)
    refuse_setting("relaxation", "errors at several times already describe the relaxation", "", "keep one of the two");
  for (std::size_t i = 1; i < errors.size(); ++i)
    if (errors[i - 1].time <= 0.0 || errors[i].time <= errors[i - 1].time)
      refuse_setting("errors", "several times are positive and rising", number(errors[i].time));
}

/// How far ageing has come, the same for all cells.
struct Trajectory {
  std::vector<double> begun, now;    // fractions of the intervals between measured times
  double shift = 0.0, spread = 0.0;  // S, of the relaxation with ln t
};

class ReramCell final : public Cell {
 public:
  explicit ReramCell(ReramSpec spec) : spec_(std::move(spec)) {}

  std::string_view name() const override { return ReramSpec::model_name; }
  Window window() const override {
    return {.G_min = to_cell(spec_.g_min), .G_max = to_cell(spec_.g_max), .levels = spec_.levels.value_or(0)};
  }
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
    if (!ageing.extrapolate) check_time(t);
    if (t > 0.0 || !cells.is_fresh) set_state(cells, t);
  }

  AgeingInputs models() const override {
    return {.time = !spec_.errors.empty() || spec_.relaxation || has_slow_noise(),
            .temperature = spec_.activation_energy.has_value(),
            .reads = false};
  }

  double acceleration(double temperature) const override {
    if (temperature == reference_temperature) return 1.0;
    if (!spec_.activation_energy)
      refuse_setting("temperature", "this cell has no activation energy, so only 300 K is known", number(temperature),
                     "set activation_energy (eV)");
    return arrhenius(*spec_.activation_energy, temperature);
  }

  void epoch(CellArray& cells, std::int64_t epoch, const ReadConditions& read, const Ageing& ageing) const override;
  bool has_slow_noise() const override { return spec_.flicker && spec_.flicker->amplitude > 0.0; }

  ReadNoise read_noise(const CellArray& cells, const ReadConditions& read) const override;
  bool has_read_noise() const override { return spec_.thermal_noise || spec_.shot_noise || has_conductance_noise(); }

  void current(std::span<const double> G, double V, std::span<double> out) const override;
  void curve(std::span<const double> G, std::span<const double> V, std::span<double> I,
             std::span<double> slope) const override;
  bool is_linear() const override { return !spec_.iv; }
  bool has_curve() const override { return true; }

 private:
  double series() const { return spec_.access_included ? 0.0 : spec_.access_resistance; }
  // Device conductance <-> conductance of the whole cell: access device in series, leakage beside both.
  double to_cell(double g) const {
    const double R = series();
    return (R > 0.0 ? g / (1.0 + g * R) : g) + spec_.leakage;  // most cells are spared the division
  }
  double to_device(double G) const { return (G - spec_.leakage) / (1.0 - (G - spec_.leakage) * series()); }
  double clipped(double g) const { return devices::clipped(spec_.clip, g, spec_.g_min, spec_.g_max); }

  bool has_conductance_noise() const {
    return spec_.read_noise > 0.0 || spec_.read_noise_floor > 0.0 || has_slow_noise();
  }
  void add_conductance_noise(std::span<const double> G, const ReadConditions& read, ReadNoise& noise) const;

  void check_time(double t) const;
  std::vector<double> fractions(double t) const;
  double table_sigma(double g, const std::vector<double>& fractions) const;
  Trajectory trajectory(double t) const;
  Spread spread(const Trajectory& t, double target) const;
  void set_state(CellArray& cells, double t) const;

  ReramSpec spec_;
};

// Only what was measured is accepted: t = 0 (the state as programmed) and the range of the table or of the ln t law.
void ReramCell::check_time(double t) const {
  if (spec_.errors.empty() && !spec_.relaxation) return;
  const double first = spec_.relaxation ? spec_.relaxation->time_first : spec_.errors.front().time;
  const double last = spec_.relaxation ? spec_.relaxation->time_last : spec_.errors.back().time;
  check_covered(t, first, last);
}

std::vector<double> ReramCell::fractions(double t) const {
  std::vector<double> times;
  for (const ErrorAtTime& e : spec_.errors) times.push_back(e.time);
  return devices::fractions(times, t);
}

double ReramCell::table_sigma(double g, const std::vector<double>& fractions) const {
  if (spec_.errors.empty()) return 0.0;
  const double x = g / spec_.error_scale;
  return running_maximum([&](std::size_t i) { return std::max(0.0, polynomial(spec_.errors[i].sigma, x)); }, fractions);
}

Trajectory ReramCell::trajectory(double t) const {
  Trajectory out{.begun = fractions(0.0), .now = fractions(t)};
  if (!spec_.relaxation || t < spec_.relaxation->time_first) return out;
  out.shift = spec_.relaxation->mean_slope * std::log(t);
  out.spread = spec_.relaxation->sigma(t);
  return out;
}

Spread ReramCell::spread(const Trajectory& t, double target) const {
  const double g = to_device(target);
  return devices::spread(g + t.shift, table_sigma(g, t.begun), std::hypot(table_sigma(g, t.now), t.spread));
}

void ReramCell::set_state(CellArray& cells, double t) const {
  const auto spread_of = [this, now = trajectory(t)](double target) { return spread(now, target); };
  devices::set_state(cells, t > 0.0, spread_of, [this](double g) { return to_cell(clipped(g)); });
  hold_stuck(cells, window());
}

// The band below 1/t_inference: the published law at the age of the cell, less the part that read_noise lumps.
void ReramCell::epoch(CellArray& cells, std::int64_t epoch, const ReadConditions& read, const Ageing& ageing) const {
  if (!has_slow_noise()) return;
  const Flicker& f = *spec_.flicker;
  const double slow = std::sqrt(std::max(0.0, f.band(ageing.seconds) - f.band(read.t_inference)));
  const std::vector<double> xi = first_normals(cells, "epoch", core::field32("epoch", epoch));
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const double g = to_device(cells.G[k]);
    cells.G[k] = to_cell(clipped(g + slow * f.per_band(g) * xi[k]));
  }
  cells.is_fresh = false;
}

void ReramCell::add_conductance_noise(std::span<const double> G, const ReadConditions& read, ReadNoise& noise) const {
  const double band = spec_.flicker ? spec_.flicker->band(read.t_inference) : 0.0;
  const double floor = spec_.read_noise_floor * spec_.read_noise_floor;
  for (std::size_t k = 0; k < G.size(); ++k) {
    const double g = to_device(G[k]), divider = 1.0 / (1.0 + g * series()), white = spec_.read_noise * g;
    const double flicker = spec_.flicker ? spec_.flicker->per_band(g) : 0.0;
    const double slope = divider * divider;  // dG_cell/dg
    noise.a2[k] += (white * white + floor + band * flicker * flicker) * slope * slope;
  }
}

ReadNoise ReramCell::read_noise(const CellArray& cells, const ReadConditions& read) const {
  ReadNoise noise = silence(cells.size());
  if (has_conductance_noise()) add_conductance_noise(cells.G, read, noise);
  if (spec_.thermal_noise) add_thermal_noise(cells.G, read, noise);
  if (spec_.shot_noise) add_shot_noise(*this, cells.G, read, noise);
  return noise;
}

void ReramCell::current(std::span<const double> G, double V, std::span<double> out) const {
  if (!spec_.iv) return Cell::current(G, V, out);
  core::require(std::abs(V) <= spec_.iv->v_max, ErrorKind::value,
                {.rule = "the I-V curve of this cell was not measured at this voltage",
                 .name = "V",
                 .value = number(V),
                 .unit = "V",
                 .allowed = "[" + number(-spec_.iv->v_max) + ", " + number(spec_.iv->v_max) + "]",
                 .remedy = "lower v_read, or use a linear cell (iv = None)"});
  for (std::size_t k = 0; k < G.size(); ++k) {
    const double I = spec_.iv->current(G[k] - spec_.leakage, std::abs(V));
    out[k] = (V < 0.0 ? -I : I) + spec_.leakage * V;
  }
}

void ReramCell::curve(std::span<const double> G, std::span<const double> V, std::span<double> I,
                      std::span<double> slope) const {
  if (!spec_.iv) return Cell::curve(G, V, I, slope);
  const std::size_t each = V.size() / std::max<std::size_t>(1, G.size());
  for (std::size_t k = 0; k < V.size(); ++k) {
    const double g = G[k / each] - spec_.leakage, v = std::min(std::abs(V[k]), spec_.iv->v_max);
    const double own = spec_.iv->slope(g, v);
    const double current = spec_.iv->current(g, v) + own * (std::abs(V[k]) - v);
    I[k] = std::copysign(current, V[k]) + spec_.leakage * V[k];
    slope[k] = own + spec_.leakage;
  }
}

}  // namespace

CellModel reram_model() { return cell_model<ReramSpec, ReramCell>(); }

}  // namespace wordline::devices
