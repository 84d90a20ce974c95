#include "mapper/solved_read.hpp"

#include <cmath>
#include <numeric>
#include <utility>

#include "mapper/assemble.hpp"

namespace wordline::mapper {
namespace {

using crossbar::lanes;
using crossbar::Matrix;

std::vector<double> volts_of(const Plan& plan) {
  if (plan.code.continuous) return {plan.chip.dac.v_read};
  std::vector<double> out;
  for (std::int64_t digit = 1; digit <= plan.code.largest_digit(); ++digit) out.push_back(plan.applied(digit).V);
  return out;
}

}  // namespace

bool is_solved(const Plan& plan) {
  using crossbar::Topology;
  const auto& array = plan.chip.array;
  const bool no_matrix =
      array.topology == Topology::gated || (array.topology == Topology::passive && !plan.cell->is_linear());
  return no_matrix && !array.wires.ideal() && array.wires.solve == crossbar::Solve::exact;
}

SolvedRead::SolvedRead(const Plan& plan, const Read& read)
    : inputs_(read.inputs),
      first_row_(open_rows(plan.layout, read).first),
      array_rows_(plan.layout.array_rows),
      rows_per_input_(plan.layout.rows_per_input()),
      width_(bank_shape(plan, read).groups() * lanes),
      volts_(volts_of(plan)),
      continuous_(plan.code.continuous),
      units_(plan.units),
      parts_(static_cast<std::size_t>(read.arrays)) {}

void SolvedRead::set(const Plan& plan, const Read& read, const ArrayPlace& place,
                     std::shared_ptr<const crossbar::ArraySolver> array) {
  parts_[static_cast<std::size_t>(place.column - read.first_array)] = {std::move(array), lanes_of(plan, read, place)};
}

// Both rows of a pair belong to one input and are driven with opposite voltages; rows without an input are at 0 V.
Matrix SolvedRead::rows_of(const Matrix& inputs) const {
  Matrix V = Matrix::Zero(inputs.rows(), array_rows_);
  for (Eigen::Index slot = 0; slot < inputs.rows(); ++slot)
    for (std::int64_t k = 0; k < inputs_ * rows_per_input_; ++k)
      V(slot, first_row_ + k) = (k % rows_per_input_ == 0 ? 1.0 : -1.0) * inputs(slot, k / rows_per_input_);
  return V;
}

void SolvedRead::add_columns(const Part& part, const Matrix& columns, std::span<const float> digits,
                             std::span<float> out) const {
  for (Eigen::Index slot = 0; slot < columns.rows(); ++slot) {
    const auto vector = digits.subspan(static_cast<std::size_t>(slot * inputs_), static_cast<std::size_t>(inputs_));
    const double all = std::accumulate(vector.begin(), vector.end(), 0.0);
    for (const Lane& lane : part.lanes) {
      const LevelUnit& unit = units_[static_cast<std::size_t>(lane.slice)];
      // The baseline cancels where currents are subtracted on the way.
      const bool alone = lane.reference < 0 && rows_per_input_ == 1;
      const double reference = lane.reference >= 0 ? columns(slot, lane.reference) : 0.0;
      const double x = (columns(slot, lane.col) - reference) / unit.current - (alone ? all * unit.baseline : 0.0);
      out[static_cast<std::size_t>(slot * width_ + lane.at)] += static_cast<float>(lane.sign * x);
    }
  }
}

void SolvedRead::sums(std::span<const float> digits, std::span<float> out) const {
  const auto slots = static_cast<Eigen::Index>(digits.size()) / inputs_;
  Matrix inputs(slots, inputs_);
  for (Eigen::Index k = 0; k < inputs.size(); ++k) {
    const auto digit = static_cast<double>(digits[static_cast<std::size_t>(k)]);
    const std::size_t at = continuous_ || digit == 0.0 ? 0 : static_cast<std::size_t>(std::abs(digit)) - 1;
    inputs.data()[k] = continuous_ ? digit * volts_[0] : digit == 0.0 ? 0.0 : std::copysign(volts_[at], digit);
  }
  std::fill(out.begin(), out.end(), 0.0F);
  const Matrix V = rows_of(inputs);
  for (const Part& part : parts_) add_columns(part, part.array->solve(V).columns, digits, out);
}

double SolvedRead::power(const Matrix& inputs) const {
  const Matrix V = rows_of(inputs);
  double sum = 0.0;
  for (const Part& part : parts_) sum += part.array->solve(V).power.sum();
  return sum;
}

}  // namespace wordline::mapper
