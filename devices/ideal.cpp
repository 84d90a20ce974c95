#include "core/error.hpp"
#include "devices/models.hpp"

/// A cell without any error: it becomes exactly what it is asked to be and stays so. docs/methods/devices_ideal.md
namespace wordline::devices {
namespace {

struct IdealSpec {
  double g_min = 0.0;
  double g_max = 100e-6;

  static constexpr std::string_view model_name = "ideal";
  static constexpr std::string_view spec_name = "IdealCell";
  static constexpr std::string_view help = "a cell without any error, of continuous conductance";
  static constexpr auto fields() {
    return std::make_tuple(
        core::field("g_min", &IdealSpec::g_min, "S", core::at_least(0.0), "conductance of the high-resistance state"),
        core::field("g_max", &IdealSpec::g_max, "S", core::positive(), "conductance of the low-resistance state"));
  }
  void check() const { check_window(g_min, g_max); }
};

class IdealCell final : public Cell {
 public:
  explicit IdealCell(const IdealSpec& spec) : spec_(spec) {}

  std::string_view name() const override { return IdealSpec::model_name; }
  Window window() const override { return {.G_min = spec_.g_min, .G_max = spec_.g_max, .levels = 0}; }

  void program(CellArray& cells) const override {
    prepare(cells, window());
    cells.G = cells.target;
    hold_stuck(cells, window());
  }

  // A claim, not silence: the ideal cell stays what it is through time, heat and reads.
  AgeingInputs models() const override { return {.time = true, .temperature = true, .reads = true}; }

 private:
  IdealSpec spec_;
};

}  // namespace

CellModel ideal_model() { return cell_model<IdealSpec, IdealCell>(); }

}  // namespace wordline::devices
