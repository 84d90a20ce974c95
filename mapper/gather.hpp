#pragma once

#include <cstdint>

#include "crossbar/input.hpp"
#include "mapper/inputs.hpp"
#include "mapper/plan.hpp"
#include "mapper/unfold.hpp"

namespace wordline::mapper {

/// Vectors that a thread takes at a time, counted over all samples: sample by sample, window by window. Few where each
/// is a network to solve, so that threads share the work and a run can be stopped.
std::int64_t block_vectors(const Plan& plan);

/// What the rows of one read are driven with for the vectors first .. first + count - 1. Indices of samples and windows
/// fit 32 bits: layers check that.
crossbar::Block gather(const Plan& plan, const ScaledInputs& inputs, const Unfold& unfold, const Samples& samples,
                       const Read& read, std::int64_t first, std::int64_t count);

}  // namespace wordline::mapper
