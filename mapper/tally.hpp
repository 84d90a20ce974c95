#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "core/activity.hpp"
#include "crossbar/bank.hpp"
#include "mapper/plan.hpp"
#include "mapper/program.hpp"

namespace wordline::mapper {

/// How often rows were driven, [level * rows + row] of one row tile: reads at each level, or for Drive::linear the sum
/// of squared digits (continuous amplitudes in units of 2^-24, so that sums are exact in any order).
using Drives = std::vector<std::int64_t>;

/// The fixed-point unit of a squared continuous amplitude.
inline constexpr double amplitude_unit = 0x1p-24;

/// Drives of one block of one row tile.
Drives count_drives(const crossbar::Bank& bank, const crossbar::Block& block);

/// What happened while samples ran through a layer, kept in whole numbers so that neither threads nor the split into
/// calls change it. Safe to add to from several threads.
class Tally {
 public:
  explicit Tally(const Plan& plan);
  Tally(const Tally& other);
  Tally& operator=(const Tally&) = delete;

  void add(const core::Activity& activity);
  void add(std::int64_t tile, const Drives& drives);
  void merge(const Tally& other);

  core::Activity activity() const;
  Drives drives(std::int64_t tile) const;

 private:
  mutable std::mutex mutex_;
  core::Activity activity_;
  std::vector<Drives> drives_;
};

/// J, the exact energy that every cell of the layer's arrays took for what `tally` saw: sum of V I t. With ideal lines
/// only the power of whole rows matters (docs/methods/mvm.md).
double array_energy(const Plan& plan, const std::vector<TileState>& tiles, const Tally& tally);

}  // namespace wordline::mapper
