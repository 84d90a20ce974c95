#include "mapper/program.hpp"

#include <algorithm>

#include "mapper/lanes.hpp"

namespace wordline::mapper {
namespace {

// Bounds what waits to be added up in order.
constexpr std::int64_t arrays_at_once = 256;

// What one array adds up to beside its columns.
struct ArraySums {
  std::vector<double> row_power;
  std::vector<crossbar::Matrix> drivers;  // [read of its tile], empty on ideal lines and for reads without the array
  std::vector<double> loss;               // of the converted columns
  double pulses = 0.0, energy = 0.0;
};

// Reads of the tile that an array belongs to.
std::int64_t reads_end(const Plan& plan, std::int64_t tile) {
  return tile + 1 < std::ssize(plan.first_read) ? plan.first_read[static_cast<std::size_t>(tile + 1)]
                                                : std::ssize(plan.reads);
}

bool has_array(const Read& read, const ArrayPlace& place) {
  return place.column >= read.first_array && place.column < read.first_array + read.arrays;
}

void add_losses(const Plan& plan, const Read& read, const ArrayPlace& place, const Wired& wired, ArraySums& sums) {
  for (const Lane& lane : lanes_of(plan, read, place))
    sums.loss.push_back(wired.loss[static_cast<std::size_t>(lane.col)]);
}

// Reads that open the same rows see the same array.
ArraySums add_to_banks(const Plan& plan, const ArrayPlace& place, const devices::CellArray& cells,
                       std::vector<crossbar::Bank>& banks) {
  ArraySums sums{.row_power = {}, .drivers = {}, .loss = {}, .pulses = cells.pulses, .energy = cells.energy};
  Wired wired;
  OpenRows rows;
  for (std::int64_t i = plan.first_read[static_cast<std::size_t>(place.tile)]; i < reads_end(plan, place.tile); ++i) {
    const Read& read = plan.reads[static_cast<std::size_t>(i)];
    if (!has_array(read, place)) continue;
    if (const OpenRows opened = open_rows(plan.layout, read); opened != rows) {
      rows = opened;
      wired = see(plan, rows, cells);
    }
    add_array(plan, read, place, cells, wired, banks[static_cast<std::size_t>(i)]);
    if (wired.ideal()) continue;
    if (!wired.solver) sums.drivers.push_back(wired.drivers);
    add_losses(plan, read, place, wired, sums);
  }
  if (plan.chip.array.wires.ideal()) sums.row_power = row_power(plan, place, cells);
  return sums;
}

// In the order of arrays, so that sums are the same for every number of threads.
void add_drivers(const Plan& plan, const ArrayPlace& place, const ArraySums& sums, Banks& out) {
  auto next = sums.drivers.begin();
  for (std::int64_t i = plan.first_read[static_cast<std::size_t>(place.tile)]; i < reads_end(plan, place.tile); ++i) {
    if (next == sums.drivers.end() || !has_array(plan.reads[static_cast<std::size_t>(i)], place)) continue;
    crossbar::Matrix& sum = out.drivers[static_cast<std::size_t>(i)];
    if (sum.size() == 0)
      sum = *next;
    else
      sum += *next;
    ++next;
  }
}

void add_sums(const Plan& plan, std::int64_t array, ArraySums& sums, Banks& out) {
  out.pulses += sums.pulses;
  out.energy += sums.energy;
  if (plan.chip.array.wires.ideal()) {
    out.row_power.push_back(std::move(sums.row_power));
    return;
  }
  add_drivers(plan, array_place(plan.layout, array), sums, out);
  for (const double loss : sums.loss) {
    out.loss.mean += loss;
    out.loss.worst = std::max(out.loss.worst, loss);
  }
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
  out.banks.resize(plan.reads.size());
  core::for_each_block(std::ssize(plan.reads), execution, [&](std::int64_t i) {
    out.banks[static_cast<std::size_t>(i)] = empty_bank(plan, i, plan.cell->has_read_noise());
  });
  if (!plan.chip.array.wires.ideal()) out.drivers.resize(plan.reads.size());
  std::size_t columns = 0;
  for (std::int64_t first = 0; first < plan.layout.arrays(); first += arrays_at_once) {
    const std::int64_t count = std::min(arrays_at_once, plan.layout.arrays() - first);
    std::vector<ArraySums> sums(static_cast<std::size_t>(count));
    core::for_each_block(count, for_cells(plan, execution), [&](std::int64_t i) {
      const ArrayPlace place = array_place(plan.layout, first + i);
      devices::CellArray cells = cells_of(plan, place, origin);
      if (plan.cell->has_slow_noise()) plan.cell->epoch(cells, epoch, read_conditions(plan.chip), origin.ageing);
      sums[static_cast<std::size_t>(i)] = add_to_banks(plan, place, cells, out.banks);
    });
    for (std::int64_t i = 0; i < count; ++i) {
      columns += sums[static_cast<std::size_t>(i)].loss.size();
      add_sums(plan, first + i, sums[static_cast<std::size_t>(i)], out);
    }
  }
  out.loss.mean /= static_cast<double>(std::max<std::size_t>(1, columns));
  draw_all_converters(plan, origin.identity, out.banks);
  return out;
}

crossbar::Bank nominal_bank(const Plan& plan, std::int64_t read_index, const core::Execution& execution) {
  const Read& read = plan.reads[static_cast<std::size_t>(read_index)];
  crossbar::Bank bank = empty_bank(plan, read_index, false);
  const std::int64_t first = plan.tile(read) * plan.layout.array_columns() + read.first_array;
  core::for_each_block(read.arrays, for_cells(plan, execution), [&](std::int64_t a) {
    const ArrayPlace place = array_place(plan.layout, first + a);
    const devices::CellArray cells = target_cells(plan, place);
    add_array(plan, read, place, cells, see(plan, open_rows(plan.layout, read), cells), bank);
  });
  return bank;
}

}  // namespace wordline::mapper
