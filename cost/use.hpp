#pragma once

#include <cstdint>
#include <string>

#include "core/activity.hpp"

namespace wordline::cost {

/// What one mapped layer asks of the hardware and what happened on it: plain numbers, filled by whoever maps layers.
struct LayerUse {
  std::string name;
  std::int64_t arrays = 0;       ///< physical arrays
  std::int64_t rows = 0;         ///< of one array
  std::int64_t cols = 0;         ///< of one array
  std::int64_t cells_used = 0;   ///< cells that hold a slice of a weight; the rest of arrays x rows x cols is idle
  std::int64_t converters = 0;   ///< physical ADCs
  std::int64_t row_drivers = 0;  ///< physical DAC channels
  int adc_bits = 0;              ///< 0: ideal converter, no hardware
  int dac_bits = 1;              ///< amplitude bits of a driver: 1 for bit-serial and pulse-width inputs; 0: ideal

  core::Activity activity;          ///< totals over activity.samples samples
  double array_energy_error = 0.0;  ///< J, standard error of activity.array_energy; 0: exact

  double windows_per_sample = 0.0;         ///< windows one after the other on the same arrays
  std::int64_t cycles_per_window = 0;      ///< array reads per window
  double t_read = 0.0;                     ///< s, one array read
  double conversions_per_converter = 0.0;  ///< by the busiest ADC, mean over the array reads of a window

  double cells() const { return static_cast<double>(arrays) * static_cast<double>(rows) * static_cast<double>(cols); }
};

/// Throws Error(value), naming the layer and the number, unless every count can be true of real hardware.
void check(const LayerUse& use);

}  // namespace wordline::cost
