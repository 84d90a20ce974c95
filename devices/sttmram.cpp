#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "devices/models.hpp"
#include "devices/physics.hpp"

/// One-bit STT-MRAM: a magnetic tunnel junction in series with its access transistor. The parallel state is the LRS.
/// Equations, sources and limits: docs/methods/devices_sttmram.md
namespace wordline::devices {
namespace {

enum class State { lrs, hrs };

}  // namespace
}  // namespace wordline::devices

template <>
struct wordline::core::EnumWords<wordline::devices::State> {
  using E = wordline::devices::State;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{{{"lrs", E::lrs}, {"hrs", E::hrs}}};
};

namespace wordline::devices {
namespace {

// Normal draws end at 6.8 sigma, so a relative spread up to 0.14 leaves every factor 1 + sigma xi positive.
constexpr core::Range spread_range = core::between(0.0, 0.14);

struct SttSpec {
  double resistance_area = 10e-12;
  double diameter = 50e-9;
  double tmr = 1.5;
  std::optional<double> v_half;
  double access_resistance = 0.0;
  double sigma_resistance_area = 0.0;
  double sigma_diameter = 0.0;
  double sigma_tmr = 0.0;
  double delta = 60.0;
  double sigma_delta = 0.0;
  double i_c0 = 50e-6;
  double tau_0 = 1e-9;
  double disturb_exponent = 2.0;
  State disturbed = State::lrs;
  double write_error = 0.0;
  double stuck_lrs = 0.0;
  double stuck_hrs = 0.0;
  bool thermal_noise = true;
  bool shot_noise = true;
  double write_energy = 0.0;

  static constexpr std::string_view model_name = "sttmram";
  static constexpr std::string_view spec_name = "STTMRAM";
  static constexpr std::string_view help = "one-bit magnetic tunnel junction with its access transistor";
  static constexpr auto fields() {
    using S = SttSpec;
    using core::field;
    return std::make_tuple(
        field("resistance_area", &S::resistance_area, "ohm m^2", core::positive(),
              "resistance times area of the junction, parallel state"),
        field("diameter", &S::diameter, "m", core::positive(), "of the round junction"),
        field("tmr", &S::tmr, "", core::positive(), "tunnel magnetoresistance ratio (R_AP - R_P)/R_P at zero bias"),
        field("v_half", &S::v_half, "V", core::positive(), "junction voltage that halves the TMR; None = constant TMR"),
        field("access_resistance", &S::access_resistance, "ohm", core::at_least(0.0), "transistor in series"),
        field("sigma_resistance_area", &S::sigma_resistance_area, "", spread_range,
              "relative spread of resistance_area from cell to cell"),
        field("sigma_diameter", &S::sigma_diameter, "", spread_range, "relative spread of diameter; R goes as d^-2"),
        field("sigma_tmr", &S::sigma_tmr, "", spread_range, "relative spread of tmr"),
        field("delta", &S::delta, "", core::positive(), "thermal stability factor E/kT at 300 K (a pure number)"),
        field("sigma_delta", &S::sigma_delta, "", spread_range, "relative spread of delta"),
        field("i_c0", &S::i_c0, "A", core::positive(), "critical current of switching at 0 K"),
        field("tau_0", &S::tau_0, "s", core::positive(), "attempt time"),
        field("disturb_exponent", &S::disturb_exponent, "", core::between(1.0, 2.0),
              "exponent n of the barrier delta (1 - I/i_c0)^n under a read current"),
        field("disturbed", &S::disturbed, "", core::any(), "the state that the read current can switch"),
        field("write_error", &S::write_error, "", core::between(0.0, 1.0), "probability that a write event fails"),
        field("stuck_lrs", &S::stuck_lrs, "", core::between(0.0, 1.0), "probability of a cell stuck parallel"),
        field("stuck_hrs", &S::stuck_hrs, "", core::between(0.0, 1.0), "probability of a cell stuck antiparallel"),
        field("thermal_noise", &S::thermal_noise, "", core::any(), "Johnson noise 4kTG/(2 t_read)"),
        field("shot_noise", &S::shot_noise, "", core::any(), "shot noise 2q|I|/(2 t_read)"),
        field("write_energy", &S::write_energy, "J", core::at_least(0.0), "energy of one write event"));
  }
  void check() const { check_stuck(stuck_lrs, stuck_hrs); }
};

/// What fabrication fixed for one cell.
struct Junction {
  double R_P = 0.0, R_AP = 0.0, delta = 0.0;
};

class SttCell final : public Cell {
 public:
  explicit SttCell(const SttSpec& spec) : spec_(spec) {}

