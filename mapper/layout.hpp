#pragma once

#include <cstdint>
#include <vector>

#include "mapper/chip.hpp"

namespace wordline::mapper {

/// What stands in one column of an array.
struct Column {
  enum class Holds : std::uint8_t { nothing, weights, reference };
  Holds holds = Holds::nothing;
  std::int64_t output = 0, slice = 0, polarity = 0;
};

/// Where the cells of a layer stand.
///
/// A section is a block of arrays with rows and columns of its own: one for the whole layer, or for groups on a
/// diagonal as many groups as fit one array. Its inputs are cut into row tiles, its outputs stand, slice after slice,
/// in consecutive columns. Arrays are numbered section by section, row tile by row tile, then from left to right.
struct Layout {
  std::int64_t inputs = 0;   ///< inputs of one group, rows of biases included
  std::int64_t outputs = 0;  ///< of all groups
  std::int64_t groups = 1;
  std::int64_t slices = 1;
  std::int64_t polarities = 1;  ///< 2 for differential pairs
  std::int64_t converted = 1;   ///< conversions per slice: 2 when pairs are subtracted digitally
  bool diagonal = false;        ///< groups have their own rows
  bool pair_rows = false;       ///< pairs stand on two rows
  bool reference_columns = false, subtract_reference = false;  ///< there are some; as currents, before the ADC
  std::int64_t array_rows = 0, array_cols = 0;
  std::int64_t active_rows = 0;  ///< rows opened at a time
  std::int64_t columns_per_adc = 1;

  /// A conversion sees one column alone, its baseline included; otherwise a difference of columns or rows.
  bool single_columns() const;
  std::int64_t rows_per_input() const { return pair_rows ? 2 : 1; }
  std::int64_t columns_per_unit() const { return pair_rows ? 1 : polarities; }
  std::int64_t references() const { return reference_columns ? slices : 0; }
  std::int64_t inputs_per_array() const { return array_rows / rows_per_input(); }
  std::int64_t inputs_per_read() const { return active_rows / rows_per_input(); }
  std::int64_t units_per_array() const { return (array_cols - references()) / columns_per_unit(); }
  std::int64_t group_outputs() const { return outputs / groups; }

  std::int64_t groups_per_section() const;
  std::int64_t sections() const;
  std::int64_t first_group(std::int64_t section) const { return section * groups_per_section(); }
  std::int64_t groups_in(std::int64_t section) const;
  /// Groups of a section that are read one after the other.
  std::int64_t turns() const { return diagonal ? 1 : groups; }
  std::int64_t section_inputs(std::int64_t section) const { return diagonal ? inputs * groups_in(section) : inputs; }
  std::int64_t section_outputs(std::int64_t section) const { return group_outputs() * groups_in(section); }
  std::int64_t first_output(std::int64_t section) const { return first_group(section) * group_outputs(); }

  std::int64_t row_tiles() const;      ///< of every section
  std::int64_t array_columns() const;  ///< arrays side by side in every section
  std::int64_t tiles() const { return sections() * row_tiles(); }
  std::int64_t arrays() const { return tiles() * array_columns(); }
  std::int64_t first_input(std::int64_t row_tile) const { return row_tile * inputs_per_array(); }
  /// Inputs of the section that stand in this row tile.
  std::int64_t tile_inputs(std::int64_t section, std::int64_t row_tile) const;
  std::int64_t reads(std::int64_t section, std::int64_t row_tile) const;
  std::int64_t most_reads() const;

  Column column_at(std::int64_t section, std::int64_t array_column, std::int64_t col) const;
  /// Array column in which a slice of an output stands.
  std::int64_t array_column_of(std::int64_t output, std::int64_t slice) const;
  /// Section of an output, and the output's number in it.
  std::int64_t section_of(std::int64_t output) const { return output / (groups_per_section() * group_outputs()); }

  /// Cells that hold a slice of a weight.
  std::int64_t cells_used() const { return inputs * outputs * slices * polarities; }
  std::int64_t converters_per_array() const;
};

/// One read: the rows opened together in one row tile, and the columns converted with them.
struct Read {
  std::int64_t section = 0, row_tile = 0, read = 0, turn = 0;
  std::int64_t first_row = 0, inputs = 0;      ///< inputs of the row tile that are opened
  std::int64_t first_output = 0, outputs = 0;  ///< of the layer
  std::int64_t first_array = 0, arrays = 1;    ///< array columns in which these outputs stand
  std::int64_t segment = 0;                    ///< number of (section, row tile, read), the same for all turns
};

/// All reads of one input vector and one cycle, in the order of their random events.
std::vector<Read> reads_of(const Layout& layout);

/// Conversions of the busiest converter in one read. Column c of an array belongs to converter c / columns_per_adc; a
/// difference of columns to its first column's.
std::int64_t conversions_per_converter(const Layout& layout, const std::vector<Read>& reads);

}  // namespace wordline::mapper
