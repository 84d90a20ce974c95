#pragma once

#include <string>

#include "core/value.hpp"

namespace wordline::devices {

/// Whether `path` is named like a measured table: it ends in .csv, .h5 or .hdf5.
bool is_table_file(const std::string& path);

/// The columns state, time, mean and sigma of a measured table, in SI units and in the order of the file: settings of
/// the cell model `table`. docs/methods/devices_table.md says what the files look like.
///
/// Throws Error(io) for a file that cannot be read, and Error(value) naming file, line and column for a column that is
/// missing, unknown, given twice or in an unknown unit, for what is no number, and for what Grid refuses.
core::Value read_table(const std::string& path);

}  // namespace wordline::devices
