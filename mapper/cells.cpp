#include "mapper/cells.hpp"

#include <algorithm>
#include <numeric>
#include <span>

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

// What every row of an array has in one column.
struct Holder {
  Column column;
  std::uint64_t id = 0;     // of the weight's cell, without its input
  Digits digits;            // of whole weights
  std::int32_t invert = 0;  // digits.mask where the complement (mask - level: all of its bits are ones) is stored
};

// Ids and targets of one array, row by row.
class Targets {
 public:
  Targets(const Plan& plan, const ArrayPlace& place)
      : plan_(plan), layout_(plan.layout), place_(place), window_(plan.cell->window()) {
    for (std::int64_t col = 0; col < layout_.array_cols; ++col) {
      columns_.push_back(holder(col, 0));
      partners_.push_back(holder(col, 1));
      largest_.push_back(slice_of(columns_.back().column).largest);
    }
  }

  void set(std::int64_t row, std::span<std::uint64_t> id, std::span<double> target) {
    std::iota(id.begin(), id.end(), place_id(place_, row * layout_.array_cols));
    std::fill(target.begin(), target.end(), 0.0);
    const std::int64_t input = row / layout_.rows_per_input();
    if (input < layout_.tile_inputs(place_.section, place_.row_tile)) {
      find_group(input);
      set_references(target);
      set_weights(input, layout_.pair_rows && row % 2 == 1 ? partners_ : columns_, id, target);
    }
    const double range = window_.G_max - window_.G_min;
    for (std::size_t col = 0; col < target.size(); ++col)
      target[col] = window_.G_min + target[col] / largest_[col] * range;
  }

 private:
  const Slice& slice_of(const Column& column) const { return plan_.slices[static_cast<std::size_t>(column.slice)]; }

  Holder holder(std::int64_t col, std::int64_t polarity) const {
    Column c = layout_.column_at(place_.section, place_.column, col);
    if (layout_.pair_rows) c.polarity = polarity;
    Holder h{.column = c, .id = weight_id(0, c.output, c.slice, c.polarity)};
    if (!plan_.weights.continuous) h.digits = digits(plan_.chip.weights, slice_of(c), static_cast<int>(c.polarity));
    return h;
  }

  // First of the reads that open an input.
  std::int64_t read_of(std::int64_t input) const {
    return plan_.read_index(place_.tile, input / layout_.inputs_per_read(), 0);
  }

  // The columns whose outputs read this input; those of a group stand side by side.
  void find_group(std::int64_t input) {
    if (last_ > 0 && !layout_.diagonal) return;
    const Read& any = plan_.reads[static_cast<std::size_t>(read_of(input))];
    const auto holds = [&](const Holder& h) {
      return h.column.holds == Column::Holds::weights && same_group(plan_, any, input, h.column.output);
    };
    const auto first = std::find_if(columns_.begin(), columns_.end(), holds);
    first_ = static_cast<std::size_t>(first - columns_.begin());
    last_ = static_cast<std::size_t>(std::find_if_not(first, columns_.end(), holds) - columns_.begin());
  }

  void set_references(std::span<double> levels) const {
    for (std::size_t col = 0; col < static_cast<std::size_t>(layout_.references()); ++col)
      levels[col] = zero_level(plan_.chip.weights, slice_of(columns_[col].column));
  }

  void set_weights(std::int64_t input, std::vector<Holder>& holders, std::span<std::uint64_t> id,
                   std::span<double> levels) const {
    const std::int64_t read = read_of(input);
    if (!plan_.inverted.empty()) invert(read, holders);
    const std::int64_t row = weight_row(plan_, plan_.reads[static_cast<std::size_t>(read)], input);
    const std::uint64_t of_row = weight_id(row, 0, 0, 0);
    for (std::size_t col = first_; col < last_; ++col) id[col] = of_row | holders[col].id;
    if (plan_.weights.continuous)
      set_fractions(row, holders, levels);
    else
      set_codes(row, holders, levels);
  }

  void invert(std::int64_t read, std::vector<Holder>& holders) const {
    for (std::size_t col = first_; col < last_; ++col) {
      const Column& c = holders[col].column;
      const std::int64_t turn = layout_.diagonal ? 0 : c.output / layout_.group_outputs();
      const bool inverted = plan_.is_inverted(read + turn, c.output, c.slice, c.polarity);
      holders[col].invert = inverted ? holders[col].digits.mask : 0;
    }
  }

  void set_codes(std::int64_t row, const std::vector<Holder>& holders, std::span<double> levels) const {
    const std::int32_t* codes = plan_.weights.codes.data() + row * plan_.weights.outputs;
    for (std::size_t col = first_; col < last_; ++col) {
      const Holder& h = holders[col];
      levels[col] = h.digits.of(codes[h.column.output]) ^ h.invert;
    }
  }

  // No complements: column inversion needs whole weights.
  void set_fractions(std::int64_t row, const std::vector<Holder>& holders, std::span<double> levels) const {
    for (std::size_t col = first_; col < last_; ++col) {
      const Column& c = holders[col].column;
      levels[col] = level(plan_.weights, plan_.chip.weights, slice_of(c), row, c.output, static_cast<int>(c.polarity));
    }
  }

  const Plan& plan_;
  const Layout& layout_;
  const ArrayPlace& place_;
  devices::Window window_;
  std::vector<Holder> columns_, partners_;  // partners of pairs on two rows
  std::vector<double> largest_;             // [col] level at G_max
  std::size_t first_ = 0, last_ = 0;        // columns with weights of the present row
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
  const auto cols = static_cast<std::size_t>(plan.layout.array_cols);
  const std::size_t count = static_cast<std::size_t>(plan.layout.array_rows) * cols;
  devices::CellArray cells;
  cells.id.resize(count);
  cells.target.resize(count);
  Targets targets(plan, place);
  for (std::size_t row = 0; row * cols < count; ++row)
    targets.set(static_cast<std::int64_t>(row), std::span(cells.id).subspan(row * cols, cols),
                std::span(cells.target).subspan(row * cols, cols));
  cells.G = cells.target;
  cells.stuck.assign(count, devices::Stuck::no);
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
