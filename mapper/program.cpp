#include "mapper/program.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::mapper {
namespace {

using crossbar::Bank;
using crossbar::Drive;
using crossbar::lanes;

constexpr std::uint64_t unused_flag = std::uint64_t{1} << 63U;

// Cells draw by logical weight coordinates, so that two designs can be compared on the same cells; cells that hold no
// weight have only their place. Field widths: make_plan checks them.
std::uint64_t weight_id(std::int64_t input, std::int64_t output, std::int64_t slice, std::int64_t polarity) {
  const auto place = static_cast<std::uint64_t>(input) << 24U | static_cast<std::uint64_t>(output);
  return place << 6U | static_cast<std::uint64_t>(slice) << 1U | static_cast<std::uint64_t>(polarity);
}
std::uint64_t unused_id(std::int64_t tile, std::int64_t array, std::int64_t cell) {
  const auto place = static_cast<std::uint64_t>(tile) << 19U | static_cast<std::uint64_t>(array);
  return unused_flag | place << 24U | static_cast<std::uint64_t>(cell);
}

// What stands in one column of an array.
struct Column {
  bool used = false;
  std::int64_t output = 0, slice = 0, polarity = 0;
};

Column column_at(const Layout& layout, std::int64_t array, std::int64_t col) {
  const std::int64_t in_array = col / layout.polarities;
  const std::int64_t unit = array * layout.units_per_array() + in_array;
  if (in_array >= layout.units_per_array() || unit >= layout.outputs * layout.slices) return {};
  return {
      .used = true, .output = unit / layout.slices, .slice = unit % layout.slices, .polarity = col % layout.polarities};
}

double target_of(const Plan& plan, const devices::Window& window, const Column& column, std::int64_t input) {
  const Slice& slice = plan.slices[static_cast<std::size_t>(column.slice)];
  const double l =
      level(plan.weights, plan.chip.weights, slice, input, column.output, static_cast<int>(column.polarity));
  return window.G_min + l * (window.G_max - window.G_min) / slice.largest;
}

// All cells of one array, row by row, with their targets; unused ones at the high-resistance state.
devices::CellArray target_cells(const Plan& plan, std::int64_t tile, std::int64_t array) {
  const Layout& layout = plan.layout;
  const devices::Window window = plan.cell->window();
  devices::CellArray cells;
  for (std::int64_t row = 0; row < layout.array_rows; ++row)
    for (std::int64_t col = 0; col < layout.array_cols; ++col) {
      const Column column = column_at(layout, array, col);
      const bool used = column.used && row < layout.rows(tile);
      const std::int64_t input = layout.first_row(tile) + row;
      cells.id.push_back(used ? weight_id(input, column.output, column.slice, column.polarity)
                              : unused_id(tile, array, row * layout.array_cols + col));
      cells.target.push_back(used ? target_of(plan, window, column, input) : window.G_min);
    }
  cells.G = cells.target;
  cells.stuck.assign(cells.size(), devices::Stuck::no);
  return cells;
}

// Where one column's cells enter the bank.
struct Place {
  std::int64_t group = 0, lane = 0;
  double sign = 1.0;
};

Place place_of(const Layout& layout, const Column& column) {
  const std::int64_t sign_group = layout.converted == 2 ? column.polarity : 0;
  const std::int64_t block = column.output / lanes;
  return {.group = (column.slice * layout.converted + sign_group) * layout.blocks() + block,
          .lane = column.output % lanes,
          .sign = layout.converted == 1 && column.polarity == 1 ? -1.0 : 1.0};
}

// What one array adds up to beside its columns; summed over the arrays of a tile in their order.
struct ArraySums {
  std::vector<double> row_power;
  double pulses = 0.0, energy = 0.0;
};

// Adds one array's cells to the tile: currents at one drive level, in level units above the baseline. Arrays hold
// different columns, so several may be added at once.
class ArrayAdder {
 public:
  ArrayAdder(const Plan& plan, std::int64_t tile, std::int64_t array, Bank& bank, ArraySums& sums)
      : plan_(plan), layout_(plan.layout), tile_(tile), array_(array), bank_(bank), sums_(sums) {}

  void add_level(const devices::CellArray& cells, std::int64_t level_index) {
    const double digits = static_cast<double>(level_index + 1);
    const double V = plan_.v_digit() * digits;
    std::vector<double> I(cells.size());
    plan_.cell->current(cells.G, V, I);
    for (std::int64_t row = 0; row < layout_.rows(tile_); ++row) {
      double total = 0.0;
      for (std::int64_t col = 0; col < layout_.array_cols; ++col) {
        const double current = I[at(row, col)];
        total += current;
        add_current(row, col, level_index, digits, current);
      }
      sums_.row_power[static_cast<std::size_t>(level_index * layout_.rows(tile_) + row)] += V * total;
    }
  }

