#pragma once

#include "devices/cell.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// Which chip of which study: with the plan it fixes every random draw.
struct ChipIdentity {
  std::uint64_t seed = 0;
  std::uint32_t chip = 0;
};

/// One physical array of a layer.
struct ArrayPlace {
  std::int64_t array = 0;  ///< number in the layer
  std::int64_t section = 0, row_tile = 0, column = 0;
  std::int64_t tile = 0;  ///< section * row_tiles + row_tile
};
ArrayPlace array_place(const Layout& layout, std::int64_t array);

/// All cells of one array, row by row, with their targets (S); cells that hold nothing at the high-resistance state.
devices::CellArray target_cells(const Plan& plan, const ArrayPlace& place);

/// The same cells on one chip, `ageing` after programming, without the slow noise of a read epoch.
devices::CellArray programmed_cells(const Plan& plan, const ArrayPlace& place, const ChipIdentity& identity,
                                    const devices::Ageing& ageing);

devices::ReadConditions read_conditions(const ChipSpec& chip);

}  // namespace wordline::mapper
