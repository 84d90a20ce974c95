#pragma once

#include <cstdint>
#include <span>

namespace wordline::mapper {

/// Windows, and rows of them, that are moved together.
inline constexpr std::int64_t side = 4;

/// Moves `side` windows that lie side by side: out[w * rows + r] = first[w + offset[r]]. Offsets are a multiple of
/// `side`, `rows` at least as many.
void gather_squares(const std::int32_t* first, std::span<const std::int64_t> offset, std::int64_t rows,
                    std::int32_t* out);
void gather_squares(const float* first, std::span<const std::int64_t> offset, std::int64_t rows, float* out);

}  // namespace wordline::mapper
