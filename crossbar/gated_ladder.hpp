#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "crossbar/gated.hpp"
#include "crossbar/rails.hpp"

/// One column of a gated array between its two terminals, for several sets of cells side by side.
namespace wordline::crossbar::rails {

/// A ladder whose first row is fed: where one rail is a single node, another ladder with one side.
struct Shape {
  double source, bit;
  bool reversed;   ///< rows from the last to the first
  bool one_sided;  ///< `bit` is then the resistance of both rails
};

// Products of such conductances would leave the range of a double; no cell feels such a resistance.
inline double contract(double ohm) { return ohm > 1e-150 ? ohm : 0.0; }

inline Shape shape_of(const GatedLines& lines) {
  const double source = contract(lines.source), bit = contract(lines.col);
  if (lines.source_end == SourceEnd::same) return {0.0, source + bit, false, true};
  if (source == 0.0) return {0.0, bit, false, true};
  if (bit == 0.0) return {0.0, source, true, true};
  return {source, bit, false, false};
}

/// S, between the two terminals.
template <int lanes>
Pack<lanes> conductance(Cells<lanes> g, const Shape& shape) {
  if (shape.reversed) std::reverse(g.begin(), g.end());
  if (shape.one_sided || g.size() == 1) return one_sided<lanes>(std::move(g), shape.bit).back();
  auto ladder = Triangle<lanes>::second_row(g[0], g[1], shape.source, shape.bit);
  for (std::size_t i = 2; i < g.size(); ++i) ladder.advance(g[i], 1.0 / shape.source, 1.0 / shape.bit);
  return ladder.through();
}

// Voltage across every cell for 1 V across a ladder with one side: shares, from the terminals on.
template <int lanes>
Cells<lanes> one_sided_voltages(const Cells<lanes>& g, double ohm) {
  const Cells<lanes> y = one_sided<lanes>(g, ohm);
  Cells<lanes> v(g.size(), Pack<lanes>::Ones());
  for (std::size_t i = g.size() - 1; i > 0; --i) {
    if (std::isfinite(ohm))
      v[i - 1] = v[i] / (1.0 + y[i - 1] * ohm);
    else
      v[i - 1] = Pack<lanes>::Zero();
  }
  return v;
}

// The same for a ladder fed at one end and sensed at the other, from potentials; bit rail of the last row at 0 V.
template <int lanes>
Cells<lanes> opposite_voltages(const Cells<lanes>& g, double source, double bit) {
  auto ladder = Triangle<lanes>::second_row(g[0], g[1], source, bit);
  std::vector<typename Triangle<lanes>::Row, Eigen::aligned_allocator<typename Triangle<lanes>::Row>> rows;
  for (std::size_t i = 2; i < g.size(); ++i) rows.push_back(ladder.advance(g[i], 1.0 / source, 1.0 / bit));
  Cells<lanes> v(g.size());
  Pack<lanes> s = share<lanes>(ladder.source, ladder.source + ladder.across), b = Pack<lanes>::Zero();
  v.back() = s;
  for (std::size_t i = rows.size(); i > 0; --i) {
    const auto& row = rows[i - 1];
    const Pack<lanes> below = b, right = s;
    b = row.bit_feed + row.bit_source * right + row.bit_next * below;
    s = row.source_feed + row.source_bit * b + row.source_next * right;
    v[i] = s - b;
  }
  if (std::isfinite(bit))
    v[0] = (1.0 - b) / (1.0 + g[0] * bit);
  else
    v[0] = Pack<lanes>::Zero();
  return v;
}

/// V across every cell for 1 V between the two terminals.
template <int lanes>
Cells<lanes> voltages(Cells<lanes> g, const Shape& shape) {
  if (!shape.one_sided && g.size() > 1) return opposite_voltages<lanes>(g, shape.source, shape.bit);
  if (shape.reversed) std::reverse(g.begin(), g.end());
  auto v = one_sided_voltages<lanes>(g, shape.bit);
  if (shape.reversed) std::reverse(v.begin(), v.end());
  return v;
}

/// Part of v_read that stands across a ladder of conductance Y behind the resistance of its terminals.
template <int lanes>
Pack<lanes> behind_terminals(const Pack<lanes>& Y, double ohm) {
  if (!std::isfinite(ohm)) return Pack<lanes>::Zero();
  return 1.0 / (1.0 + Y * ohm);
}

}  // namespace wordline::crossbar::rails