  void add_noise(const devices::ReadNoise& noise) {
    for (std::int64_t row = 0; row < layout_.array_rows; ++row)
      for (std::int64_t col = 0; col < layout_.array_cols; ++col) add_noise_of(noise, row, col);
  }

 private:
  std::size_t at(std::int64_t row, std::int64_t col) const {
    return static_cast<std::size_t>(row * layout_.array_cols + col);
  }
  const LevelUnit& unit(const Column& column) const { return plan_.units[static_cast<std::size_t>(column.slice)]; }

  void add_current(std::int64_t row, std::int64_t col, std::int64_t level_index, double digits, double current) {
    const Column column = column_at(layout_, array_, col);
    if (!column.used) return;
    const Place place = place_of(layout_, column);
    const double x = current / unit(column).current - digits * unit(column).baseline;
    bank_.current[static_cast<std::size_t>(bank_.entry(place.group, level_index, row) + place.lane)] +=
        static_cast<float>(place.sign * x);
  }

  void add_noise_of(const devices::ReadNoise& noise, std::int64_t row, std::int64_t col) {
    const Column column = column_at(layout_, array_, col);
    if (!column.used) return;
    const Place place = place_of(layout_, column);
    const double per_square = 1.0 / (unit(column).current * unit(column).current);
    const std::size_t k = at(row, col);
    Bank& bank = bank_;
    bank.idle[static_cast<std::size_t>(place.group * lanes + place.lane)] +=
        static_cast<float>(noise.a0[k] * per_square);
    if (row >= layout_.rows(tile_)) return;
    for (std::int64_t l = 0; l < bank.levels; ++l) {
      const double V = plan_.v_digit() * static_cast<double>(l + 1);
      const auto entry = static_cast<std::size_t>(bank.entry(place.group, l, row) + place.lane);
      const bool linear = bank.drive == Drive::linear;
      bank.slope[entry] += static_cast<float>((noise.a1[k] * V + (linear ? 0.0 : noise.a2[k] * V * V)) * per_square);
      if (linear) bank.square[entry] += static_cast<float>(noise.a2[k] * V * V * per_square);
    }
  }

