#pragma once

#include <cstdint>
#include <vector>

#include "crossbar/bank.hpp"

/// Where the multiply finds the transfer characteristics of one group of columns.
namespace wordline::crossbar::detail {

/// One table per column of a group: behind one another from `base` where they are small, else wherever they are.
template <class T>
struct Tables {
  const T* base = nullptr;
  std::int32_t offset[lanes] = {};
  const T* column[lanes] = {};
};

/// Copies of the tables of one group, so that one instruction can gather from all of them.
struct LookupStore {
  std::vector<float> edge, code;
  std::vector<std::int32_t> bucket;
};

/// Search of one group of columns: bucket, which knows its first edge, then further edges in it, then code.
struct Lookup {
  bool used = false;
  bool counting = true;    ///< codes count up by one at every edge: `code` is not needed
  std::int64_t steps = 0;  ///< most edges in one bucket of any column
  Tables<float> edge, code;
  Tables<std::int32_t> bucket;
  float density[lanes] = {};                  ///< places per LSB
  float first[lanes] = {}, last[lanes] = {};  ///< first place of the first and of the last bucket
  std::int32_t from[lanes] = {};              ///< the first
  std::uint32_t buckets[lanes] = {};          ///< index of the last bucket
  float first_code[lanes] = {};
  /// Copies of the buckets of all columns behind one another, null where they are too many. Places are counted from
  /// `packed_from`, so that a place's upper bits are the index in here, and entries are less what these bits add.
  const std::int32_t* packed = nullptr;
  std::int32_t packed_from[lanes] = {};
  std::uint32_t packed_last[lanes] = {};
  /// One entry is all it takes.
  bool simple() const { return used && packed != nullptr && steps <= 1 && counting; }
};

/// The search of `group`; `store` must outlive it and is overwritten.
Lookup make_lookup(const Bank& bank, std::int64_t group, LookupStore& store);

}  // namespace wordline::crossbar::detail
