#pragma once

#include "mapper/plan.hpp"

namespace wordline::mapper {

/// Decides which columns hold the complement of their levels: those whose levels sum to more than half of what the
/// read's rows could hold (ISAAC, Shafiee et al., ISCA 2016, section on encoding; doi:10.1109/ISCA.2016.12).
void set_inversion(Plan& plan);

/// Computes what the digital side takes away: offsets, baselines, complements and zero points.
void set_corrections(Plan& plan);

/// Whether an input of a row tile belongs to the group of an output; if so its row of the weights.
bool same_group(const Plan& plan, const Read& read, std::int64_t input, std::int64_t output);
std::int64_t weight_row(const Plan& plan, const Read& read, std::int64_t input);

}  // namespace wordline::mapper