  std::string_view name() const override { return SttSpec::model_name; }
  Window window() const override {
    const Junction j = nominal();
    return {.G_min = to_cell(j.R_AP), .G_max = to_cell(j.R_P), .levels = 2};
  }
  void fabricate(CellArray& cells) const override { draw_stuck(cells, spec_.stuck_lrs, spec_.stuck_hrs); }
  void program(CellArray& cells) const override;
  void age(CellArray& cells, const Ageing& ageing) const override;
  AgeingInputs models() const override { return {.time = true, .temperature = true, .reads = true}; }

  // Barrier E = delta k 300 K; exact for cells of nominal delta.
  double acceleration(double temperature) const override {
    check_temperature(temperature);
    return std::exp(spec_.delta * (1.0 - reference_temperature / temperature));
  }

  ReadNoise read_noise(const CellArray& cells, const ReadConditions& read) const override {
    ReadNoise noise = silence(cells.size());
    if (spec_.thermal_noise) add_thermal_noise(cells.G, read, noise);
    if (spec_.shot_noise) add_shot_noise(*this, cells.G, read, noise);
    return noise;
  }
  bool has_read_noise() const override { return spec_.thermal_noise || spec_.shot_noise; }

  void current(std::span<const double> G, double V, std::span<double> out) const override;
  void curve(std::span<const double> G, std::span<const double> V, std::span<double> I,
             std::span<double> slope) const override;
  bool is_linear() const override { return !spec_.v_half; }
  bool has_curve() const override { return true; }

 private:
  double to_cell(double R) const { return 1.0 / (R + spec_.access_resistance); }
  Junction nominal() const { return junction({0.0, 0.0, 0.0, 0.0}); }
  Junction junction(const std::array<double, 4>& xi) const;
  std::vector<Junction> junctions(const CellArray& cells) const;
  std::vector<State> written(const CellArray& cells) const;
  double junction_voltage(double R_0, double V) const;
  struct Point {
    double I, slope;
  };
  Point bent(double R_0, double V) const;
  double bending_resistance(double G) const;

