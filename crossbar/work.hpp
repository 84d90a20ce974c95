#pragma once

#include <hwy/aligned_allocator.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "crossbar/bank.hpp"
#include "crossbar/lookup.hpp"
#include "crossbar/pack.hpp"

/// What the multiply keeps while it reads one block with one bank.
namespace wordline::crossbar::detail {

/// Vectors read together, a multiple of slot_block; keeps several sums in flight and the buffers in cache.
inline constexpr std::int64_t chunk = slot_block;

/// Cycles that are summed at once, whether or not that many are left, or slots.
inline constexpr std::int64_t slack = slot_block;

/// What the inputs look like to the kernels, made once per block for all groups.
struct Packed {
  std::int64_t cycles = 0;
  std::vector<Conversion> conversions;
  std::vector<float> gains;        // [cycle] in its conversion
  std::vector<float> idle_gains;   // [conversion] sum of the squared gains of its cycles
  std::vector<float> weights;      // [conversion]
  std::vector<std::int64_t> runs;  // ends of the runs of conversions whose codes single precision can sum
  std::vector<Planes> planes;      // Kernel::bits
  std::vector<float> digits;       // other kernels
  std::span<const float> solved;   // Block::solved
  std::vector<float> digit_sums;   // where a baseline is converted
  bool accumulated() const { return std::ssize(conversions) < cycles; }
  /// Whether what add_entries sums is converted as it is.
  bool direct() const;
};

/// Keys of the rounds of the noise's Philox, repeated for every lane; the last round's are for odd lanes alone, where
/// its first and third word stand.
struct RoundKeys {
  static constexpr std::size_t rounds = 7;
  alignas(64) std::uint32_t first[rounds][lanes];
  alignas(64) std::uint32_t second[rounds][lanes];

  explicit RoundKeys(const std::array<std::uint32_t, 2>& key);
};

/// Pairs of conversions of a group of columns on their way from words to normals, [pair][lanes].
struct Normals {
  static constexpr std::int64_t usual = 8;  ///< pairs made together: enough for a processor to overlap
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> radius, angle;
  hwy::AlignedFreeUniquePtr<float[]> square, direction[2];
};

/// Scratch of one group of columns.
struct Work {
  hwy::AlignedFreeUniquePtr<float[]> table, variance_table;  // [ceil(rows/4)][16][lanes]
  /// Variances of rows as multiples of `unit`, and their table, where 16 bits are precise enough.
  hwy::AlignedFreeUniquePtr<std::uint16_t[]> halves, half_table;
  bool halved = false;
  alignas(64) float unit[lanes] = {};
  hwy::AlignedFreeUniquePtr<float[]> sums;   // [chunk][cycle or conversion][lanes], slack
  hwy::AlignedFreeUniquePtr<float[]> noise;  // the same: variances, then noise
  Normals normals;
  LookupStore store;
};

Packed pack(const Bank& bank, const Block& block);
Work make_work(const Bank& bank, std::int64_t cycles);

}  // namespace wordline::crossbar::detail
