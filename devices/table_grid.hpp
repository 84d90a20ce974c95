#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

/// Measured statistics of the conductance after programming, on a full grid of states and times.
namespace wordline::devices {

/// The rows of a table in any order, as columns of equal length.
struct Columns {
  std::vector<double> state;  ///< S, the target conductance
  std::vector<double> time;   ///< s after programming
  std::vector<double> mean;   ///< S, of the conductance
  std::vector<double> sigma;  ///< S, its standard deviation
};

/// How an error names row i, counted from 0: "device.csv, line 7".
using RowName = std::function<std::string(std::size_t)>;

/// Mean and sigma at every state and time.
class Grid {
 public:
  /// Refuses, naming the row: columns of unequal length, numbers that are negative or not finite, fewer than two
  /// states, a time of 0 among several, a pair of state and time that is given twice or not at all.
  Grid(const Columns& columns, const RowName& row);

  const std::vector<double>& states() const { return states_; }  ///< S, rising
  const std::vector<double>& times() const { return times_; }    ///< s, rising

  /// Statistics of cells of one target, linear between the two states around it.
  struct Line {
    const Grid& grid;
    std::size_t low;  ///< index of the state below
    double share;     ///< of the state above
    double mean(std::size_t time) const { return mix(grid.mean_, time); }
    double sigma(std::size_t time) const { return mix(grid.sigma_, time); }

   private:
    double mix(const std::vector<double>& values, std::size_t time) const;
  };
  /// Between the states only; beyond them the nearest one is held.
  Line at(double state) const;

 private:
  std::vector<double> states_, times_;
  std::vector<double> mean_, sigma_;  // times of one state side by side
};

}  // namespace wordline::devices
