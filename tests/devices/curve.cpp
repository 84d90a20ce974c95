#include <cmath>

#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// Curves for arrays with line resistance: the currents of current(), and slopes that are theirs.
namespace {

using namespace wordline;

const std::vector<core::Value> models{
    {{"model", "reram"}, {"g_min", 1e-6}, {"leakage", 1e-8}},
    {{"model", "reram"},
     {"g_min", 1e-6},
     {"leakage", 1e-7},
     {"iv", {{"nl2", {1e-5}}, {"nl3", {1e-4, 1e-6}}, {"g_first", 5e-6}, {"g_last", 5e-5}, {"v_max", 0.5}}}},
    {{"model", "sttmram"}, {"v_half", 0.3}},
    {{"model", "sttmram"}, {"v_half", 0.3}, {"access_resistance", 3000.0}}};

}  // namespace

TEST_CASE("a curve holds the currents of its cell and their slopes") {
  for (const core::Value& settings : models) {
    INFO(settings.dump());
    const auto cell = cases::make(settings);
    const devices::Window w = cell->window();
    REQUIRE(cell->has_curve());
    const std::vector<double> G{w.G_min, 0.3 * w.G_min + 0.7 * w.G_max, w.G_max};
    for (const double v : {-0.4, -0.05, 0.1, 0.25, 0.45}) {
      const double h = 1e-5;
      const std::vector<double> V{v, v - h, v + h, v, v - h, v + h, v, v - h, v + h};
      std::vector<double> I(V.size()), slope(V.size()), same(G.size());
      cell->curve(G, V, I, slope);
      cell->current(G, v, same);
      for (std::size_t k = 0; k < G.size(); ++k) {
        CHECK(I[3 * k] == Approx(same[k]).epsilon(1e-12));
        CHECK(slope[3 * k] == Approx((I[3 * k + 2] - I[3 * k + 1]) / (2.0 * h)).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("beyond the measured voltage a curve goes on straight") {
  const auto cell = cases::make(models[1]);
  const std::vector<double> G{2e-5}, V{0.5, 0.6, 0.7, -0.7};
  std::vector<double> I(4), slope(4);
  cell->curve(G, V, I, slope);
  CHECK(slope[1] == Approx(slope[0]).epsilon(1e-12));
  CHECK(I[2] - I[1] == Approx(0.1 * slope[0]).epsilon(1e-9));
  CHECK(I[3] == -I[2]);
}
