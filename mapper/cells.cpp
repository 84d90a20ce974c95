#include "mapper/cells.hpp"

#include <algorithm>

#include "mapper/digital.hpp"

namespace wordline::mapper {
namespace {

constexpr std::uint64_t unused_flag = std::uint64_t{1} << 63U;

// Cells draw by logical weight coordinates, so that two designs can be compared on the same cells; cells that hold no
// weight have only their place. Field widths: make_plan checks them.
std::uint64_t weight_id(std::int64_t input, std::int64_t output, std::int64_t slice, std::int64_t polarity) {
  const auto place = static_cast<std::uint64_t>(input) << 24U | static_cast<std::uint64_t>(output);
  return place << 6U | static_cast<std::uint64_t>(slice) << 1U | static_cast<std::uint64_t>(polarity);
}
std::uint64_t place_id(const ArrayPlace& place, std::int64_t cell) {
  const auto array = static_cast<std::uint64_t>(place.tile) << 19U | static_cast<std::uint64_t>(place.column);
  return unused_flag | array << 24U | static_cast<std::uint64_t>(cell);
}

// One row of an array on its way to targets.
class RowTargets {
 public:
  RowTargets(const Plan& plan, const ArrayPlace& place, std::int64_t row)
      : plan_(plan), place_(place), row_(row), input_(row / plan.layout.rows_per_input()) {
    const Layout& l = plan.layout;
    used_ = input_ < l.tile_inputs(place.section, place.row_tile);
    if (used_) first_read_ = plan.read_index(place.tile, input_ / l.inputs_per_read(), 0);
  }

  void add(std::int64_t col, const devices::Window& window, devices::CellArray& cells) const {
    Column column = plan_.layout.column_at(place_.section, place_.column, col);
    if (plan_.layout.pair_rows) column.polarity = row_ % 2;
    const bool holds = used_ && column.holds != Column::Holds::nothing;
    cells.id.push_back(holds ? id(column, col) : place_id(place_, row_ * plan_.layout.array_cols + col));
    cells.target.push_back(holds ? target(column, window) : window.G_min);
  }

 private:
  const Read& read(const Column& column, std::int64_t& index) const {
    const std::int64_t turn = plan_.layout.diagonal || column.holds != Column::Holds::weights
                                  ? 0
                                  : column.output / plan_.layout.group_outputs();
    index = first_read_ + turn;
    return plan_.reads[static_cast<std::size_t>(index)];
  }
  std::uint64_t id(const Column& column, std::int64_t col) const {
    std::int64_t index = 0;
    const Read& r = read(column, index);
    const bool weight = column.holds == Column::Holds::weights && same_group(plan_, r, input_, column.output);
    return weight ? weight_id(weight_row(plan_, r, input_), column.output, column.slice, column.polarity)
                  : place_id(place_, row_ * plan_.layout.array_cols + col);
  }
  double target(const Column& column, const devices::Window& window) const {
    std::int64_t index = 0;
    const Read& r = read(column, index);
    const double part =
        cell_level(plan_, r, index, input_, column) / plan_.slices[static_cast<std::size_t>(column.slice)].largest;
    return window.G_min + part * (window.G_max - window.G_min);
  }

  const Plan& plan_;
  const ArrayPlace& place_;
  std::int64_t row_, input_, first_read_ = 0;
  bool used_ = false;
};

}  // namespace

ArrayPlace array_place(const Layout& layout, std::int64_t array) {
  const std::int64_t columns = layout.array_columns(), tile = array / columns;
  return {.array = array,
          .section = tile / layout.row_tiles(),
          .row_tile = tile % layout.row_tiles(),
          .column = array % columns,
          .tile = tile};
}

devices::CellArray target_cells(const Plan& plan, const ArrayPlace& place) {
  const devices::Window window = plan.cell->window();
  devices::CellArray cells;
  for (std::int64_t row = 0; row < plan.layout.array_rows; ++row) {
    const RowTargets targets(plan, place, row);
    for (std::int64_t col = 0; col < plan.layout.array_cols; ++col) targets.add(col, window, cells);
  }
  cells.G = cells.target;
  cells.stuck.assign(cells.size(), devices::Stuck::no);
  return cells;
}

devices::CellArray programmed_cells(const Plan& plan, const ArrayPlace& place, const ChipIdentity& identity,
                                    const devices::Ageing& ageing) {
  devices::CellArray cells = target_cells(plan, place);
  cells.chip = {.seed = identity.seed, .chip = identity.chip, .layer = plan.index, .tile = 0, .purpose = ""};
  plan.cell->fabricate(cells);
  plan.cell->program(cells);
  plan.cell->age(cells, ageing);
  return cells;
}

devices::ReadConditions read_conditions(const ChipSpec& chip) {
  return {.v_read = chip.dac.v_read,
          .t_read = chip.dac.t_read,
          .temperature = chip.temperature,
          .t_inference = chip.t_inference};
}

}  // namespace wordline::mapper
