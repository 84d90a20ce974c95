#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "devices/cell.hpp"

/// Statistics given at several times after programming, and what lies between and beyond them.
namespace wordline::devices {

/// How far `t` has come, in ln t, through each interval between rising positive `times`: 0 not begun, 1 passed. More
/// than 1 only in the last one, which is how times beyond the data are extrapolated; before the first time the first
/// value is held.
std::vector<double> fractions(std::span<const double> times, double t);

/// Refuses a time `t` (s, at reference_temperature) that is neither 0, the state as programmed, nor in [first, last].
void check_covered(double t, double first, double last);

/// The value that at(0), at(1), ... take after `fractions`, linear in each interval.
template <class At>
double interpolated(const At& at, std::span<const double> fractions) {
  double before = at(0), value = before;
  for (std::size_t i = 0; i < fractions.size() && fractions[i] > 0.0; ++i) {
    const double after = at(i + 1);
    value = before + fractions[i] * (after - before);
    before = after;
  }
  return value;
}

/// The largest value on the way: measured sigmas fall in places, the variance of a frozen trajectory cannot.
template <class At>
double running_maximum(const At& at, std::span<const double> fractions) {
  double before = at(0), largest = before;
  for (std::size_t i = 0; i < fractions.size() && fractions[i] > 0.0; ++i) {
    const double after = at(i + 1), rise = after - before;
    largest = std::max({largest, before + std::min(1.0, fractions[i]) * rise, before + fractions[i] * rise});
    before = after;
  }
  return largest;
}

/// What cells of one target share at one time: G = mean + start xi1 + growth xi2.
struct Spread {
  double mean = 0.0, start = 0.0, growth = 0.0;  // S
};
/// sigma: S, after programming and now, where it is not smaller.
Spread spread(double mean, double sigma_first, double sigma);

/// of(target) for the targets of an array. Cells with levels have few targets, whose values are kept; continuous ones
/// are worked out one by one.
template <class Of>
class PerTarget {
 public:
  explicit PerTarget(Of of) : of_(std::move(of)) {}

  const auto& operator()(double target) {
    const auto key = std::bit_cast<std::uint64_t>(target);
    Slot& slot = slots_[key * 0x9E3779B97F4A7C15U >> 56U];  // Fibonacci hashing: the highest bits are the best mixed
    if (slot.key != key) slot = {.key = key, .value = of_(target)};
    return slot.value;
  }

 private:
  struct Slot {
    std::uint64_t key = ~std::uint64_t{0};  // not a number, so no target
    decltype(std::declval<Of>()(0.0)) value{};
  };

  Of of_;
  std::array<Slot, 256> slots_;
};

/// Sets G to read_out(G(t)), G(t) = mean(t) + sigma(t0) xi1 + sqrt(sigma(t)^2 - sigma(t0)^2) xi2, with
/// spread_of(target) at t and draws frozen per cell and programming. Clipping happens in `read_out` and nowhere else.
template <class SpreadOf, class ReadOut>
void set_state(CellArray& cells, bool aged, SpreadOf spread_of, const ReadOut& read_out) {
  PerTarget at(std::move(spread_of));
  if (cells.xi.size() != cells.size() || cells.xi_write != cells.write) {
    cells.xi = first_normals(cells, "program", cells.write);
    cells.xi_write = cells.write;
  }
  const std::vector<double> relaxed = aged ? first_normals(cells, "relax", cells.write) : std::vector<double>();
  const std::vector<double>& later = aged ? relaxed : cells.xi;  // as programmed nothing has grown: any numbers do
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const Spread& s = at(cells.target[k]);
    cells.G[k] = read_out(s.mean + s.start * cells.xi[k] + s.growth * later[k]);
  }
  cells.is_fresh = !aged;
}

}  // namespace wordline::devices
