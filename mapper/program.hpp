#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/parallel.hpp"
#include "crossbar/bank.hpp"
#include "mapper/assemble.hpp"
#include "mapper/cells.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// Conductances (S) of all arrays of a layer, [array][row][column].
using Conductances = std::vector<std::vector<double>>;

/// Where the conductances of a programmed layer come from.
struct Origin {
  ChipIdentity identity;
  devices::Ageing ageing;
  std::shared_ptr<const Conductances> given;  ///< read from a file instead of programmed; usually null
};

/// The part of their ideal current that the converted columns of a layer lose in its lines, all rows with inputs
/// driven alike.
struct ColumnLoss {
  double mean = 0.0, worst = 0.0;
};

/// A programmed layer, ready to be read.
struct Banks {
  std::vector<crossbar::Bank> banks;           ///< [read]
  std::vector<std::vector<double>> row_power;  ///< [array], see row_power(); empty with line resistance
  std::vector<crossbar::Matrix> drivers;       ///< [read] Wired::drivers, summed over its arrays; empty on ideal lines
  ColumnLoss loss;
  double pulses = 0.0, energy = 0.0;  ///< of programming; J, 0 where the cell's source gives none
};

/// The cells of one array of a programmed layer, without the slow noise of a read epoch.
devices::CellArray cells_of(const Plan& plan, const ArrayPlace& place, const Origin& origin);

/// All banks of one chip with the slow noise of one read epoch. Parallel over arrays, unless the cell model is not
/// concurrent.
Banks program_banks(const Plan& plan, const Origin& origin, std::int64_t epoch, const core::Execution& execution);

/// The bank of one read with nominal conductances and no randomness, for calibration. Parallel as program_banks.
crossbar::Bank nominal_bank(const Plan& plan, std::int64_t read_index, const core::Execution& execution);

}  // namespace wordline::mapper
