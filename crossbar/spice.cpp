#include "crossbar/spice.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace wordline::crossbar {
namespace {

using Eigen::Index;

std::string exact(double x) {
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.17g", x));
  return text.data();
}

// Elements between named nodes.
class Deck {
 public:
  explicit Deck(const CellShape& shape) : shape_(shape) {}

  std::string text = "* crossbar\n", prints;

  static std::string name(const char* kind, Index i, Index j) {
    return kind + std::to_string(i) + "_" + std::to_string(j);
  }
  // Open where infinite; nothing where both ends are one node.
  void resistor(const std::string& name, const std::string& from, const std::string& to, double ohm) {
    if (std::isfinite(ohm) && from != to) text += "R" + name + " " + from + " " + to + " " + exact(ohm) + "\n";
  }
  // A source whose current is printed, behind a resistance: the line's end itself behind 0 ohm.
  void terminal(const std::string& name, const std::string& end, double ohm, double volt) {
    const std::string node = ohm == 0.0 ? end : name;
    resistor(name, node, end, ohm);
    text += "V" + name + " " + node + " 0 " + exact(volt) + "\n";
    prints += "print i(v" + name + ")\n";
  }
  void cell(Index i, Index j, const std::string& from, const std::string& to, double siemens) {
    if (siemens <= 0.0) return;
    const std::string cell = name("cell", i, j), inner = name("s", i, j);
    if (shape_.linear()) return resistor(cell, from, to, 1.0 / siemens);
    const bool selects = shape_.selector.index() != 0;
    const std::string end = selects ? inner : to;
    source(cell, from, end, spice_current(shape_, siemens, "v(" + from + "," + end + ")"));
    if (selects) source("sel" + cell, inner, to, spice_selector(shape_, "v(" + inner + "," + to + ")"));
  }
  std::string finish() {
    return text + ".options reltol=1e-12 abstol=1e-20 vntol=1e-15 gmin=1e-20 itl1=1000\n.control\nset numdgt=15\nop\n" +
           prints + "quit\n.endc\n.end\n";
  }

 private:
  void source(const std::string& name, const std::string& from, const std::string& to, const std::string& current) {
    text += "B" + name + " " + from + " " + to + " I=" + current + "\n";
  }
  CellShape shape_;
};

// One line per word line and bit line.
void add_lines(const Matrix& G, const Lines& lines, Deck& deck) {
  const auto word = [&](Index i, Index j) { return Deck::name("w", i, lines.row == 0.0 ? 0 : j); };
  const auto bit = [&](Index i, Index j) { return Deck::name("b", lines.col == 0.0 ? G.rows() - 1 : i, j); };
  for (Index i = 0; i < G.rows(); ++i)
    for (Index j = 0; j < G.cols(); ++j) {
      deck.cell(i, j, word(i, j), bit(i, j), G(i, j));
      if (j > 0) deck.resistor(Deck::name("row", i, j), word(i, j - 1), word(i, j), lines.row);
      if (i > 0) deck.resistor(Deck::name("col", i, j), bit(i - 1, j), bit(i, j), lines.col);
    }
}

// The source line and the bit line of one column.
void add_column(const Matrix& G, const GatedLines& lines, const Opened& input, Index j, Deck& deck) {
  const Index last = G.rows() - 1;
  const Index fed = lines.source_end == SourceEnd::same ? last : 0;
  const auto source = [&](Index i) { return Deck::name("w", lines.source == 0.0 ? fed : i, j); };
  const auto bit = [&](Index i) { return Deck::name("b", lines.col == 0.0 ? last : i, j); };
  for (Index i = 0; i <= last; ++i) {
    if (input(0, i)) deck.cell(i, j, source(i), bit(i), G(i, j));
    if (!input(0, i) && lines.leakage > 0.0) {
      deck.resistor(Deck::name("leak", i, j), source(i), Deck::name("c", i, j), 1.0 / lines.leakage);
      deck.cell(i, j, Deck::name("c", i, j), bit(i), G(i, j));
    }
    if (i > 0) deck.resistor(Deck::name("row", i, j), source(i - 1), source(i), lines.source);
    if (i > 0) deck.resistor(Deck::name("col", i, j), bit(i - 1), bit(i), lines.col);
  }
  deck.terminal("source" + std::to_string(j), source(fed), lines.driver(j), lines.v_read);
  deck.terminal("sense" + std::to_string(j), bit(last), lines.sense(j), 0.0);
}

}  // namespace

std::string to_spice(const Matrix& G, const Lines& lines, const Eigen::VectorXd& V, const CellShape& shape,
                     const Eigen::VectorXd& held) {
  check(G, lines);
  check_voltages(V, G.rows(), "V");
  if (held.size() != 0) check_voltages(held, G.cols(), "held");
  Deck deck(shape);
  add_lines(G, lines, deck);
  for (Index i = 0; i < G.rows(); ++i)
    deck.terminal("drive" + std::to_string(i), Deck::name("w", i, 0), lines.driver(i), V(i));
  for (Index j = 0; j < G.cols(); ++j)
    deck.terminal("sense" + std::to_string(j), Deck::name("b", G.rows() - 1, j), lines.sense(j),
                  held.size() != 0 ? held(j) : 0.0);
  return deck.finish();
}

std::string to_spice(const Matrix& G, const GatedLines& lines, const Opened& input, const CellShape& shape) {
  static_cast<void>(gated_currents(G, lines, input));  // checks numbers and sizes
  Deck deck(shape);
  for (Index j = 0; j < G.cols(); ++j) add_column(G, lines, input, j, deck);
  return deck.finish();
}

}  // namespace wordline::crossbar
