#include "crossbar/spice.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace wordline::crossbar {
namespace {

using Eigen::Index;

std::string exact(double x) {
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.17g", x));
  return text.data();
}

// Names of nodes and elements.
class Deck {
 public:
  Deck(const Matrix& G, const Lines& lines) : G_(G), lines_(lines) {}

  std::string text = "* crossbar\n";

  std::string word(Index i, Index j) const { return "w" + pair(i, lines_.row == 0.0 ? 0 : j); }
  std::string bit(Index i, Index j) const { return "b" + pair(lines_.col == 0.0 ? G_.rows() - 1 : i, j); }
  static std::string pair(Index i, Index j) { return std::to_string(i) + "_" + std::to_string(j); }

  // Open where infinite; nothing where both ends are one node.
  void resistor(const std::string& name, const std::string& from, const std::string& to, double ohm) {
    if (std::isfinite(ohm) && from != to) text += "R" + name + " " + from + " " + to + " " + exact(ohm) + "\n";
  }
  void source(const std::string& name, const std::string& node, double volt) {
    text += "V" + name + " " + node + " 0 " + exact(volt) + "\n";
  }
  // The far side of a terminal: the line's end itself behind 0 ohm.
  std::string terminal(const std::string& name, const std::string& end, double ohm) {
    const std::string node = ohm == 0.0 ? end : name;
    resistor(name, node, end, ohm);
    return node;
  }

  void cells() {
    for (Index i = 0; i < G_.rows(); ++i)
      for (Index j = 0; j < G_.cols(); ++j) {
        if (G_(i, j) > 0.0) resistor("cell" + pair(i, j), word(i, j), bit(i, j), 1.0 / G_(i, j));
        if (j > 0) resistor("row" + pair(i, j), word(i, j - 1), word(i, j), lines_.row);
        if (i > 0) resistor("col" + pair(i, j), bit(i - 1, j), bit(i, j), lines_.col);
      }
  }
  void terminals(const Eigen::VectorXd& V) {
    for (Index i = 0; i < G_.rows(); ++i) {
      const std::string name = "drive" + std::to_string(i);
      source(name, terminal(name, word(i, 0), lines_.driver(i)), V(i));
    }
    for (Index j = 0; j < G_.cols(); ++j) {
      const std::string name = "sense" + std::to_string(j);
      source(name, terminal(name, bit(G_.rows() - 1, j), lines_.sense(j)), 0.0);
    }
  }
  void print() {
    text += ".options reltol=1e-12 abstol=1e-20 vntol=1e-15 gmin=1e-20\n.control\nset numdgt=15\nop\n";
    for (Index i = 0; i < G_.rows(); ++i) text += "print i(vdrive" + std::to_string(i) + ")\n";
    for (Index j = 0; j < G_.cols(); ++j) text += "print i(vsense" + std::to_string(j) + ")\n";
    text += "quit\n.endc\n.end\n";
  }

 private:
  const Matrix& G_;
  const Lines& lines_;
};

}  // namespace

std::string to_spice(const Matrix& G, const Lines& lines, const Eigen::VectorXd& V) {
  check(G, lines);
  check_voltages(V, G.rows(), "V");
  Deck deck(G, lines);
  deck.cells();
  deck.terminals(V);
  deck.print();
  return std::move(deck.text);
}

}  // namespace wordline::crossbar
