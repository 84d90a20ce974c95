#include "mapper/tally.hpp"

#include <bit>
#include <cmath>

namespace wordline::mapper {
namespace {

using crossbar::Drive;

// Bit-serial reads of one input: each one bit of its magnitude drives the row once, whatever the pass or sign.
void count_bits(const crossbar::Block& block, Drives& drives) {
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (std::int64_t r = 0; r < block.rows; ++r) {
      const std::int32_t code = block.codes[static_cast<std::size_t>(v * block.rows + r)];
      drives[static_cast<std::size_t>(r)] += std::popcount(static_cast<std::uint32_t>(code < 0 ? -code : code));
    }
}

void count_amplitudes(const crossbar::Block& block, Drives& drives) {
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (std::int64_t r = 0; r < block.rows; ++r) {
      const double a = static_cast<double>(block.amplitudes[static_cast<std::size_t>(v * block.rows + r)]);
      drives[static_cast<std::size_t>(r)] += std::llround(a * a / amplitude_unit);
    }
}

void count_digits(const crossbar::Bank& bank, const crossbar::Block& block, Drives& drives) {
  const std::int32_t mask = bank.code.largest_digit();
  for (const crossbar::Cycle& cycle : bank.code.cycles())
    for (std::int64_t v = 0; v < block.vectors; ++v)
      for (std::int64_t r = 0; r < block.rows; ++r) {
        const std::int64_t d = std::abs(digit(block.codes[static_cast<std::size_t>(v * block.rows + r)], cycle, mask));
        if (bank.drive == Drive::linear)
          drives[static_cast<std::size_t>(r)] += d * d;
        else if (d > 0)
          ++drives[static_cast<std::size_t>((d - 1) * block.rows + r)];
      }
}

}  // namespace

Drives count_drives(const crossbar::Bank& bank, const crossbar::Block& block) {
  Drives drives(static_cast<std::size_t>(bank.levels * bank.rows), 0);
  if (bank.drive == Drive::bits)
    count_bits(block, drives);
  else if (bank.code.continuous)
    count_amplitudes(block, drives);
  else
    count_digits(bank, block, drives);
  return drives;
}

Tally::Tally(const Plan& plan) {
  const std::int64_t levels = plan.drive == Drive::levels ? plan.code.largest_digit() : 1;
  for (std::int64_t t = 0; t < plan.layout.row_tiles(); ++t)
    drives_.emplace_back(static_cast<std::size_t>(levels * plan.layout.rows(t)), 0);
}

Tally::Tally(const Tally& other) {
  const std::lock_guard lock(other.mutex_);
  activity_ = other.activity_;
  drives_ = other.drives_;
}

void Tally::add(const core::Activity& activity) {
  const std::lock_guard lock(mutex_);
  activity_ += activity;
}

void Tally::add(std::int64_t tile, const Drives& drives) {
  const std::lock_guard lock(mutex_);
  Drives& own = drives_[static_cast<std::size_t>(tile)];
  for (std::size_t i = 0; i < own.size(); ++i) own[i] += drives[i];
}

void Tally::merge(const Tally& other) {
  // Through getters that lock one tally at a time: merging two into each other must not wait for ever.
  add(other.activity());
  for (std::size_t t = 0; t < drives_.size(); ++t)
    add(static_cast<std::int64_t>(t), other.drives(static_cast<std::int64_t>(t)));
}

core::Activity Tally::activity() const {
  const std::lock_guard lock(mutex_);
  return activity_;
}

Drives Tally::drives(std::int64_t tile) const {
  const std::lock_guard lock(mutex_);
  return drives_[static_cast<std::size_t>(tile)];
}

double array_energy(const Plan& plan, const std::vector<TileState>& tiles, const Tally& tally) {
  const double unit = plan.code.continuous ? amplitude_unit : 1.0;
  double watts = 0.0;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const Drives drives = tally.drives(static_cast<std::int64_t>(t));
    for (std::size_t i = 0; i < drives.size(); ++i)
      watts += static_cast<double>(drives[i]) * unit * tiles[t].row_power[i];
  }
  return watts * plan.chip.dac.t_read;
}

}  // namespace wordline::mapper
