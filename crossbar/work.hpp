#pragma once

#include <hwy/aligned_allocator.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "crossbar/bank.hpp"
#include "crossbar/lookup.hpp"
#include "crossbar/pack.hpp"

/// What the multiply keeps while it reads one block with one bank.
namespace wordline::crossbar::detail {

/// Vectors read together, a multiple of slot_block; keeps several sums in flight and the buffers in cache.
inline constexpr std::int64_t chunk = 2 * slot_block;

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

/// The part of the noise's Philox that is the same for all columns and conversions of a vector: what its first three
/// rounds need beside the last number of the event, see Salmon et al. (SC'11).
struct NoiseStart {
  std::uint32_t one = 0, two = 0, x0 = 0, x1 = 0, x2 = 0;
};

/// The noise's Philox for one block. Keys of its rounds are repeated for every lane; the last round's are for odd lanes
/// alone, where its first and third word stand.
struct NoiseKeys {
  static constexpr std::size_t rounds = 7;
  static constexpr std::uint32_t factor0 = 0xD2511F53U, factor1 = 0xCD9E8D57U;  // Salmon et al., table 2
  alignas(64) std::uint32_t first[rounds][lanes];
  alignas(64) std::uint32_t second[rounds][lanes];
  std::vector<NoiseStart> starts;  // [vector], empty where nothing is noisy

  NoiseKeys(const core::Stream& noise, const Bank& bank, const Block& block);
};

/// Where the codes of one vector are in the tables of their converters, [conversion][lanes].
struct Found {
  hwy::AlignedFreeUniquePtr<std::int32_t[]> place;
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> bucket;
};

/// Scratch of one group of columns.
struct Work {
  hwy::AlignedFreeUniquePtr<float[]> table, variance_table;  // [ceil(rows/4)][16][lanes]
  /// Currents of rows that are whole numbers, and their table, in two's complement.
  hwy::AlignedFreeUniquePtr<std::uint16_t[]> whole_rows, whole_table;
  bool whole = false;  ///< `whole_table` is built, `table` is not
  /// Variances of rows as multiples of `unit`, and their table, where 16 bits are precise enough.
  hwy::AlignedFreeUniquePtr<std::uint16_t[]> halves, half_table;
  bool halved = false;
  alignas(64) float unit[lanes] = {};
  hwy::AlignedFreeUniquePtr<float[]> sums;                   // [chunk][cycle or conversion][lanes], slack
  hwy::AlignedFreeUniquePtr<float[]> noise;                  // the same: variances, then noise
  hwy::AlignedFreeUniquePtr<std::uint16_t[]> half_sums;      // the same: variances in 16 bits, each read as it is
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> radius, angle;  // [vector of a chunk][pair of conversions][lanes]
  Found found;
  LookupStore store;
};

Packed pack(const Bank& bank, const Block& block);
Work make_work(const Bank& bank, std::int64_t cycles);

}  // namespace wordline::crossbar::detail
