#pragma once

#include <cstdint>
#include <vector>

#include "core/parallel.hpp"
#include "core/scratch.hpp"
#include "crossbar/input.hpp"
#include "mapper/plan.hpp"
#include "mapper/unfold.hpp"

namespace wordline::mapper {

/// Input vectors for a layer: `count` samples of unfold.given numbers each, row-major.
struct Samples {
  const float* data = nullptr;
  std::int64_t count = 0;
  std::int64_t first = 0;         ///< absolute index of the first sample: noise belongs to samples, not to calls
  std::int64_t first_window = 0;  ///< number of the first window inside its sample
  /// Entries of `count` that belong to one sample of the network: images folded into the batch. `first` counts samples.
  std::int64_t images = 1;
};

/// Samples on the DAC's scale, stored with their padding: codes, or amplitudes when the code is continuous.
struct ScaledInputs {
  core::Scratch<std::int32_t> codes;
  core::Scratch<float> amplitudes;
  std::vector<double> scale;  ///< [sample] input = scale * (code - zero)
  std::int64_t clipped = 0;   ///< inputs beyond the DAC's range
};

/// Puts samples on the DAC's scale. Throws Error(value) for a number that is not finite.
ScaledInputs scale_inputs(const Plan& plan, const Samples& samples, const Unfold& unfold,
                          const core::Execution& execution);

/// Chooses sign and scale of the inputs from samples.
void calibrate_inputs(Plan& plan, const Samples& samples, const Unfold& unfold);

}  // namespace wordline::mapper
