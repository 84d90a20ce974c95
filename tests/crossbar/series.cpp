#include "crossbar/series.hpp"

#include <cmath>

#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/gated.hpp"

using namespace wordline;
using namespace wordline::test;
using crossbar::series_resistance;
using crossbar::series_voltage;
using crossbar::SeriesArray;

namespace {

SeriesArray random_array(Index rows, Index cols, std::uint32_t seed) {
  const auto ohms = [&](std::uint32_t s) { return Matrix(1e3 + 1e8 * random_cells(rows, cols, s).array()); };
  return {.off = ohms(seed), .on = ohms(seed + 1), .segment = 2.5, .terminals = VectorXd::Constant(cols, 40.0)};
}

// Ohm's law over a chain of nodes that carries 1 A.
double column_by_nodes(const SeriesArray& array, const Opened& inputs, Index k, Index j) {
  const int m = static_cast<int>(array.off.rows());
  Network net(2 * m + 1);
  for (int i = 0; i < m; ++i) {
    net.resistor(2 * i, 2 * i + 1, inputs(k, i) ? array.on(i, j) : array.off(i, j));
    net.resistor(2 * i + 1, 2 * i + 2, i + 1 < m ? array.segment : array.terminals(j));
  }
  net.hold(0, 1.0);
  net.hold(2 * m, 0.0);
  net.solve();
  return 1.0 / net.current(0);
}

}  // namespace

TEST_CASE("resistances of a column add up, metal included") {
  const auto [rows, cols] =
      GENERATE(std::pair<Index, Index>{1, 1}, std::pair<Index, Index>{64, 3}, std::pair<Index, Index>{7, 20});
  const SeriesArray array = random_array(rows, cols, 3);
  const Opened inputs = random_inputs(5, rows, 0.5, 4);
  const Matrix ohm = series_resistance(array, inputs);
  for (Index k = 0; k < inputs.rows(); ++k)
    for (Index j = 0; j < cols; ++j) CHECK(ohm(k, j) == Approx(column_by_nodes(array, inputs, k, j)).epsilon(1e-13));
  CHECK(difference(series_voltage(array, inputs, 2e-6), 2e-6 * ohm) == 0.0);
  for (Index k = 0; k < inputs.rows(); ++k) CHECK(series_resistance(array, inputs.row(k)).row(0) == ohm.row(k));
}

TEST_CASE("XNOR cells count equal signs") {
  const Opened weights = random_inputs(64, 8, 0.5, 5), inputs = random_inputs(6, 64, 0.5, 6);
  const double low = 4e3, high = 9e3;
  const Matrix on = weights.select(Matrix::Constant(64, 8, high).array(), low);
  const Matrix off = weights.select(Matrix::Constant(64, 8, low).array(), high);
  const Matrix ohm = series_resistance({.off = off, .on = on, .segment = 1.0, .terminals = VectorXd::Zero(8)}, inputs);
  for (Index k = 0; k < 6; ++k)
    for (Index j = 0; j < 8; ++j) {
      const auto equal = static_cast<double>((inputs.row(k).transpose() == weights.col(j)).count());
      CHECK(ohm(k, j) == 63.0 + high * equal + low * (64.0 - equal));
    }
}

TEST_CASE("open columns have no voltage, single cells no segments") {
  SeriesArray array = random_array(2, 2, 1);
  array.on(0, 1) = open;
  Opened inputs(1, 2);
  inputs << true, false;
  CHECK(std::isinf(series_resistance(array, inputs)(0, 1)));
  CHECK(std::isfinite(series_resistance(array, inputs)(0, 0)));
  CHECK_THROWS_AS(series_voltage(array, inputs, 1e-6), core::Error);
  CHECK(std::isfinite(series_resistance(array, !inputs)(0, 1)));
  SeriesArray single = random_array(1, 1, 1);
  single.segment = open;
  CHECK(series_resistance(single, Opened::Constant(1, 1, true))(0, 0) == single.on(0, 0) + 40.0);
}

TEST_CASE("series arrays refuse what is none") {
  const SeriesArray good = random_array(3, 2, 1);
  const Opened inputs = random_inputs(2, 3, 0.5, 1);
  const auto refuses = [&](auto change) {
    SeriesArray array = good;
    change(array);
    CHECK_THROWS_AS(series_resistance(array, inputs), core::Error);
  };
  CHECK_NOTHROW(series_resistance(good, inputs));
  refuses([](auto& a) { a.on(0, 0) = -1.0; });
  refuses([](auto& a) { a.off(2, 1) = std::nan(""); });
  refuses([](auto& a) { a.on.resize(2, 2); });
  refuses([](auto& a) { a.segment = -1.0; });
  refuses([](auto& a) { a.terminals(1) = -1.0; });
  refuses([](auto& a) { a.off.resize(0, 0); });
  CHECK_THROWS_AS(series_resistance(good, Opened(1, 2)), core::Error);
  CHECK_THROWS_AS(series_voltage(good, inputs, open), core::Error);
}
