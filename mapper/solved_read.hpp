#pragma once

#include <memory>
#include <span>
#include <vector>

#include "crossbar/bank.hpp"
#include "crossbar/solver.hpp"
#include "mapper/lanes.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// The arrays of one read that are solved anew for every vector of digits.
class SolvedRead final : public crossbar::Solved {
 public:
  SolvedRead(const Plan& plan, const Read& read);

  /// Sets one array. Arrays may be set at once.
  void set(const Plan& plan, const Read& read, const ArrayPlace& place,
           std::shared_ptr<const crossbar::ArraySolver> array);

  void sums(std::span<const float> digits, std::span<float> out) const override;
  /// W that the drivers of all arrays give, summed over slots; inputs [slot][input] in V.
  double power(const crossbar::Matrix& inputs) const;

 private:
  struct Part {
    std::shared_ptr<const crossbar::ArraySolver> array;
    std::vector<Lane> lanes;
  };
  crossbar::Matrix rows_of(const crossbar::Matrix& inputs) const;
  void add_columns(const Part& part, const crossbar::Matrix& columns, std::span<const float> digits,
                   std::span<float> out) const;

  std::int64_t inputs_, first_row_, array_rows_, rows_per_input_, width_;
  std::vector<double> volts_;  // V of every digit from 1 on; of one digit unit where digits are real numbers
  bool continuous_;
  std::vector<LevelUnit> units_;  // [slice]
  std::vector<Part> parts_;       // [array of the read]
};

/// Whether the arrays of a layer have no matrix and are solved for every input.
bool is_solved(const Plan& plan);

}  // namespace wordline::mapper
