#include "mapper/tally.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "crossbar/ones.hpp"

namespace wordline::mapper {
namespace {

using crossbar::Kernel;

// Bit-serial reads of one input: each one bit of its magnitude drives the row once, whatever the pass or sign.
void count_bits(const crossbar::Block& block, Drives& drives) {
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(block.rows), 0);
  crossbar::count_ones(block.codes, sums);
  for (std::size_t r = 0; r < sums.size(); ++r) drives[r] += sums[r];
}

void count_amplitudes(const crossbar::Block& block, bool pulse_width, Drives& drives) {
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (std::int64_t r = 0; r < block.rows; ++r) {
      const double a = std::abs(static_cast<double>(block.amplitudes[static_cast<std::size_t>(v * block.rows + r)]));
      drives[static_cast<std::size_t>(r)] += std::llround((pulse_width ? a : a * a) / amplitude_unit);
    }
}

void count_digits(const crossbar::Bank& bank, const crossbar::Block& block, bool pulse_width, Drives& drives) {
  const std::int32_t mask = bank.code.largest_digit(), top = bank.code.largest_code();
  for (const crossbar::Cycle& cycle : bank.code.cycles())
    for (std::int64_t v = 0; v < block.vectors; ++v)
      for (std::int64_t r = 0; r < block.rows; ++r) {
        const std::int32_t code = block.codes[static_cast<std::size_t>(v * block.rows + r)];
        const std::int64_t d = std::abs(digit(code, cycle, mask, top));
        if (bank.kernel == Kernel::linear)
          drives[static_cast<std::size_t>(r)] += pulse_width ? d : d * d;
        else if (d > 0)
          ++drives[static_cast<std::size_t>((d - 1) * block.rows + r)];
      }
}

}  // namespace

Drives count_drives(const Plan& plan, const crossbar::Bank& bank, const crossbar::Block& block) {
  Drives drives(static_cast<std::size_t>(bank.levels * bank.rows), 0);
  const bool by_magnitude = bank.code.signed_input != crossbar::SignedInput::twos_complement;
  if (bank.kernel == Kernel::bits && by_magnitude)
    count_bits(block, drives);
  else if (bank.code.continuous)
    count_amplitudes(block, plan.pulse_width(), drives);
  else
    count_digits(bank, block, plan.pulse_width(), drives);
  return drives;
}

Tally::Tally(const Plan& plan) : plan_(plan), energies_(plan.chip.array.wires.energy_samples) {
  const Layout& l = plan.layout;
  const std::int64_t levels = plan.kernel == Kernel::levels ? plan.code.largest_digit() : 1;
  for (std::int64_t a = 0; a < l.arrays(); ++a) {
    const ArrayPlace place = array_place(l, a);
    drives_.emplace_back(static_cast<std::size_t>(levels * l.tile_inputs(place.section, place.row_tile)), 0);
  }
}

Tally::Tally(const Tally& other) : plan_(other.plan_), energies_(other.plan_.chip.array.wires.energy_samples) {
  std::tie(activity_, drives_, energies_) = other.all();
}

std::tuple<core::Activity, std::vector<Drives>, EnergySample> Tally::all() const {
  const std::lock_guard lock(mutex_);
  return {activity_, drives_, energies_};
}

bool Tally::takes(const Ranked& vector) const {
  const std::lock_guard lock(mutex_);
  return energies_.takes(vector);
}

void Tally::add(const Ranked& vector, double joule) {
  const std::lock_guard lock(mutex_);
  energies_.add(vector, joule);
}

Estimate Tally::driver_energy() const {
  const std::lock_guard lock(mutex_);
  return energies_.total(activity_.windows);
}

void Tally::add(const core::Activity& activity) {
  const std::lock_guard lock(mutex_);
  activity_ += activity;
}

void Tally::add(const Read& read, const Drives& drives) {
  const std::int64_t first = plan_.tile(read) * plan_.layout.array_columns() + read.first_array;
  const std::int64_t inputs = plan_.layout.tile_inputs(read.section, read.row_tile);
  const std::lock_guard lock(mutex_);
  for (std::int64_t a = first; a < first + read.arrays; ++a)
    for (std::int64_t level = 0; level * read.inputs < std::ssize(drives); ++level) {
      const auto own = drives.begin() + level * read.inputs;
      const auto all = drives_[static_cast<std::size_t>(a)].begin() + level * inputs + read.first_row;
      std::transform(own, own + read.inputs, all, all, std::plus());
    }
}

void Tally::merge(const Tally& other) {
  // Taken out under the other's lock first: merging two into each other must not wait for ever.
  const auto [activity, drives, energies] = other.all();
  const std::lock_guard lock(mutex_);
  activity_ += activity;
  energies_.merge(energies);
  for (std::size_t a = 0; a < drives_.size(); ++a)
    for (std::size_t i = 0; i < drives_[a].size(); ++i) drives_[a][i] += drives[a][i];
}

core::Activity Tally::activity() const {
  const std::lock_guard lock(mutex_);
  return activity_;
}

Drives Tally::drives(std::int64_t array) const {
  const std::lock_guard lock(mutex_);
  return drives_[static_cast<std::size_t>(array)];
}

Estimate array_energy(const Plan& plan, const Banks& banks, const Tally& tally) {
  if (!plan.chip.array.wires.ideal()) return tally.driver_energy();
  const double unit = plan.code.continuous ? amplitude_unit : 1.0;
  double watts = 0.0;
  for (std::size_t a = 0; a < banks.row_power.size(); ++a) {
    const Drives drives = tally.drives(static_cast<std::int64_t>(a));
    for (std::size_t i = 0; i < drives.size(); ++i)
      watts += static_cast<double>(drives[i]) * unit * banks.row_power[a][i];
  }
  return {.value = watts * plan.chip.dac.t_read, .error = 0.0};
}

}  // namespace wordline::mapper
