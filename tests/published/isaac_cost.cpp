// The ISAAC chip, Shafiee et al., ISCA 2016, doi:10.1109/ISCA.2016.12: our component set has to add up to its table.
#include "cost/price.hpp"
#include "cost/rated.hpp"
#include "tests/catch.hpp"
#include "tests/cost/cases.hpp"

namespace {

using namespace wordline;
using cases::isaac;
using cost::Level;

constexpr double published = 0.005;  // the table is rounded to three digits

TEST_CASE("subtotals of the ISAAC table", "[published]") {
  const auto t = cost::rated_table(isaac());
  CHECK(t.tile_parts().power == Approx(40.9e-3).epsilon(published));
  CHECK(t.tile_parts().area == Approx(0.215e-6).epsilon(published));
  CHECK(t.ima().power == Approx(24.1e-3).epsilon(published));
  CHECK(t.ima().area == Approx(0.0131e-6).epsilon(published));
  CHECK(12 * t.ima().power == Approx(289e-3).epsilon(published));
  CHECK(12 * t.ima().area == Approx(0.157e-6).epsilon(published));
  CHECK(t.tile().power == Approx(330e-3).epsilon(published));
  CHECK(t.tile().area == Approx(0.372e-6).epsilon(published));
}

TEST_CASE("power and area of the ISAAC chip", "[published]") {
  const auto t = cost::rated_table(isaac());
  CHECK(168 * t.tile().power == Approx(55.4).epsilon(published));
  CHECK(168 * t.tile().area == Approx(62.5e-6).epsilon(published));
  CHECK(t.chip().power == Approx(65.8).epsilon(published));
  CHECK(t.chip().area == Approx(85.4e-6).epsilon(published));
}

TEST_CASE("computational efficiency and storage density of the ISAAC chip", "[published]") {
  const auto& g = isaac().spec.grouping;
  const auto chip = cost::rated_table(isaac()).chip();
  const double arrays = static_cast<double>(g.tiles_per_chip * g.imas_per_tile * g.arrays_per_ima);
  const double cells = arrays * static_cast<double>(g.array_rows * g.array_cols);
  // 16-bit weights in 8 cells of 2 bits, 16-bit inputs in 16 cycles of 100 ns, 1 MAC = 2 operations.
  const double gops = 2 * (cells / 8) / (16 * 100e-9) * 1e-9;
  const double mm2 = chip.area * 1e6;
  CHECK(gops / mm2 == Approx(483.6).epsilon(published));
  CHECK(gops / mm2 == Approx(478.95).epsilon(0.015));
  CHECK(2 * cells / 8 / (1 << 20) / mm2 == Approx(0.74).epsilon(published));  // MB = 2^20 bytes
}

TEST_CASE("ADCs take 58 % of the power and 31 % of the area of an ISAAC tile", "[published]") {
  const auto tile = cost::rated_table(isaac()).tile();
  CHECK(12 * isaac().spec.adc.power / tile.power == Approx(0.58).margin(0.005));
  CHECK(12 * isaac().spec.adc.area / tile.area == Approx(0.31).margin(0.005));
}

TEST_CASE("pricing a mapping that fills the chip gives the table again", "[published]") {
  const auto t = cost::rated_table(isaac());
  const auto ledger = cost::price(isaac(), {cases::full_tiles(168)});
  CHECK(ledger.rated_power() == Approx(t.chip().power - t.rows_of(Level::chip).power).epsilon(1e-12));
  CHECK(ledger.area() == Approx(t.chip().area - t.rows_of(Level::chip).area).epsilon(1e-12));
}

// Measured activity and rated power are two views of one chip: at full load they meet.
TEST_CASE("a fully busy tile dissipates what its components are rated for", "[published]") {
  const auto ledger = cost::price(isaac(), {cases::full_tiles(1)});
  REQUIRE(ledger.latency() == Approx(16 * 128 / 1.2e9));
  const auto shares = ledger.by_component();
  const auto load = [&](std::string_view name) {
    for (const auto& s : shares)
      if (s.name == name) return s.energy / ledger.latency() / s.rated_power;
    return -1.0;
  };
  for (const char* name : {"ADC", "row driver", "sample-and-hold", "shift-and-add", "input register", "output register",
                           "bus", "tile output register"}) {
    CAPTURE(name);
    CHECK(load(name) == Approx(1.0).epsilon(1e-12));
  }
  CHECK(load("buffer") == Approx(0.5).epsilon(1e-12));  // the table's rate lets each bit in and out again
  CHECK(load("router") > 0.0);
  CHECK(load("router") < 1.0);
}

}  // namespace
