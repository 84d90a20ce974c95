#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "crossbar/adc.hpp"
#include "crossbar/input.hpp"
#include "crossbar/transfer.hpp"

namespace wordline::crossbar {

/// Conversion columns are handled in groups of this many, on every CPU: one vector of AVX-512, two of AVX2.
inline constexpr std::int64_t lanes = 16;

/// How the multiply turns a row's digit into a column's quantity.
enum class Kernel {
  bits,    ///< digits are 0 or 1: rows are selected
  linear,  ///< digits scale the current of one level
  levels,  ///< digits select one of D tabulated currents (nonlinear cells or drivers)
};

/// Columns that are no sum over rows: arrays that are solved anew for every vector of digits.
class Solved {
 public:
  virtual ~Solved() = default;

  /// What the columns carry in level units above their baseline, out[slot][group * lanes + lane], for signed digits
  /// [slot][row]. Every slot gives the same bits whichever others run beside it.
  virtual void sums(std::span<const float> digits, std::span<float> out) const = 0;
};

/// All columns that are read together: rows opened at the same time, and the columns converted then. A row tile of
/// arrays is one bank, or several when rows open a part at a time or groups of a convolution take turns. Currents are
/// in level units: one level driven by one digit unit is 1, G_min is 0, so that ideal cells are whole numbers.
/// Conversion columns come in groups of `lanes`; the columns of a group belong to consecutive outputs of one slice and
/// sign.
struct Bank {
  std::int64_t rows = 0;
  std::int64_t groups = 0;
  std::int64_t outputs = 0;  ///< outputs, padded to a multiple of `lanes`
  Kernel kernel = Kernel::bits;
  std::int64_t levels = 1;  ///< tabulated levels per row: D for Kernel::levels, else 1
  InputCode code;
  std::uint32_t index = 0;  ///< of the bank in its layer, part of every noise event

  /// [group][level][row][lane] current of a driven row (minus the partner's when pairs are subtracted as currents).
  std::vector<float> current;
  std::shared_ptr<Solved> solved;  ///< takes the place of `current`; null for arrays that are a matrix
  /// Fast noise, empty when the cells have none: variance = idle + sum over driven rows, in level units squared.
  /// For Kernel::linear a digit d adds |d| slope + d^2 square; the other kernels tabulate a row's variance in `slope`.
  std::vector<float> slope, square;
  std::vector<float> idle;  ///< [group][lane]

  std::vector<std::int64_t> first_output;  ///< [group] output of lane 0
  std::vector<std::int64_t> valid;         ///< [group] lanes that are real columns
  std::vector<double> worth;    ///< [group][lane] what one unit of the converted quantity is worth in the digital sum
  std::vector<float> baseline;  ///< [group][lane] current of a cell at G_min where it is converted too, else 0

  bool ideal_adc = true;
  std::vector<float> step, low, high;  ///< [group] codes, step in units of the converted quantity
  std::vector<float> gain, offset;     ///< [group][lane] relative and LSB errors of the physical converter
  float adc_noise = 0.0F;              ///< LSB rms
  /// Converters whose edges are not evenly spaced, and [group][lane] which of them a column uses. Empty: even edges.
  std::vector<Transfer> transfers;
  std::vector<std::int32_t> transfer;

  bool cell_noise() const { return !slope.empty(); }
  bool noisy() const { return cell_noise() || adc_noise > 0.0F; }
  bool has_baseline() const;
  std::int64_t entry(std::int64_t group, std::int64_t level, std::int64_t row) const {
    return ((group * levels + level) * rows + row) * lanes;
  }
};

/// Where output n of a vector stands in the results of a block, [outputs / lanes][vector][lane].
inline std::size_t result_at(std::int64_t vectors, std::int64_t vector, std::int64_t n) {
  return static_cast<std::size_t>((n / lanes * vectors + vector) * lanes + n % lanes);
}

/// A bank of the given shape with zero currents, ideal converters and unit weights.
Bank make_bank(std::int64_t rows, std::int64_t groups, std::int64_t outputs, const InputCode& code, Kernel kernel);

}  // namespace wordline::crossbar
