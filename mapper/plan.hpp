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
#include "mapper/layout.hpp"
#include "mapper/weights.hpp"

namespace wordline::mapper {

/// How a quantised model represents a layer's input: x = scale (q - zero), q whole in [low, high].
struct InputCodes {
  double scale = 1.0;
  std::int64_t zero = 0, low = 0, high = 255;
};

/// A product with a constant matrix, as a network gives it: outputs of group g read the inputs of group g.
struct Product {
  std::string name;
  std::uint32_t index = 0;         ///< place in the network, part of every random draw
  std::span<const float> weights;  ///< inputs x outputs, row-major
  std::int64_t inputs = 0;         ///< of one group
  std::int64_t outputs = 0;        ///< of all groups, a multiple of `groups`
  std::int64_t groups = 1;
  std::span<const float> bias;           ///< empty, or one number per output
  std::optional<InputCodes> codes;       ///< known from a quantised model
  std::span<const double> weight_scale;  ///< empty, or one number per output of which weights are whole multiples
};

/// What one level of a slice is in physical units, at the read voltage and through every deterministic effect.
struct LevelUnit {
  double dG = 0.0;        ///< S between neighbouring levels, as seen at v_read
  double current = 0.0;   ///< A of one level driven by one digit unit (pulse width: average over t_read)
  double baseline = 0.0;  ///< G_min in level units
};

/// What a driver applies for one digit.
struct Applied {
  double V = 0.0;     ///< V on the row
  double duty = 1.0;  ///< part of t_read
};

/// How inputs become codes.
struct InputScale {
  bool dynamic = false;               ///< one scale per sample
  bool fixed = false;                 ///< given by the settings or by a quantised model
  double low = -1e300, high = 1e300;  ///< ends of a given range, in codes
  double scale = 0.0;                 ///< input = scale (code - zero) (or scale * amplitude); 0 until known
  std::int64_t zero = 0;              ///< code of a zero input
};

/// What the digital side takes away for the outputs of one read, per unit of summed input: [output of the read].
struct Corrections {
  std::vector<double> own;   ///< times the inputs of the output's group
  std::vector<double> base;  ///< times all inputs of the read
};

/// Everything about a mapped layer that is the same on every chip.
struct Plan {
  std::string name;
  std::uint32_t index = 0;
  ChipSpec chip;
  std::shared_ptr<const devices::Cell> cell;
  std::int64_t data_inputs = 0;  ///< inputs of one group without the rows of biases
  WeightCodes weights;           ///< rows of biases included
  std::vector<float> bias;
  std::vector<Slice> slices;
  Layout layout;
  std::vector<Read> reads;
  std::vector<std::int64_t> first_read;  ///< [section * row_tiles + row_tile] first of its reads
  crossbar::InputCode code;
  InputScale input;
  crossbar::Kernel kernel = crossbar::Kernel::bits;
  std::vector<LevelUnit> units;                     ///< [slice]
  std::vector<std::vector<std::uint8_t>> inverted;  ///< [read][column_of], empty without column inversion
  std::vector<Corrections> corrections;             ///< [read]
  std::vector<std::vector<double>> compensation;    ///< [read][column of the bank], empty: nothing is compensated
  std::vector<double> zero_sums;                    ///< [output] sum of weights times the code of a zero input
  std::vector<std::vector<crossbar::Codes>> adc;    ///< [section * row_tiles + row_tile][slice]; empty until known

  bool pulse_width() const { return chip.dac.drive == crossbar::Drive::pulse_width; }
  bool voltage() const { return chip.adc.sense == crossbar::Sense::voltage; }
  bool bias_in_array() const { return chip.weights.bias == BiasIn::array && !bias.empty(); }
  Applied applied(std::int64_t digit) const;
  std::int64_t tile(const Read& read) const { return read.section * layout.row_tiles() + read.row_tile; }
  std::int64_t read_index(std::int64_t tile, std::int64_t read, std::int64_t turn) const {
    return first_read[static_cast<std::size_t>(tile)] + read * layout.turns() + turn;
  }
  /// Whether a column of a read holds the complement of its levels.
  bool is_inverted(std::int64_t read, std::int64_t output, std::int64_t slice, std::int64_t polarity) const;
  /// Results depend on which sample a vector belongs to: noise, read epochs, or a scale per sample.
  bool depends_on_samples() const;
  bool ready() const { return !adc.empty() && (input.dynamic || input.scale > 0.0); }
};

/// Plans a layer; input and ADC ranges that need samples stay open.
Plan make_plan(const Product& product, const ChipSpec& chip);

/// Fixes the sign and scale of the inputs (0: not known yet), and with them all that needs no samples.
void set_inputs(Plan& plan, bool is_signed, double scale);

/// What the ADCs of one slice convert, and the largest magnitude that any inputs and weights can give.
crossbar::Converted converted(const Plan& plan, std::size_t slice);
double full_reach(const Plan& plan, std::size_t slice);
/// A (V when voltages are sensed) of one unit of the converted quantity.
double physical_unit(const Plan& plan, std::size_t slice);

}  // namespace wordline::mapper
