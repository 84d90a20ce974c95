#include "mapper/program.hpp"

#include <algorithm>

namespace wordline::mapper {
namespace {

// What one array adds up to beside its columns.
struct ArraySums {
  std::vector<double> row_power;
  double pulses = 0.0, energy = 0.0;
};

// Reads of the tile that an array belongs to.
std::int64_t reads_end(const Plan& plan, std::int64_t tile) {
  return tile + 1 < std::ssize(plan.first_read) ? plan.first_read[static_cast<std::size_t>(tile + 1)]
                                                : std::ssize(plan.reads);
}

ArraySums add_to_banks(const Plan& plan, const ArrayPlace& place, const devices::CellArray& cells,
                       std::vector<crossbar::Bank>& banks) {
  for (std::int64_t i = plan.first_read[static_cast<std::size_t>(place.tile)]; i < reads_end(plan, place.tile); ++i)
    add_array(plan, plan.reads[static_cast<std::size_t>(i)], place, cells, banks[static_cast<std::size_t>(i)]);
  return {.row_power = row_power(plan, place, cells), .pulses = cells.pulses, .energy = cells.energy};
}

// A model that is not concurrent is called in the order of arrays on the calling thread.
core::Execution for_cells(const Plan& plan, const core::Execution& execution) {
  core::Execution how = execution;
  if (!plan.cell->is_concurrent()) how.threads = 1;
  return how;
}

void draw_all_converters(const Plan& plan, const ChipIdentity& identity, std::vector<crossbar::Bank>& banks) {
  for (std::int64_t i = 0; i < std::ssize(plan.reads); ++i) {
    const Read& read = plan.reads[static_cast<std::size_t>(i)];
    for (std::int64_t a = read.first_array; a < read.first_array + read.arrays; ++a)
      draw_converters(plan, identity, read, array_place(plan.layout, plan.tile(read) * plan.layout.array_columns() + a),
                      banks[static_cast<std::size_t>(i)]);
  }
}

}  // namespace

devices::CellArray cells_of(const Plan& plan, const ArrayPlace& place, const Origin& origin) {
  devices::CellArray cells = programmed_cells(plan, place, origin.identity, origin.ageing);
  if (origin.given) cells.G = (*origin.given)[static_cast<std::size_t>(place.array)];
  return cells;
}

Banks program_banks(const Plan& plan, const Origin& origin, std::int64_t epoch, const core::Execution& execution) {
  Banks out;
  for (std::int64_t i = 0; i < std::ssize(plan.reads); ++i)
    out.banks.push_back(empty_bank(plan, i, plan.cell->has_read_noise()));
  std::vector<ArraySums> sums(static_cast<std::size_t>(plan.layout.arrays()));
  core::for_each_block(plan.layout.arrays(), for_cells(plan, execution), [&](std::int64_t i) {
    const ArrayPlace place = array_place(plan.layout, i);
    devices::CellArray cells = cells_of(plan, place, origin);
    if (plan.cell->has_slow_noise()) plan.cell->epoch(cells, epoch, read_conditions(plan.chip), origin.ageing);
    sums[static_cast<std::size_t>(i)] = add_to_banks(plan, place, cells, out.banks);
  });
  for (ArraySums& array : sums) {
    out.row_power.push_back(std::move(array.row_power));
    out.pulses += array.pulses;
    out.energy += array.energy;
  }
  draw_all_converters(plan, origin.identity, out.banks);
  return out;
}

crossbar::Bank nominal_bank(const Plan& plan, std::int64_t read_index) {
  const Read& read = plan.reads[static_cast<std::size_t>(read_index)];
  crossbar::Bank bank = empty_bank(plan, read_index, false);
  for (std::int64_t a = read.first_array; a < read.first_array + read.arrays; ++a) {
    const ArrayPlace place = array_place(plan.layout, plan.tile(read) * plan.layout.array_columns() + a);
    add_array(plan, read, place, target_cells(plan, place), bank);
  }
  return bank;
}

}  // namespace wordline::mapper
