#pragma once

#include <cstdint>
#include <functional>

#include "crossbar/adc.hpp"

namespace wordline::crossbar::reference {

/// The code (the smallest is `low`) that one physical converter gives for x (in LSB), found the way its kind decides: a
/// search with trial levels, a ramp, a row of comparators, residues handed from stage to stage. No table of edges; the
/// draws are those of make_transfer. docs/methods/converters.md has the equations.
double adc_code(const AdcSpec& spec, double low, double x, const std::function<double(std::uint32_t)>& normal);

}  // namespace wordline::crossbar::reference
