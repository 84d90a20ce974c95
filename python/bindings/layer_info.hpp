#pragma once

#include "core/value.hpp"
#include "mapper/plan.hpp"

namespace wordline::bindings {

/// What tables show of a mapped layer: size, arrays, slices, and the ranges that calibration has fixed (null before).
core::Value describe(const mapper::Plan& plan);

}  // namespace wordline::bindings
