#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "crossbar/bank.hpp"
#include "crossbar/lookup.hpp"
#include "crossbar/work.hpp"

namespace wordline::crossbar::detail {

/// Converters with nothing but a range, with edges of their own (simple ones or any), or none at all.
enum class Adc { even, simple_edges, own_edges, ideal };

/// Everything of one group of columns that does not change from vector to vector.
struct Tail {
  const Bank& bank;
  const Packed& in;
  std::int64_t group = 0;
  std::int64_t words = 0;    ///< of a vector's planes
  bool direct = false;       ///< sums are converted as they are
  float per_unit = 1.0F;     ///< codes per unit of the converted quantity, before errors of gain; 1 without a converter
  double scale[lanes] = {};  ///< digital sum per summed code
  std::vector<float> at_rest;  ///< [conversion][lane] variance of cells that are not driven and of the converter, LSB^2
  Lookup lookup;
  /// Columns at rest surely give code 0: the cycles after a vector's last driven row give nothing and are left out.
  bool silent = false;

  Adc adc() const;
  /// Cycles of a vector that are read; all its planes are one set where columns at rest are silent.
  std::int64_t cycles(std::int64_t vector) const { return silent ? cycles(in.planes.front(), vector) : in.cycles; }
  std::int64_t cycles(const Planes& planes, std::int64_t vector) const {
    return silent ? planes.driven[static_cast<std::size_t>(vector)] : planes.cycles;
  }
  /// Conversions of all vectors, and of one that are made: a cycle each where columns at rest are silent.
  std::int64_t conversions() const { return std::ssize(in.conversions); }
  std::int64_t conversions(std::int64_t vector) const { return std::min(conversions(), cycles(vector)); }
};

/// The tail of `group`; `store` must outlive it and is overwritten.
Tail make_tail(const Bank& bank, const Packed& in, std::int64_t group, LookupStore& store);

}  // namespace wordline::crossbar::detail
