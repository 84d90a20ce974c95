#include "tests/crossbar/gated.hpp"

#include <cmath>

#include "core/error.hpp"
#include "tests/catch.hpp"

using namespace wordline;
using namespace wordline::test;
using crossbar::gated_currents;
using crossbar::secant_conductance;

namespace {

const std::pair<Index, Index> sizes[] = {{1, 1}, {1, 4}, {2, 3}, {3, 2}, {9, 5}, {32, 3}, {61, 2}};

void check_against_nodes(const Matrix& G, const GatedLines& lines, const Opened& inputs) {
  const auto seen = gated_currents(G, lines, inputs);
  INFO(G.rows() << " x " << G.cols() << ", source " << lines.source << ", col " << lines.col);
  const double scale = 1e-11 * lines.v_read * (G.sum() + g_max);  // a missing cell leaves rounding
  for (Index k = 0; k < inputs.rows(); ++k) {
    const GatedNodes nodes = gated_nodes(G, lines, inputs, k);
    CHECK((seen.columns.row(k).transpose() - nodes.columns).cwiseAbs().maxCoeff() <= 1e-2 * scale);
    CHECK(std::abs(seen.power(k) - nodes.given) <= scale * lines.v_read);
    CHECK(std::abs(seen.power(k) - nodes.heat) <= scale * lines.v_read);
  }
}

std::string complaint(const Matrix& G, const GatedLines& lines, const Opened& inputs) {
  try {
    gated_currents(G, lines, inputs);
  } catch (const core::Error& error) {
    CHECK(error.kind() == core::ErrorKind::value);
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("gated arrays equal nodal analysis of all their columns") {
  std::uint32_t seed = 1;
  for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
    for (const double source : {0.0, 1e-2, 3.0, 2e3, open})
      for (const double col : {0.0, 2e-2, 5.0, 1e4, open})
        for (const auto& [rows, cols] : sizes) {
          GatedLines lines = gated_lines(cols, source, col, 100.0, 50.0, end);
          lines.leakage = seed % 3 == 0 ? 1e-7 : 0.0;
          const double kinds[] = {7.0, 0.0, 300.0, open};
          if (cols > 2 && rows > 3)
            for (Index j = 0; j < cols; ++j) lines.driver(j) = kinds[j % 4], lines.sense(j) = kinds[(j + 1) % 3];
          check_against_nodes(random_cells(rows, cols, seed), lines, random_inputs(3, rows, 0.5, seed));
          ++seed;
        }
}

TEST_CASE("a column without metal is the sum of its open cells") {
  const Matrix G = random_cells(20, 6, 3);
  const Opened inputs = random_inputs(9, 20, 0.4, 4);
  const Matrix expected = 0.2 * inputs.cast<double>().matrix() * G;
  for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
    CHECK(difference(gated_currents(G, gated_lines(6, 0, 0, 0, 0, end), inputs).columns, expected) < 1e-15);
  for (const double almost : {1e-12, 1e-100, 1e-160, 1e-310})
    for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
      CHECK(difference(gated_currents(G, gated_lines(6, almost, almost, 0, 0, end), inputs).columns, expected) < 1e-12);
}

TEST_CASE("two cells by hand, from both ends") {
  const Matrix G = Matrix::Constant(2, 1, 1e-3);  // 1 kohm
  const Opened both = Opened::Constant(1, 2, true);
  // From the same end the far cell stands behind both rails' segments: 1000 beside 1000 + 300 + 200.
  const double same = 1000.0 * 1500.0 / 2500.0;
  CHECK(gated_currents(G, gated_lines(1, 300, 200, 40, 60, SourceEnd::same), both).columns(0, 0) ==
        Approx(0.2 / (same + 100.0)).epsilon(1e-14));
  // From opposite ends one way is 1000 + 200, the other 300 + 1000.
  const double opposite = 1200.0 * 1300.0 / 2500.0;
  CHECK(gated_currents(G, gated_lines(1, 300, 200, 40, 60, SourceEnd::opposite), both).columns(0, 0) ==
        Approx(0.2 / (opposite + 100.0)).epsilon(1e-14));
}

TEST_CASE("every vector is the same to the last bit alone and among others") {
  const Matrix G = random_cells(37, 5, 6);
  const Opened inputs = random_inputs(29, 37, 0.5, 7);
  for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite}) {
    const GatedLines lines = gated_lines(5, 2.0, 3.0, 100.0, 50.0, end);
    const auto all = gated_currents(G, lines, inputs);
    for (Index k = 0; k < inputs.rows(); ++k) {
      const auto one = gated_currents(G, lines, inputs.row(k));
      CHECK(one.columns.row(0) == all.columns.row(k));
      CHECK(one.power(0) == all.power(k));
    }
  }
}

TEST_CASE("no vectors give no currents") {
  const auto none = gated_currents(random_cells(3, 2, 1), gated_lines(2, 1, 1, 1, 1, SourceEnd::same), Opened(0, 3));
  CHECK(none.columns.rows() == 0);
  CHECK(none.columns.cols() == 2);
}

TEST_CASE("the secant reproduces its own pattern") {
  std::uint32_t seed = 1;
  for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
    for (const double source : {0.0, 3.0, 2e3, open})
      for (const double col : {0.0, 5.0, 1e4, open})
        for (const auto& [rows, cols] : sizes) {
          const Matrix G = random_cells(rows, cols, seed);
          GatedLines lines = gated_lines(cols, source, col, seed % 2 == 0 ? 0.0 : 100.0, 50.0, end);
          lines.leakage = seed % 3 == 0 ? 1e-6 : 0.0;
          const Opened inputs = random_inputs(1, rows, 0.5, ++seed);
          const VectorXd pattern = inputs.cast<double>().matrix().transpose();
          const Matrix seen = secant_conductance(G, lines, pattern).currents(inputs, lines.v_read);
          INFO(rows << " x " << cols << ", source " << source << ", col " << col);
          CHECK((seen - gated_currents(G, lines, inputs).columns).cwiseAbs().maxCoeff() <= 1e-12 * 0.2 * G.sum());
        }
}

TEST_CASE("the secant at mean activity is as good as stated") {
  // 64 x 64 cells of 1 to 100 uS, r G_max n^2 = 0.4, 100 ohm in all at the terminals; the table of
  // docs/methods/topologies.md.
  const Index n = 64;
  const Matrix G = random_cells(n, n, 8);
  const Opened inputs = random_inputs(400, n, 0.5, 9);
  for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite}) {
    const GatedLines lines = gated_lines(n, 1.0, 1.0, 50.0, 50.0, end);
    const Matrix exact = gated_currents(G, lines, inputs).columns;
    const Matrix fast = secant_conductance(G, lines, VectorXd::Constant(n, 0.5)).currents(inputs, lines.v_read);
    const Matrix ideal = lines.v_read * inputs.cast<double>().matrix() * G;
    const Matrix spread = exact.rowwise() - exact.colwise().mean();
    CHECK((fast - exact).norm() == Approx(0.027 * exact.norm()).epsilon(0.1));
    CHECK((fast - exact).norm() == Approx(0.21 * spread.norm()).epsilon(0.1));
    CHECK((ideal - exact).norm() == Approx(0.22 * exact.norm()).epsilon(0.1));
  }
}

