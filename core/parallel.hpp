#pragma once

#include <cstdint>
#include <functional>

namespace wordline::core {

/// How a run uses the machine. Results never depend on it.
struct Execution {
  int threads = 0;             ///< OpenMP threads; 0 = as many as OpenMP offers
  std::function<void()> poll;  ///< called often on the calling thread; throws to stop the run (Ctrl-C)
};

/// Runs body(0..blocks-1) in parallel, each block once, in any order. Blocks must write to separate places; sums
/// over blocks are done by the caller afterwards, in block order. An exception stops the run: blocks not yet
/// started are skipped and the exception of the lowest failed block is thrown here, outside the parallel region.
void for_each_block(std::int64_t blocks, const Execution& execution, const std::function<void(std::int64_t)>& body);

/// Number of blocks of `size` that cover `count` items.
constexpr std::int64_t block_count(std::int64_t count, std::int64_t size) { return (count + size - 1) / size; }

}  // namespace wordline::core
