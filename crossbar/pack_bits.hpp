#pragma once

#include <cstdint>
#include <span>

#include "crossbar/input.hpp"
#include "crossbar/pack.hpp"

namespace wordline::crossbar::detail {

/// Packs bits shift .. shift + 7 of the codes of vectors into `planes`, whose vectors have their size.
void pack_bits(std::span<const std::int32_t> codes, Part part, std::int64_t shift, Planes& planes);

}  // namespace wordline::crossbar::detail
