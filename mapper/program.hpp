#pragma once

#include <cstdint>
#include <vector>

#include "core/parallel.hpp"
#include "crossbar/bank.hpp"
#include "devices/cell.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// Which chip of which study: with the plan it fixes every random draw.
struct ChipIdentity {
  std::uint64_t seed = 0;
  std::uint32_t chip = 0;
};

/// One row tile of a programmed layer.
struct TileState {
  crossbar::Bank bank;
  /// W drawn by all cells of a driven row: [level * rows + row]; Drive::linear: per squared digit unit.
  std::vector<double> row_power;
  double pulses = 0.0, energy = 0.0;
};

/// The tile with nominal conductances and no randomness, for calibration.
TileState nominal_tile(const Plan& plan, std::int64_t tile);

/// The row tiles of one chip, `ageing` after programming, with the slow noise of one read epoch. Parallel over arrays.
std::vector<TileState> program_tiles(const Plan& plan, const ChipIdentity& identity, const devices::Ageing& ageing,
                                     std::int64_t epoch, const core::Execution& execution);

}  // namespace wordline::mapper
