#pragma once

#include <cstdint>
#include <vector>

#include "core/parallel.hpp"
#include "core/scratch.hpp"
#include "crossbar/bank.hpp"

namespace wordline::crossbar {

/// Up to eight bit-serial cycles of one part of the codes, packed for the table kernel: byte p of a word holds `lanes`
/// times the four input bits of rows 4g..4g+3 in cycle p: where their partial sum starts in a table of sixteen.
struct Planes {
  std::int64_t first_cycle = 0;
  std::int64_t cycles = 0;
  bool subtract = false;               ///< rows driven to -v_read: their sums are taken away
  core::Scratch<std::uint64_t> words;  ///< [vector][ceil(rows / 4)]
  std::vector<std::int64_t> driven;    ///< [vector] cycles up to the last in which a row is driven
};

/// All planes of a block for Kernel::bits.
std::vector<Planes> pack_planes(const Bank& bank, const Block& block);

/// Signed digits of every cycle as numbers, [slot][row]; a slot is one cycle of one vector, [vector][cycle].
std::vector<float> pack_digits(const Bank& bank, const Block& block);

/// Slots that the other kernels read side by side.
inline constexpr std::int64_t slot_block = 24;

/// The same for those kernels, [ceil(slots / slot_block)][row][slot_block], with zeros after the last slot.
std::vector<float> pack_slots(const Bank& bank, const Block& block);

/// Sum of the digits over rows, [vector][cycle]: what a converted baseline is multiplied with. `planes` are those of
/// the block, empty for other kernels than Kernel::bits.
std::vector<float> digit_sums(const Bank& bank, const Block& block, const std::vector<Planes>& planes);

}  // namespace wordline::crossbar
