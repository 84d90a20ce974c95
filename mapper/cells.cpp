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
  double largest = 1.0;     // level at G_max
  std::int32_t invert = 0;  // digits.mask where the complement (mask - level: all of its bits are ones) is stored
};

// The targets of one array, row by row.
class Targets {
 public:
  Targets(const Plan& plan, const ArrayPlace& place) : plan_(plan), layout_(plan.layout), place_(place) {
    const devices::Window window = plan.cell->window();
    G_min_ = window.G_min;
    range_ = window.G_max - window.G_min;
    for (std::int64_t col = 0; col < layout_.array_cols; ++col) columns_.push_back(holder(col, 0));
    if (!layout_.pair_rows) return;
    for (std::int64_t col = 0; col < layout_.array_cols; ++col) partners_.push_back(holder(col, 1));
  }

  void set(std::int64_t row, std::span<std::uint64_t> id, std::span<double> target) {
    const std::int64_t input = row / layout_.rows_per_input();
    const bool used = input < layout_.tile_inputs(place_.section, place_.row_tile);
    if (used) find_group(input);
    const std::size_t first = used ? first_ : 0, last = used ? last_ : 0;
    set_unused(row, 0, id.first(first), target.first(first));
    set_unused(row, last, id.subspan(last), target.subspan(last));
    if (!used) return;
    set_references(target);
    set_weights(input, layout_.pair_rows && row % 2 == 1 ? partners_ : columns_, id, target);
  }

 private:
  Holder holder(std::int64_t col, std::int64_t polarity) const {
    Holder h{.column = layout_.column_at(place_.section, place_.column, col)};
    if (h.column.holds == Column::Holds::nothing) return h;
    if (layout_.pair_rows) h.column.polarity = polarity;
    const Slice& slice = plan_.slices[static_cast<std::size_t>(h.column.slice)];
    h.id = weight_id(0, h.column.output, h.column.slice, h.column.polarity);
    h.largest = slice.largest;
    if (!plan_.weights.continuous) h.digits = digits(plan_.chip.weights, slice, static_cast<int>(h.column.polarity));
    return h;
  }

  // First of the reads that open an input.
  std::int64_t read_of(std::int64_t input) const {
    return plan_.read_index(place_.tile, input / layout_.inputs_per_read(), 0);
  }

  // Cells of one row from `col` on that hold no weight.
  void set_unused(std::int64_t row, std::size_t col, std::span<std::uint64_t> id, std::span<double> target) const {
    std::iota(id.begin(), id.end(), place_id(place_, row * layout_.array_cols + static_cast<std::int64_t>(col)));
    std::fill(target.begin(), target.end(), G_min_);
  }

  void set_weights(std::int64_t input, std::vector<Holder>& holders, std::span<std::uint64_t> id,
                   std::span<double> target) {
    const std::int64_t read = read_of(input);
    if (!plan_.inverted.empty()) invert(read, holders);
    const std::int64_t row = weight_row(plan_, plan_.reads[static_cast<std::size_t>(read)], input);
    const std::uint64_t of_row = weight_id(row, 0, 0, 0);
    for (std::size_t col = first_; col < last_; ++col) id[col] = of_row | holders[col].id;
    if (plan_.weights.continuous)
      set_fractions(row, holders, target);
    else
      set_codes(row, holders, target);
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

  double target(double level, const Holder& h) const { return G_min_ + level / h.largest * range_; }

  void set_references(std::span<double> targets) const {
    for (std::size_t col = 0; col < static_cast<std::size_t>(layout_.references()); ++col) {
      const Holder& h = columns_[col];
      targets[col] = target(zero_level(plan_.chip.weights, plan_.slices[static_cast<std::size_t>(h.column.slice)]), h);
    }
  }

  void invert(std::int64_t read, std::vector<Holder>& holders) const {
    for (std::size_t col = first_; col < last_; ++col) {
      const Column& c = holders[col].column;
      const std::int64_t turn = layout_.diagonal ? 0 : c.output / layout_.group_outputs();
      const bool inverted = plan_.is_inverted(read + turn, c.output, c.slice, c.polarity);
      holders[col].invert = inverted ? holders[col].digits.mask : 0;
    }
  }

  void set_codes(std::int64_t row, const std::vector<Holder>& holders, std::span<double> targets) const {
    const std::int32_t* codes = plan_.weights.codes.data() + row * plan_.weights.outputs;
    for (std::size_t col = first_; col < last_; ++col) {
      const Holder& h = holders[col];
      targets[col] = target(h.digits.of(codes[h.column.output]) ^ h.invert, h);
    }
  }

  // No complements: column inversion needs whole weights.
  void set_fractions(std::int64_t row, const std::vector<Holder>& holders, std::span<double> targets) const {
    for (std::size_t col = first_; col < last_; ++col) {
      const Holder& h = holders[col];
      const Slice& slice = plan_.slices[static_cast<std::size_t>(h.column.slice)];
      const auto polarity = static_cast<int>(h.column.polarity);
      targets[col] = target(level(plan_.weights, plan_.chip.weights, slice, row, h.column.output, polarity), h);
    }
  }

  const Plan& plan_;
  const Layout& layout_;
  const ArrayPlace& place_;
  double G_min_ = 0.0, range_ = 0.0;        // S
  std::size_t first_ = 0, last_ = 0;        // columns with weights of the present row
  std::vector<Holder> columns_, partners_;  // partners on rows of their own
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
