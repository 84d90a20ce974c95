#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "crossbar/bank.hpp"

namespace wordline::crossbar {

/// Solves the arrays of a bank that have no matrix for every vector and cycle of a block, which then holds what their
/// columns carry, [vector][cycle][group * lanes + lane]. Does nothing for other banks. Comes before everything below.
void solve(const Bank& bank, Block& block);

/// Reads a bank with every vector of a block and adds the converted, shifted and summed codes to `out`
/// [bank.outputs / lanes][vector][lane], in level units times input codes. Cell and converter noise come from `noise`,
/// one draw per conversion, addressed by (sample, window, bank, conversion, column). Where a baseline is converted it
/// is still inside the result: the caller knows the inputs' sum and subtracts it digitally. Returns the number of
/// conversions that hit an end of the ADC's range.
///
/// Sums over rows are single precision in one fixed order: whole numbers up to 2^24 are exact.
std::int64_t multiply(const Bank& bank, const Block& block, const core::Stream& noise, std::span<double> out);

/// Adds every quantity that `multiply` would convert to seen[which[group]], without noise and conversion.
void observe(const Bank& bank, const Block& block, std::span<const std::size_t> which, std::span<Histogram> seen);

/// Name of the instruction set that `multiply` uses on this machine, for records.
const char* instruction_set();

}  // namespace wordline::crossbar