TEST_CASE("gated arrays refuse what is none") {
  const Matrix G = random_cells(3, 2, 1);
  const Opened inputs = random_inputs(2, 3, 0.5, 1);
  const GatedLines good = gated_lines(2, 1, 1, 1, 1, SourceEnd::same);
  const auto with = [&](auto change) {
    GatedLines lines = good;
    change(lines);
    return complaint(G, lines, inputs);
  };
  CHECK(complaint(G, good, inputs) == "none");
  CHECK_THAT(with([](auto& l) { l.source = -1.0; }), Catch::Matchers::Contains("source"));
  CHECK_THAT(with([](auto& l) { l.col = std::nan(""); }), Catch::Matchers::Contains("col"));
  CHECK_THAT(with([](auto& l) { l.driver(1) = -2.0; }), Catch::Matchers::Contains("driver[1]"));
  CHECK_THAT(with([](auto& l) { l.sense.resize(3); }), Catch::Matchers::Contains("sense"));
  CHECK_THAT(with([](auto& l) { l.v_read = open; }), Catch::Matchers::Contains("v_read"));
  CHECK_THAT(with([](auto& l) { l.leakage = -1e-9; }), Catch::Matchers::Contains("leakage"));
  CHECK_THAT(complaint(G, good, Opened(1, 4)), Catch::Matchers::Contains("inputs"));
  CHECK_THAT(complaint(Matrix(), good, inputs), Catch::Matchers::Contains("at least one cell"));
  Matrix bad = G;
  bad(1, 1) = -1e-6;
  CHECK_THAT(complaint(bad, good, inputs), Catch::Matchers::Contains("G[1, 1]"));
  CHECK_THROWS_AS(secant_conductance(G, good, VectorXd::Constant(3, 1.5)), core::Error);
  CHECK_THROWS_AS(secant_conductance(G, good, VectorXd::Constant(2, 0.5)), core::Error);
}
