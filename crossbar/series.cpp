#include "crossbar/series.hpp"

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "crossbar/line_checks.hpp"

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Eigen::Index;

std::string size_of(Index rows, Index cols) { return std::to_string(rows) + " x " + std::to_string(cols); }

void check_paths(const Matrix& ohm, const std::string& name) {
  for (Index i = 0; i < ohm.rows(); ++i)
    for (Index j = 0; j < ohm.cols(); ++j)
      if (!(ohm(i, j) >= 0.0)) check_ohm(ohm(i, j), name + "[" + std::to_string(i) + ", " + std::to_string(j) + "]");
}

void check_series(const SeriesArray& array, const Opened& inputs) {
  const auto& [off, on, segment, terminals] = array;
  core::require(off.size() > 0, ErrorKind::value, {.rule = "an array has at least one cell", .name = "off"});
  core::require(on.rows() == off.rows() && on.cols() == off.cols(), ErrorKind::value,
                {.rule = "every cell has two paths",
                 .name = "on",
                 .value = size_of(on.rows(), on.cols()),
                 .unit = "",
                 .allowed = size_of(off.rows(), off.cols()),
                 .remedy = ""});
  check_paths(off, "off");
  check_paths(on, "on");
  check_ohm(segment, "segment");
  check_terminals(terminals, off.cols(), "terminals");
  core::require(inputs.cols() == off.rows(), ErrorKind::value,
                {.rule = "every row has one input",
                 .name = "inputs",
                 .value = std::to_string(inputs.cols()) + " rows",
                 .unit = "",
                 .allowed = std::to_string(off.rows()),
                 .remedy = ""});
}

}  // namespace

Matrix series_resistance(const SeriesArray& array, const Opened& inputs) {
  check_series(array, inputs);
  const Index rows = array.off.rows();
  const double metal = rows > 1 ? static_cast<double>(rows - 1) * array.segment : 0.0;
  Matrix ohm = (array.terminals.array() + metal).matrix().transpose().replicate(inputs.rows(), 1);
  for (Index k = 0; k < inputs.rows(); ++k)
    for (Index i = 0; i < rows; ++i) ohm.row(k) += (inputs(k, i) ? array.on : array.off).row(i);
  return ohm;
}

Matrix series_voltage(const SeriesArray& array, const Opened& inputs, double current) {
  core::require(std::isfinite(current), ErrorKind::value,
                {.rule = "the current that reads a column is finite",
                 .name = "current",
                 .value = core::number(current),
                 .unit = "A",
                 .allowed = "finite",
                 .remedy = ""});
  const Matrix ohm = series_resistance(array, inputs);
  core::require(ohm.allFinite(), ErrorKind::value,
                {.rule = "a column that carries a given current is closed",
                 .name = "off, on, segment, terminals",
                 .value = "inf",
                 .unit = "ohm",
                 .allowed = "finite sums",
                 .remedy = "read its resistance instead"});
  return current * ohm;
}

}  // namespace wordline::crossbar
