#pragma once

#include <cstdint>

namespace wordline::core {

/// What happened on the hardware while some samples ran through one layer: plain counts, priced afterwards by
/// `cost`. Counts are exact integers, so they do not depend on threads or on how samples were split.
struct Activity {
  std::int64_t samples = 0;      ///< inputs that ran through the layer
  std::int64_t windows = 0;      ///< input vectors applied (pixels of a convolution's output, rows of a matrix)
  std::int64_t macs = 0;         ///< multiply-adds of the mathematical layer; 1 MAC = 2 operations
  std::int64_t array_reads = 0;  ///< arrays x input cycles
  std::int64_t row_drives = 0;   ///< DAC actions: rows of all arrays x input cycles, zeros included
  std::int64_t conversions = 0;  ///< ADC conversions
  std::int64_t saturations = 0;  ///< conversions that hit an end of the ADC's range
  std::int64_t inputs = 0;       ///< numbers put on the DACs' scale; a convolution reads each several times
  std::int64_t input_clips = 0;  ///< inputs beyond the DAC's range
  std::int64_t shift_adds = 0;   ///< digital shift-and-add operations behind the ADCs
  std::int64_t input_bits = 0;   ///< bits fetched from the buffer into input registers
  std::int64_t output_bits = 0;  ///< bits of finished outputs written back
  double array_energy = 0.0;     ///< J, sum of V^2 G t (or V I t) over every cell and cycle

  Activity& operator+=(const Activity& other) {
    samples += other.samples;
    windows += other.windows;
    macs += other.macs;
    array_reads += other.array_reads;
    row_drives += other.row_drives;
    conversions += other.conversions;
    saturations += other.saturations;
    inputs += other.inputs;
    input_clips += other.input_clips;
    shift_adds += other.shift_adds;
    input_bits += other.input_bits;
    output_bits += other.output_bits;
    array_energy += other.array_energy;
    return *this;
  }
};

}  // namespace wordline::core
