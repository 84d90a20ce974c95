#pragma once

#include "core/parallel.hpp"
#include "mapper/inputs.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// Sets the ADC ranges of a plan, whose inputs are calibrated, from what nominal conductances convert for `samples`.
void calibrate_adc(Plan& plan, const Samples& samples, const Unfold& unfold, const core::Execution& execution);

}  // namespace wordline::mapper
