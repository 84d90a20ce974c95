#pragma once

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <vector>

/// Ladders of two rails with cells as rungs, for several sets of cells side by side. Conductances are added and
/// multiplied, never subtracted (docs/methods/topologies.md), so that no ratio of resistances loses digits.
namespace wordline::crossbar::rails {

template <int lanes>
using Pack = Eigen::Array<double, lanes, 1>;

/// Cells of one column from the first row to the last, S.
template <int lanes>
using Cells = std::vector<Pack<lanes>, Eigen::aligned_allocator<Pack<lanes>>>;

/// a/b for a <= b, and 0 where a node is connected to nothing.
template <int lanes>
Pack<lanes> share(const Pack<lanes>& a, const Pack<lanes>& b) {
  return a / b.max(std::numeric_limits<double>::min());
}

/// Conductance y behind a resistance in series.
template <int lanes>
Pack<lanes> behind(const Pack<lanes>& y, double ohm) {
  if (!std::isfinite(ohm)) return Pack<lanes>::Zero();
  return y / (1.0 + y * ohm);
}

/// Rails that are fed and sensed at the same end, or of which only one has resistance: what the ladder up to every row
/// conducts between the two rails there, S.
template <int lanes>
Cells<lanes> one_sided(Cells<lanes> g, double ohm) {
  for (std::size_t i = 1; i < g.size(); ++i) g[i] += behind<lanes>(g[i - 1], ohm);
  return g;
}

/// Rails that are fed at the first row and sensed at the last. Up to row i the ladder is a triangle of the feeding
/// point and the two rails' nodes there; going on to the next row eliminates these two.
template <int lanes>
struct Triangle {
  Pack<lanes> source;  ///< S, from the feeding point to the source rail
  Pack<lanes> bit;     ///< S, from the feeding point to the bit rail
  Pack<lanes> across;  ///< S, between the rails

  /// What the elimination of one row leaves behind: nodal equations of its source node, then of its bit node.
  struct Row {
    Pack<lanes> source_feed, source_bit, source_next;  ///< shares of the source node's potential
    Pack<lanes> bit_feed, bit_source, bit_next;        ///< shares of the bit node's, source node eliminated
  };

  static Triangle second_row(const Pack<lanes>& first, const Pack<lanes>& g, double source_ohm, double bit_ohm) {
    return {Pack<lanes>::Constant(1.0 / source_ohm), behind<lanes>(first, bit_ohm), g};
  }

  /// gs, gb: S of one segment, above 0 unless open.
  Row advance(const Pack<lanes>& g, double gs, double gb) {
    Row row;
    const Pack<lanes> s = source + across + gs;
    row.source_feed = share<lanes>(source, s);
    row.source_bit = share<lanes>(across, s);
    row.source_next = share<lanes>(Pack<lanes>::Constant(gs), s);
    const Pack<lanes> feed = bit + source * row.source_bit;
    const Pack<lanes> next = across * row.source_next;
    const Pack<lanes> b = feed + next + gb;
    row.bit_feed = share<lanes>(feed, b);
    row.bit_source = share<lanes>(next, b);
    row.bit_next = share<lanes>(Pack<lanes>::Constant(gb), b);
    source = source * row.source_next + feed * row.bit_source;
    bit = feed * row.bit_next;
    across = g + next * row.bit_next;
    return row;
  }

  /// Between the feeding point and the bit rail of the last row, whose source node ends there.
  Pack<lanes> through() const { return bit + source * share<lanes>(across, source + across); }
};

}  // namespace wordline::crossbar::rails
