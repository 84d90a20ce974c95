// ngspice as judge of gated arrays.
#include "tests/crossbar/gated.hpp"

#include <cstdio>

#include "tests/catch.hpp"
#include "tests/spice/ngspice.hpp"

using namespace wordline;
using namespace wordline::test;

namespace {

std::string ohms(double value) {
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof text, "%.17g", value));
  return text;
}

// Closed cells of a device that leaks are two resistors; those that are cut off are left out.
std::string deck(const Matrix& G, const GatedLines& lines, const Opened& inputs) {
  std::string text = "* gated array\n.options reltol=1e-12 abstol=1e-24 vntol=1e-18 gmin=1e-24\n", prints;
  const auto node = [](const char* kind, Index i, Index j) {
    return kind + std::to_string(i) + "_" + std::to_string(j);
  };
  int count = 0;
  const auto resistor = [&](const std::string& a, const std::string& b, double value) {
    text += "R" + std::to_string(count++) + " " + a + " " + b + " " + ohms(value) + "\n";
  };
  for (Index j = 0; j < G.cols(); ++j) {
    for (Index i = 0; i < G.rows(); ++i) {
      const std::string s = node("s", i, j), b = node("b", i, j);
      if (G(i, j) > 0.0 && inputs(0, i)) resistor(s, b, 1.0 / G(i, j));
      if (G(i, j) > 0.0 && !inputs(0, i) && lines.leakage > 0.0) {
        resistor(s, node("c", i, j), 1.0 / lines.leakage);
        resistor(node("c", i, j), b, 1.0 / G(i, j));
      }
      if (i > 0) resistor(node("s", i - 1, j), s, lines.source);
      if (i > 0) resistor(node("b", i - 1, j), b, lines.col);
    }
    const std::string name = std::to_string(j), end = "o" + name;
    resistor("vdd", node("s", lines.source_end == SourceEnd::same ? G.rows() - 1 : 0, j), lines.driver(j));
    resistor(node("b", G.rows() - 1, j), end, lines.sense(j));
    text += "Vsense" + name + " " + end + " 0 0\n";
    prints += "print i(vsense" + name + ")\n";
  }
  text += "Vdd vdd 0 " + ohms(lines.v_read) + "\n";
  return text + ".control\nset numdgt=15\nop\n" + prints + "print i(vdd)\nquit 0\n.endc\n.end\n";
}

}  // namespace

TEST_CASE("ngspice gives the currents and the power of gated arrays") {
  for (const Index n : {8, 32})
    for (const SourceEnd end : {SourceEnd::same, SourceEnd::opposite})
      for (const double leakage : {0.0, 1e-7}) {
        const Matrix G = random_cells(n, n, 21);
        const Opened inputs = random_inputs(1, n, 0.5, 22);
        GatedLines lines = gated_lines(n, 2.5, 1.5, 100.0, 50.0, end);
        lines.leakage = leakage;
        const auto seen = ngspice(deck(G, lines, inputs));
        const auto ours = crossbar::gated_currents(G, lines, inputs);
        INFO(n << " x " << n << ", leakage " << leakage);
        for (Index j = 0; j < n; ++j)
          CHECK(seen.at("i(vsense" + std::to_string(j) + ")") == Approx(ours.columns(0, j)).epsilon(1e-9));
        CHECK(-lines.v_read * seen.at("i(vdd)") == Approx(ours.power(0)).epsilon(1e-9));
      }
}
