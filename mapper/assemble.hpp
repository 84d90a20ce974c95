#pragma once

#include <cstdint>
#include <vector>

#include "crossbar/bank.hpp"
#include "mapper/cells.hpp"
#include "mapper/plan.hpp"
#include "mapper/wired.hpp"

namespace wordline::mapper {

/// Where the columns of one read enter its bank: groups of lanes slice by slice, then sign, then outputs, and behind
/// them the reference columns that are converted, whose results are outputs of their own.
struct BankShape {
  std::int64_t outputs = 0, slices = 1, signs = 1, references = 0;

  std::int64_t blocks() const;            ///< groups of one slice and sign
  std::int64_t reference_blocks() const;  ///< groups of one slice's references
  std::int64_t groups() const { return slices * (signs * blocks() + reference_blocks()); }
  std::int64_t width() const;  ///< outputs of the bank, padded
  std::int64_t group_of(std::int64_t slice, std::int64_t sign, std::int64_t output) const;
  std::int64_t reference_group_of(std::int64_t slice, std::int64_t array) const;
  /// Output of the bank that holds a slice's reference in the read's array `array`.
  std::int64_t reference_output(std::int64_t slice, std::int64_t array) const;
};
BankShape bank_shape(const Plan& plan, const Read& read);

/// A bank with its groups, weights and ranges, and no currents yet; with room for cell noise if wanted.
crossbar::Bank empty_bank(const Plan& plan, std::int64_t read_index, bool cell_noise);

/// Adds the cells of one array, `wired` as they are seen through the lines, to the bank of one read. Arrays hold
/// different columns, so several may be added to one bank at once.
void add_array(const Plan& plan, const Read& read, const ArrayPlace& place, const devices::CellArray& cells,
               const Wired& wired, crossbar::Bank& bank);

/// W drawn by all cells of a driven input of one array, [level * tile inputs + input]: at each digit, or for
/// Kernel::linear per squared digit unit (pulse width: per digit unit).
std::vector<double> row_power(const Plan& plan, const ArrayPlace& place, const devices::CellArray& cells);

/// Draws the errors of one array's physical converters and gives them to the columns of a read.
void draw_converters(const Plan& plan, const ChipIdentity& identity, const Read& read, const ArrayPlace& place,
                     crossbar::Bank& bank);

}  // namespace wordline::mapper