  SttSpec spec_;
};

Junction SttCell::junction(const std::array<double, 4>& xi) const {
  const double d = spec_.diameter * (1.0 + spec_.sigma_diameter * xi[1]);
  const double R_P =
      spec_.resistance_area * (1.0 + spec_.sigma_resistance_area * xi[0]) / (0.25 * std::numbers::pi * d * d);
  return {.R_P = R_P,
          .R_AP = R_P * (1.0 + spec_.tmr * (1.0 + spec_.sigma_tmr * xi[2])),
          .delta = spec_.delta * (1.0 + spec_.sigma_delta * xi[3])};
}

State opposite(State s) { return s == State::lrs ? State::hrs : State::lrs; }

std::vector<Junction> SttCell::junctions(const CellArray& cells) const {
  const std::vector<double> xi = all_normals(cells, "d2d");
  std::vector<Junction> out(cells.size());
  for (std::size_t k = 0; k < cells.size(); ++k)
    out[k] = junction({xi[4 * k], xi[4 * k + 1], xi[4 * k + 2], xi[4 * k + 3]});
  return out;
}

// The states that write events leave behind: a failed one leaves the other state (the worst case: the bit had to
// change).
std::vector<State> SttCell::written(const CellArray& cells) const {
  const Window w = window();
  const std::vector<double> u = first_uniforms(cells, "write", cells.write);
  std::vector<State> out(cells.size());
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const State asked = cells.target[k] > 0.5 * (w.G_min + w.G_max) ? State::lrs : State::hrs;
    out[k] = u[k] < spec_.write_error ? opposite(asked) : asked;
    if (cells.stuck[k] != Stuck::no) out[k] = cells.stuck[k] == Stuck::lrs ? State::lrs : State::hrs;
  }
  return out;
}

void check_binary(const CellArray& cells, const Window& w) {
  for (const double target : cells.target)
    core::require(std::min(std::abs(target - w.G_min), std::abs(target - w.G_max)) <= 1e-9 * w.G_max,
                  core::ErrorKind::value,
                  {.rule = "a one-bit cell has two targets",
                   .name = "target",
                   .value = core::number(target),
                   .unit = "S",
                   .allowed = core::number(w.G_min) + " or " + core::number(w.G_max),
                   .remedy = "map with slice_bits = 1"});
}

void SttCell::program(CellArray& cells) const {
  prepare(cells, window());
  check_binary(cells, window());
  const std::vector<Junction> made = junctions(cells);
  const std::vector<State> state = written(cells);
  for (std::size_t k = 0; k < cells.size(); ++k)
    cells.G[k] = to_cell(state[k] == State::lrs ? made[k].R_P : made[k].R_AP);
  cells.pulses = static_cast<double>(cells.size());
  cells.energy = spec_.write_energy * cells.pulses;
}

// A cell leaves its state once the hazard it has gathered, of rest and of reads, exceeds its own frozen exponential
// draw: P = 1 - exp(-hazard), and one trajectory whatever the ages asked for.
void SttCell::age(CellArray& cells, const Ageing& ageing) const {
  check_ageing(*this, ageing);
  program(cells);
  std::vector<double> I(cells.size());
  current(cells.G, ageing.v_read, I);
  const std::vector<Junction> made = junctions(cells);
  const std::vector<State> written_state = written(cells);
  const std::vector<double> flip = first_uniforms(cells, "flip", cells.write);
  const double rest = ageing.seconds / spec_.tau_0, reading = ageing.reads * ageing.t_read / spec_.tau_0;
  for (std::size_t k = 0; k < cells.size(); ++k) {
    if (cells.stuck[k] != Stuck::no) continue;
    const Junction& j = made[k];
    const State state = written_state[k];
    const double barrier = j.delta * reference_temperature / ageing.temperature;
    const double left = std::max(0.0, 1.0 - std::abs(I[k]) / spec_.i_c0);  // no barrier remains above i_c0
    double hazard = rest * std::exp(-barrier);
    if (state == spec_.disturbed) hazard += reading * std::exp(-barrier * std::pow(left, spec_.disturb_exponent));
    if (hazard > -std::log(flip[k])) cells.G[k] = to_cell(opposite(state) == State::lrs ? j.R_P : j.R_AP);
  }
}

// The voltage v across a junction of zero-bias resistance R_0 in the antiparallel state, when V drops over it and the
// access device: v + R_access v/R(v) = V with R(v) = R_0 (1 + TMR s)/(1 + TMR), s = 1/(1 + (v/v_half)^2).
double SttCell::junction_voltage(double R_0, double V) const {
  const double c = R_0 / (1.0 + spec_.tmr), R_a = spec_.access_resistance;
  double v = V * R_0 / (R_0 + R_a);
  for (int i = 0; i < 50; ++i) {
    const double u = v / *spec_.v_half, s = 1.0 / (1.0 + u * u);
    const double R = c * (1.0 + spec_.tmr * s), dR = -2.0 * c * spec_.tmr * u * s * s / *spec_.v_half;
    const double step = (v + R_a * v / R - V) / (1.0 + R_a * (1.0 - v * dR / R) / R);
    v -= step;
    if (std::abs(step) <= 1e-13 * std::abs(V)) return v;
  }
  throw core::Error(core::ErrorKind::convergence, {.rule = "the junction and its access device found no common current",
                                                   .name = "V",
                                                   .value = core::number(V),
                                                   .unit = "V",
                                                   .allowed = "",
                                                   .remedy = ""});
}

// Current and slope at V >= 0 of an antiparallel junction of zero-bias resistance R_0 and its access device.
SttCell::Point SttCell::bent(double R_0, double V) const {
  const double v = V == 0.0 ? 0.0 : junction_voltage(R_0, V), u = v / *spec_.v_half, s = 1.0 / (1.0 + u * u);
  const double c = R_0 / (1.0 + spec_.tmr), R = c * (1.0 + spec_.tmr * s);
  const double dR = -2.0 * c * spec_.tmr * u * s * s / *spec_.v_half, own = (1.0 - v * dR / R) / R;
  return {.I = v / R, .slope = own / (1.0 + spec_.access_resistance * own)};
}

// R_0 where the cell bends, 0 where it does not. The state is read off the resistance (either side of the geometric
// mean of the nominal ones); only the antiparallel state bends, with the shape of the nominal TMR.
double SttCell::bending_resistance(double G) const {
  const Junction j = nominal();
  const double R_0 = G > 0.0 ? 1.0 / G - spec_.access_resistance : 0.0;
  return R_0 > std::sqrt(j.R_P * j.R_AP) ? R_0 : 0.0;
}

// G is the zero-bias conductance with the access device.
void SttCell::current(std::span<const double> G, double V, std::span<double> out) const {
  if (!spec_.v_half) return Cell::current(G, V, out);
  for (std::size_t k = 0; k < G.size(); ++k) {
    const double R_0 = bending_resistance(G[k]);
    out[k] = R_0 > 0.0 ? std::copysign(bent(R_0, std::abs(V)).I, V) : G[k] * V;
  }
}

void SttCell::curve(std::span<const double> G, std::span<const double> V, std::span<double> I,
                    std::span<double> slope) const {
  Cell::curve(G, V, I, slope);
  if (!spec_.v_half) return;
  const std::size_t each = V.size() / std::max<std::size_t>(1, G.size());
  for (std::size_t k = 0; k < V.size(); ++k)
    if (const double R_0 = bending_resistance(G[k / each]); R_0 > 0.0) {
      const Point p = bent(R_0, std::abs(V[k]));
      I[k] = std::copysign(p.I, V[k]);
      slope[k] = p.slope;
    }
}

}  // namespace

CellModel sttmram_model() { return cell_model<SttSpec, SttCell>(); }

}  // namespace wordline::devices
