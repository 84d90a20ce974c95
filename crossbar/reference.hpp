#pragma once

#include <cstdint>
#include <span>

#include "core/random.hpp"
#include "crossbar/bank.hpp"

/// The slow and obvious multiply that the fast one is tested against: one loop per index, double precision, the
/// definitions word by word.
namespace wordline::crossbar::reference {

/// The quantity that one cycle contributes to its conversion, without noise and gain: level units.
double column_quantity(const Bank& bank, const Block& block, std::int64_t vector, const Cycle& cycle,
                       std::int64_t group, std::int64_t lane);
/// Variance of the fast cell noise of one cycle: level units squared.
double column_variance(const Bank& bank, const Block& block, std::int64_t vector, const Cycle& cycle,
                       std::int64_t group, std::int64_t lane);

/// One conversion of one column.
struct Reading {
  double quantity = 0.0;  ///< what the converter sees, cell noise included
  double code = 0.0;      ///< what it gives; equal to `quantity` on an ideal ADC
  double value = 0.0;     ///< the code in units of the quantity
  bool saturated = false;
};
Reading conversion(const Bank& bank, const Block& block, const core::Stream& noise, std::int64_t vector,
                   std::int64_t conversion, std::int64_t group, std::int64_t lane);

/// Same meaning as crossbar::multiply.
std::int64_t multiply(const Bank& bank, const Block& block, const core::Stream& noise, std::span<double> out);

}  // namespace wordline::crossbar::reference
