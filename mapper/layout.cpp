#include "mapper/layout.hpp"

#include <algorithm>

#include "core/parallel.hpp"

namespace wordline::mapper {

using core::block_count;

bool Layout::single_columns() const {
  if (polarities == 2) return converted == 2 && !pair_rows;
  return !subtract_reference;
}

std::int64_t Layout::groups_per_section() const {
  if (!diagonal) return groups;
  const std::int64_t by_rows = inputs_per_array() / inputs;
  const std::int64_t by_columns = units_per_array() / (group_outputs() * slices);
  return std::clamp<std::int64_t>(std::min(by_rows, by_columns), 1, groups);
}

std::int64_t Layout::sections() const { return block_count(groups, groups_per_section()); }

std::int64_t Layout::groups_in(std::int64_t section) const {
  return std::min(groups_per_section(), groups - first_group(section));
}

std::int64_t Layout::row_tiles() const { return block_count(section_inputs(0), inputs_per_array()); }
std::int64_t Layout::array_columns() const { return block_count(section_outputs(0) * slices, units_per_array()); }

std::int64_t Layout::tile_inputs(std::int64_t section, std::int64_t row_tile) const {
  return std::min(inputs_per_array(), section_inputs(section) - first_input(row_tile));
}

std::int64_t Layout::reads(std::int64_t section, std::int64_t row_tile) const {
  return block_count(tile_inputs(section, row_tile), inputs_per_read());
}

std::int64_t Layout::most_reads() const { return reads(0, 0); }

Column Layout::column_at(std::int64_t section, std::int64_t array_column, std::int64_t col) const {
  if (col < references()) return {.holds = Column::Holds::reference, .slice = col};
  const std::int64_t in_array = (col - references()) / columns_per_unit();
  const std::int64_t unit = array_column * units_per_array() + in_array;
  if (in_array >= units_per_array() || unit >= section_outputs(section) * slices) return {};
  return {.holds = Column::Holds::weights,
          .output = first_output(section) + unit / slices,
          .slice = unit % slices,
          .polarity = (col - references()) % columns_per_unit()};
}

std::int64_t Layout::array_column_of(std::int64_t output, std::int64_t slice) const {
  const std::int64_t local = output - first_output(section_of(output));
  return (local * slices + slice) / units_per_array();
}

std::int64_t Layout::converters_per_array() const { return block_count(array_cols, columns_per_adc); }

namespace {

Read make_read(const Layout& layout, const Read& place) {
  Read read = place;
  read.first_row = place.read * layout.inputs_per_read();
  read.inputs = std::min(layout.inputs_per_read(), layout.tile_inputs(place.section, place.row_tile) - read.first_row);
  read.outputs = layout.diagonal ? layout.section_outputs(place.section) : layout.group_outputs();
  read.first_output = layout.first_output(place.section) + place.turn * layout.group_outputs();
  read.first_array = layout.array_column_of(read.first_output, 0);
  read.arrays = layout.array_column_of(read.first_output + read.outputs - 1, layout.slices - 1) - read.first_array + 1;
  return read;
}

// Converted columns of a read in one array, by converter.
std::int64_t busiest(const Layout& layout, const Read& read, std::int64_t array_column) {
  std::vector<std::int64_t> count(static_cast<std::size_t>(layout.converters_per_array()), 0);
  for (std::int64_t col = 0; col < layout.array_cols; ++col) {
    const Column c = layout.column_at(read.section, array_column, col);
    const bool weights = c.holds == Column::Holds::weights && c.output >= read.first_output &&
                         c.output < read.first_output + read.outputs && (c.polarity == 0 || layout.converted == 2);
    const bool reference = c.holds == Column::Holds::reference && !layout.subtract_reference;
    if (weights || reference) ++count[static_cast<std::size_t>(col / layout.columns_per_adc)];
  }
  return *std::max_element(count.begin(), count.end());
}

}  // namespace

std::vector<Read> reads_of(const Layout& layout) {
  std::vector<Read> out;
  std::int64_t segment = 0;
  for (std::int64_t section = 0; section < layout.sections(); ++section)
    for (std::int64_t tile = 0; tile < layout.row_tiles(); ++tile)
      for (std::int64_t read = 0; read < layout.reads(section, tile); ++read, ++segment)
        for (std::int64_t turn = 0; turn < layout.turns(); ++turn)
          out.push_back(make_read(
              layout, {.section = section, .row_tile = tile, .read = read, .turn = turn, .segment = segment}));
  return out;
}

std::int64_t conversions_per_converter(const Layout& layout, const std::vector<Read>& reads) {
  // The first row tile is as busy as any.
  std::int64_t most = 0;
  for (const Read& read : reads)
    if (read.row_tile == 0 && read.read == 0)
      for (std::int64_t a = 0; a < read.arrays; ++a) most = std::max(most, busiest(layout, read, read.first_array + a));
  return most;
}

}  // namespace wordline::mapper
