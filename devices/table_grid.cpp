#include "devices/table_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace wordline::devices {
namespace {

using core::number;

[[noreturn]] void refuse(const std::string& name, const std::string& rule, const std::string& value = "",
                         const char* unit = "", const std::string& allowed = "", const std::string& remedy = "") {
  throw core::Error(core::ErrorKind::value,
                    {.rule = rule, .name = name, .value = value, .unit = unit, .allowed = allowed, .remedy = remedy});
}

void check_lengths(const Columns& columns) {
  const auto n = columns.state.size();
  for (const auto& [name, column] :
       {std::pair{"time", &columns.time}, {"mean", &columns.mean}, {"sigma", &columns.sigma}})
    if (column->size() != n)
      refuse(name, "the columns of a table have equal length", std::to_string(column->size()), "",
             std::to_string(n) + ", as state has");
}

void check_numbers(const Columns& columns, const RowName& row) {
  for (const auto& [name, column, unit] : {std::tuple{"state", &columns.state, "S"},
                                           {"time", &columns.time, "s"},
                                           {"mean", &columns.mean, "S"},
                                           {"sigma", &columns.sigma, "S"}})
    for (std::size_t i = 0; i < column->size(); ++i)
      if (!((*column)[i] >= 0.0 && std::isfinite((*column)[i])))
        refuse(row(i) + ", " + name, "out of range", number((*column)[i]), unit, "[0, inf)");
}

std::vector<double> distinct(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::size_t index(const std::vector<double>& values, double value) {
  return static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), value) - values.begin());
}

std::string pair(double state, double time) { return "state = " + number(state) + " S, time = " + number(time) + " s"; }

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

// Which row holds each point of the grid.
std::vector<std::size_t> rows_of(const Columns& c, const std::vector<double>& states, const std::vector<double>& times,
                                 const RowName& row) {
  std::vector<std::size_t> rows(states.size() * times.size(), none);
  for (std::size_t i = 0; i < c.state.size(); ++i) {
    std::size_t& place = rows[index(states, c.state[i]) * times.size() + index(times, c.time[i])];
    if (place != none)
      refuse(row(i), "a state has one row per time, and this one repeats that of " + row(place),
             pair(c.state[i], c.time[i]), "", "", "average repeated measurements into mean and sigma");
    place = i;
  }
  for (std::size_t p = 0; p < rows.size(); ++p)
    if (rows[p] == none)
      refuse(row(c.state.size()), "the table ends without a row for every state at every time", "", "", "",
             "add the row of " + pair(states[p / times.size()], times[p % times.size()]));
  return rows;
}

}  // namespace

Grid::Grid(const Columns& columns, const RowName& row) {
  check_lengths(columns);
  check_numbers(columns, row);
  states_ = distinct(columns.state);
  times_ = distinct(columns.time);
  if (states_.size() < 2)
    refuse(row(columns.state.size()), "a table has at least two states", std::to_string(states_.size()));
  if (times_.size() > 1 && times_.front() == 0.0)
    refuse(row(index(columns.time, 0.0)) + ", time", "several times are positive, since they are interpolated in ln t",
           "0", "s", "(0, inf)", "give the time of the first read after programming");
  for (const std::size_t i : rows_of(columns, states_, times_, row)) {
    mean_.push_back(columns.mean[i]);
    sigma_.push_back(columns.sigma[i]);
  }
}

Grid::Line Grid::at(double state) const {
  const auto above =
      static_cast<std::size_t>(std::upper_bound(states_.begin() + 1, states_.end() - 1, state) - states_.begin());
  const double share = (state - states_[above - 1]) / (states_[above] - states_[above - 1]);
  return {.grid = *this, .low = above - 1, .share = std::clamp(share, 0.0, 1.0)};
}

double Grid::Line::mix(const std::vector<double>& values, std::size_t time) const {
  const std::size_t n = grid.times_.size();
  return (1.0 - share) * values[low * n + time] + share * values[(low + 1) * n + time];
}

}  // namespace wordline::devices
