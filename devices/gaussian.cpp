#include <algorithm>
#include <cmath>

#include "devices/choices.hpp"
#include "devices/models.hpp"
#include "devices/physics.hpp"

/// Normal write errors and normal read noise of a size the user states: the generic cell of sensitivity studies.
/// docs/methods/devices_gaussian.md
namespace wordline::devices {
namespace {

struct GaussianSpec {
  double g_min = 0.0;
  double g_max = 100e-6;
  std::optional<std::int64_t> levels;
  double d2d = 0.0;
  double c2c = 0.0;
  SigmaKind write_kind = SigmaKind::range;
  double read_noise = 0.0;
  SigmaKind read_kind = SigmaKind::range;
  bool thermal_noise = false;
  bool shot_noise = false;
  double stuck_lrs = 0.0;
  double stuck_hrs = 0.0;

  static constexpr std::string_view model_name = "gaussian";
  static constexpr std::string_view spec_name = "GaussianCell";
  static constexpr std::string_view help = "a cell with normal write errors and read noise of a stated size";
  static constexpr auto fields() {
    using S = GaussianSpec;
    using core::field;
    return std::make_tuple(
        field("g_min", &S::g_min, "S", core::at_least(0.0), "conductance of the high-resistance state"),
        field("g_max", &S::g_max, "S", core::positive(), "conductance of the low-resistance state"),
        field("levels", &S::levels, "level", core::between(2, 65536), "distinct targets; None = continuous"),
        field("d2d", &S::d2d, "", core::at_least(0.0),
              "sigma of the write error a cell keeps for ever; S when write_kind is constant, else a ratio"),
        field("c2c", &S::c2c, "", core::at_least(0.0),
              "sigma of the write error drawn at every programming; S when write_kind is constant, else a ratio"),
        field("write_kind", &S::write_kind, "", core::any(),
              "what d2d and c2c mean: constant (S), proportional (to G) or range (to g_max - g_min)"),
        field("read_noise", &S::read_noise, "", core::at_least(0.0),
              "sigma of the conductance in one read; S when read_kind is constant, else a ratio"),
        field("read_kind", &S::read_kind, "", core::any(),
              "what read_noise means: constant (S), proportional (to G) or range (to g_max - g_min)"),
        field("thermal_noise", &S::thermal_noise, "", core::any(), "Johnson noise 4kTG/(2 t_read)"),
        field("shot_noise", &S::shot_noise, "", core::any(), "shot noise 2q|I|/(2 t_read)"),
        field("stuck_lrs", &S::stuck_lrs, "", core::between(0.0, 1.0), "probability of a cell stuck at g_max"),
        field("stuck_hrs", &S::stuck_hrs, "", core::between(0.0, 1.0), "probability of a cell stuck at g_min"));
  }
  void check() const {
    check_window(g_min, g_max);
    check_stuck(stuck_lrs, stuck_hrs);
  }
};

class GaussianCell final : public Cell {
 public:
  explicit GaussianCell(const GaussianSpec& spec) : spec_(spec) {}

  std::string_view name() const override { return GaussianSpec::model_name; }
  Window window() const override {
    return {.G_min = spec_.g_min, .G_max = spec_.g_max, .levels = spec_.levels.value_or(0)};
  }

  void fabricate(CellArray& cells) const override { draw_stuck(cells, spec_.stuck_lrs, spec_.stuck_hrs); }

  void program(CellArray& cells) const override {
    prepare(cells, window());
    const std::vector<double> d2d = first_normals(cells, "d2d"), c2c = first_normals(cells, "c2c", cells.write);
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const double unit = unit_of(spec_.write_kind, cells.target[k], window());
      const double error = spec_.d2d * d2d[k] + spec_.c2c * c2c[k];
      cells.G[k] = std::max(0.0, cells.target[k] + unit * error);
    }
    hold_stuck(cells, window());
  }

  ReadNoise read_noise(const CellArray& cells, const ReadConditions& read) const override {
    ReadNoise noise = silence(cells.size());
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const double sigma = spec_.read_noise * unit_of(spec_.read_kind, cells.G[k], window());
      noise.a2[k] = sigma * sigma;
    }
    if (spec_.thermal_noise) add_thermal_noise(cells.G, read, noise);
    if (spec_.shot_noise) add_shot_noise(*this, cells.G, read, noise);
    return noise;
  }
  bool has_read_noise() const override { return spec_.read_noise > 0.0 || spec_.thermal_noise || spec_.shot_noise; }

 private:
  GaussianSpec spec_;
};

}  // namespace

CellModel gaussian_model() { return cell_model<GaussianSpec, GaussianCell>(); }

}  // namespace wordline::devices
