#pragma once

#include <cstdint>
#include <span>

namespace wordline::crossbar {

/// Adds to sums[row] the ones in the magnitudes of its codes, [vector][row]: how often bit-serial reads drive a row.
/// Sums wrap beyond 2^32.
void count_ones(std::span<const std::int32_t> codes, std::span<std::uint32_t> sums);

}  // namespace wordline::crossbar