  const Plan& plan_;
  const Layout& layout_;
  std::int64_t tile_, array_;
  Bank& bank_;
  ArraySums& sums_;
};

void fill_group(const Plan& plan, std::int64_t tile, std::int64_t group, Bank& bank) {
  const Layout& layout = plan.layout;
  const auto g = static_cast<std::size_t>(group);
  const auto s = static_cast<std::size_t>(layout.group_slice(group));
  bank.first_output[g] = layout.group_first_output(group);
  bank.valid[g] = std::min(lanes, layout.outputs - bank.first_output[g]);
  bank.worth[g] = plan.slices[s].worth * (layout.group_polarity(group) == 1 ? -1.0 : 1.0);
  bank.baseline[g] = layout.single_columns() ? static_cast<float>(plan.units[s].baseline) : 0.0F;
  if (plan.adc.empty() || bank.ideal_adc) return;
  const crossbar::Codes& codes = plan.adc[static_cast<std::size_t>(tile)][s];
  bank.step[g] = static_cast<float>(codes.step);
  bank.low[g] = static_cast<float>(codes.low);
  bank.high[g] = static_cast<float>(codes.high);
}

TileState empty_tile(const Plan& plan, std::int64_t tile) {
  const Layout& layout = plan.layout;
  TileState state{
      .bank = crossbar::make_bank(layout.rows(tile), layout.groups(), layout.blocks() * lanes, plan.code, plan.drive),
      .row_power = {}};
  Bank& bank = state.bank;
  bank.tile = static_cast<std::uint32_t>(tile);
  bank.ideal_adc = !plan.chip.adc.bits.has_value();
  bank.adc_noise = static_cast<float>(plan.chip.adc.noise);
  for (std::int64_t g = 0; g < layout.groups(); ++g) fill_group(plan, tile, g, bank);
  state.row_power.assign(static_cast<std::size_t>(bank.levels * bank.rows), 0.0);
  return state;
}

void prepare_noise(Bank& bank) {
  bank.slope.assign(bank.current.size(), 0.0F);
  bank.idle.assign(static_cast<std::size_t>(bank.groups * lanes), 0.0F);
  if (bank.drive == Drive::linear) bank.square.assign(bank.current.size(), 0.0F);
}

devices::ReadConditions read_conditions(const ChipSpec& chip) {
  return {.v_read = chip.dac.v_read,
          .t_read = chip.dac.t_read,
          .temperature = chip.temperature,
          .t_inference = chip.t_inference};
}

ArraySums add_array(const Plan& plan, std::int64_t tile, std::int64_t array, const devices::CellArray& cells,
                    Bank& bank) {
  ArraySums sums{.row_power = std::vector<double>(static_cast<std::size_t>(bank.levels * bank.rows), 0.0),
                 .pulses = cells.pulses,
                 .energy = cells.energy};
  ArrayAdder adder(plan, tile, array, bank, sums);
  for (std::int64_t l = 0; l < bank.levels; ++l) adder.add_level(cells, l);
  if (bank.cell_noise()) adder.add_noise(plan.cell->read_noise(cells, read_conditions(plan.chip)));
  return sums;
}

void join(const ArraySums& sums, TileState& state) {
  for (std::size_t i = 0; i < sums.row_power.size(); ++i) state.row_power[i] += sums.row_power[i];
  state.pulses += sums.pulses;
  state.energy += sums.energy;
}

// Errors of physical converters: drawn once per chip, by place.
void draw_converters(const Plan& plan, const ChipIdentity& identity, std::int64_t tile, Bank& bank) {
  const auto& adc = plan.chip.adc;
  if (adc.offset == 0.0 && adc.gain == 0.0) return;
  const core::Stream stream({.seed = identity.seed,
                             .chip = identity.chip,
                             .layer = plan.index,
                             .tile = static_cast<std::uint32_t>(tile),
                             .purpose = "adc"});
  for (std::int64_t array = 0; array < plan.layout.array_columns(); ++array)
    for (std::int64_t col = 0; col < plan.layout.array_cols; ++col) {
      const Column column = column_at(plan.layout, array, col);
      const Place place = place_of(plan.layout, column);
      if (!column.used || (plan.layout.converted == 1 && column.polarity == 1)) continue;
      const auto converter = static_cast<std::uint32_t>(col / adc.columns_per_adc);
      const auto z = stream.normals({static_cast<std::uint32_t>(array), converter, 0, 0});
      const auto at = static_cast<std::size_t>(place.group * lanes + place.lane);
      bank.offset[at] = static_cast<float>(adc.offset * z[0]);
      bank.gain[at] = static_cast<float>(adc.gain * z[1]);
    }
}

devices::CellArray program_cells(const Plan& plan, std::int64_t tile, std::int64_t array, const ChipIdentity& identity,
                                 const devices::Ageing& ageing, std::int64_t epoch) {
  devices::CellArray cells = target_cells(plan, tile, array);
  cells.chip = {.seed = identity.seed, .chip = identity.chip, .layer = plan.index, .tile = 0, .purpose = ""};
  plan.cell->fabricate(cells);
  plan.cell->program(cells);
  plan.cell->age(cells, ageing);
  if (plan.cell->has_slow_noise()) plan.cell->epoch(cells, epoch, read_conditions(plan.chip), ageing);
  return cells;
}

}  // namespace

TileState nominal_tile(const Plan& plan, std::int64_t tile) {
  TileState state = empty_tile(plan, tile);
  for (std::int64_t a = 0; a < plan.layout.array_columns(); ++a)
    join(add_array(plan, tile, a, target_cells(plan, tile, a), state.bank), state);
  return state;
}

std::vector<TileState> program_tiles(const Plan& plan, const ChipIdentity& identity, const devices::Ageing& ageing,
                                     std::int64_t epoch, const core::Execution& execution) {
  const std::int64_t columns = plan.layout.array_columns();
  std::vector<TileState> tiles;
  for (std::int64_t t = 0; t < plan.layout.row_tiles(); ++t) {
    tiles.push_back(empty_tile(plan, t));
    if (plan.cell->has_read_noise()) prepare_noise(tiles.back().bank);
  }
  std::vector<ArraySums> sums(static_cast<std::size_t>(plan.layout.arrays()));
  core::for_each_block(plan.layout.arrays(), execution, [&](std::int64_t i) {
    const std::int64_t t = i / columns, a = i % columns;
    sums[static_cast<std::size_t>(i)] = add_array(plan, t, a, program_cells(plan, t, a, identity, ageing, epoch),
                                                  tiles[static_cast<std::size_t>(t)].bank);
  });
  for (std::int64_t i = 0; i < plan.layout.arrays(); ++i)
    join(sums[static_cast<std::size_t>(i)], tiles[static_cast<std::size_t>(i / columns)]);
  for (TileState& tile : tiles) draw_converters(plan, identity, tile.bank.tile, tile.bank);
  return tiles;
}

}  // namespace wordline::mapper
