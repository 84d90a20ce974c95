#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crossbar/adc.hpp"
#include "crossbar/bank.hpp"
#include "mapper/chip.hpp"

namespace wordline::mapper {

/// Weights as whole numbers (or as fractions of the largest when continuous), [input][output].
struct WeightCodes {
  std::int64_t inputs = 0, outputs = 0;
  bool continuous = false;
  std::vector<std::int32_t> codes;  ///< q, empty when continuous
  std::vector<float> fractions;     ///< w / scale in [-1, 1], when continuous
  std::vector<double> scale;        ///< [output] weight = scale * code (or * fraction)
  std::int64_t clipped = 0;         ///< weights beyond the chosen range
};
WeightCodes quantise(std::span<const float> weights, std::int64_t inputs, std::int64_t outputs,
                     const WeightsSpec& spec);

/// One slice of a weight: `bits` bits above `low_bit` of the magnitude (or of the offset code).
struct Slice {
  std::int64_t low_bit = 0;
  std::int64_t bits = 1;
  double largest = 1.0;  ///< level of a cell at G_max
  double worth = 1.0;    ///< digital weight of one level
};
std::vector<Slice> slices(const WeightsSpec& spec);

/// Level (0 .. slice.largest) of one weight's cell; polarity 1 is the partner that holds negative parts.
double level(const WeightCodes& weights, const WeightsSpec& spec, const Slice& slice, std::int64_t input,
             std::int64_t output, int polarity);

/// Where the cells of a layer stand. Rows are cut into row tiles; columns hold, weight after weight, all slices, pair
/// partners side by side in the same array.
struct Layout {
  std::int64_t inputs = 0, outputs = 0, slices = 1;
  std::int64_t polarities = 1;  ///< 2 for differential pairs
  std::int64_t converted = 1;   ///< conversions per slice: 2 when pairs are subtracted digitally
  std::int64_t array_rows = 0, array_cols = 0;
  std::int64_t columns_per_adc = 1;

  /// Columns are converted one by one, baseline included; otherwise a pair's difference is.
  bool single_columns() const { return polarities == 1 || converted == 2; }
  std::int64_t row_tiles() const;
  std::int64_t units_per_array() const { return array_cols / polarities; }
  std::int64_t array_columns() const;  ///< arrays side by side that one row tile feeds
  std::int64_t arrays() const { return row_tiles() * array_columns(); }
  std::int64_t first_row(std::int64_t tile) const { return tile * array_rows; }
  std::int64_t rows(std::int64_t tile) const;
  std::int64_t converters_per_array() const;
  /// Busiest converter's conversions for one array read.
  std::int64_t conversions_per_converter() const;
  /// Groups of `crossbar::lanes` conversion columns: slice by slice, then sign, then outputs.
  std::int64_t blocks() const;
  std::int64_t groups() const { return slices * converted * blocks(); }
  std::int64_t group_slice(std::int64_t group) const { return group / (converted * blocks()); }
  int group_polarity(std::int64_t group) const { return static_cast<int>(group / blocks() % converted); }
  std::int64_t group_first_output(std::int64_t group) const { return group % blocks() * crossbar::lanes; }
};

/// What one level of a slice is in physical units, at the read voltage and through every deterministic effect.
struct LevelUnit {
  double dG = 0.0;        ///< S between neighbouring levels, as seen at v_read
  double current = 0.0;   ///< A of one level driven by one digit unit
  double baseline = 0.0;  ///< G_min in level units
};

/// How inputs become codes.
struct InputScale {
  bool dynamic = false;               ///< one scale per sample
  double low = -1e300, high = 1e300;  ///< ends of a given range, in codes
  double scale = 0.0;                 ///< input = scale * code (or * amplitude); 0 until known
};

/// Everything about a mapped layer that is the same on every chip.
struct Plan {
  std::string name;
  std::uint32_t index = 0;
  ChipSpec chip;
  std::shared_ptr<const devices::Cell> cell;
  WeightCodes weights;
  std::vector<float> bias;
  std::vector<Slice> slices;
  Layout layout;
  crossbar::InputCode code;
  InputScale input;
  crossbar::Drive drive = crossbar::Drive::bits;
  std::vector<LevelUnit> units;                   ///< [slice]
  std::vector<std::vector<crossbar::Codes>> adc;  ///< [row tile][slice]; empty until known

  double v_digit() const { return chip.dac.v_read / code.largest_digit(); }  ///< V of one digit unit
  /// Results depend on which sample a vector belongs to: noise, read epochs, or a scale per sample.
  bool depends_on_samples() const;
  bool given_range() const { return std::holds_alternative<std::array<double, 2>>(chip.dac.range); }
  bool ready() const { return !adc.empty() && (input.dynamic || input.scale > 0.0); }
};

/// Plans a layer; input and ADC ranges that need samples stay open.
Plan make_plan(std::string name, std::uint32_t index, const ChipSpec& chip, std::span<const float> weights,
               std::int64_t inputs, std::int64_t outputs, std::span<const float> bias);

/// Fixes the sign of the inputs, and with it the input code and the ADC ranges that need no samples.
void set_input_sign(Plan& plan, bool is_signed);

/// What the ADCs of one slice convert, and the largest magnitude that any inputs and weights can give (level units).
crossbar::Converted converted(const Plan& plan, std::size_t slice);
double full_reach(const Plan& plan, std::size_t slice);

}  // namespace wordline::mapper
