#pragma once

#include <cstdint>
#include <span>

#include "crossbar/input.hpp"

namespace wordline::crossbar::detail {

/// Packs bits shift .. shift + 7 of the codes of vectors of `rows` rows, as Planes describes: words[vector][rows / 4].
void pack_bits(std::span<const std::int32_t> codes, std::int64_t rows, Part part, std::int64_t shift,
               std::span<std::uint64_t> words);

}  // namespace wordline::crossbar::detail
