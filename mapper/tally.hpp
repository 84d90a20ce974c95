#pragma once

#include <cstdint>
#include <mutex>
#include <tuple>
#include <vector>

#include "core/activity.hpp"
#include "crossbar/bank.hpp"
#include "mapper/driver_energy.hpp"
#include "mapper/plan.hpp"
#include "mapper/program.hpp"

namespace wordline::mapper {

/// How often the inputs of one array were driven, [level * inputs + input]: reads at each level, or for Kernel::linear
/// the sum of squared digits (pulse width: of digits; continuous amplitudes in units of 2^-24, so that sums are exact
/// in any order).
using Drives = std::vector<std::int64_t>;

/// The fixed-point unit of a squared continuous amplitude.
inline constexpr double amplitude_unit = 0x1p-24;

/// Drives of one block of one read.
Drives count_drives(const Plan& plan, const crossbar::Bank& bank, const crossbar::Block& block);

/// What happened while samples ran through a layer, kept in whole numbers so that neither threads nor the split into
/// calls change it. Safe to add to from several threads.
class Tally {
 public:
  /// `plan` must outlive the tally.
  explicit Tally(const Plan& plan);
  Tally(const Tally& other);
  Tally& operator=(const Tally&) = delete;

  void add(const core::Activity& activity);
  /// Adds the drives of one read to the arrays whose columns it converts.
  void add(const Read& read, const Drives& drives);
  /// Whether the energy of a vector is wanted, and adds it: arrays with line resistance only.
  bool takes(const Ranked& vector) const;
  void add(const Ranked& vector, double joule);
  void merge(const Tally& other);

  core::Activity activity() const;
  /// Energy at the drivers of all vectors seen.
  Estimate driver_energy() const;
  Drives drives(std::int64_t array) const;

 private:
  std::tuple<core::Activity, std::vector<Drives>, EnergySample> all() const;

  const Plan& plan_;
  mutable std::mutex mutex_;
  core::Activity activity_;
  std::vector<Drives> drives_;  // [array]
  EnergySample energies_;
};

/// J, the energy that the layer's arrays took for what `tally` saw. With ideal lines it is exact, the sum of V I t over
/// all cells, for which only the power of whole rows matters (docs/methods/mvm.md); a floating line takes less: for
/// sensed voltages this is an upper bound. With line resistance it is the power at the drivers on a sample of vectors.
Estimate array_energy(const Plan& plan, const Banks& banks, const Tally& tally);

}  // namespace wordline::mapper
