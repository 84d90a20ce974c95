#include "mapper/wired.hpp"

#include <algorithm>
#include <utility>

#include "mapper/assemble.hpp"
#include "mapper/lanes.hpp"

namespace wordline::mapper {
namespace {

using crossbar::Matrix;

// S of the open cells, access device included; closed rows are 0.
Matrix open_cells(const Plan& plan, const OpenRows& rows, const devices::CellArray& cells) {
  const Layout& l = plan.layout;
  std::vector<double> I(cells.size());
  plan.cell->current(cells.G, plan.chip.dac.v_read, I);
  Matrix G = Matrix::Zero(l.array_rows, l.array_cols);
  for (std::int64_t row = rows.first; row < rows.last; ++row)
    for (std::int64_t col = 0; col < l.array_cols; ++col)
      G(row, col) = I[static_cast<std::size_t>(row * l.array_cols + col)] / plan.chip.dac.v_read;
  return G;
}

std::vector<double> flat(const Matrix& matrix) { return {matrix.data(), matrix.data() + matrix.size()}; }

// Both rows of a pair belong to one input and are driven with opposite voltages.
Matrix between_inputs(const Layout& l, const OpenRows& rows, const Matrix& drivers) {
  const std::int64_t each = l.rows_per_input(), inputs = (rows.last - rows.first) / each;
  Matrix out = Matrix::Zero(inputs, inputs);
  for (std::int64_t a = 0; a < inputs * each; ++a)
    for (std::int64_t b = 0; b < inputs * each; ++b)
      out(a / each, b / each) += (a % each == b % each ? 1.0 : -1.0) * drivers(rows.first + a, rows.first + b);
  return out;
}

std::vector<double> losses(const Matrix& ideal, const Matrix& real) {
  std::vector<double> out;
  for (Eigen::Index col = 0; col < ideal.cols(); ++col) {
    const double whole = ideal.col(col).sum();
    out.push_back(whole > 0.0 ? 1.0 - real.col(col).sum() / whole : 0.0);
  }
  return out;
}

// Ideal and real current of the columns of a read, by their place in the bank.
struct Currents {
  std::vector<double> ideal, real;
};

void add_currents(const Plan& plan, const Read& read, const ArrayPlace& place, Currents& sums) {
  const devices::CellArray cells = target_cells(plan, place);
  const OpenRows rows = open_rows(plan.layout, read);
  const Matrix G = open_cells(plan, rows, cells);
  const std::vector<double> loss = see(plan, rows, cells).loss;
  const auto add = [&](std::int64_t at, std::int64_t col) {
    const double whole = G.col(col).sum();
    sums.ideal[static_cast<std::size_t>(at)] += whole;
    sums.real[static_cast<std::size_t>(at)] += whole * (1.0 - loss[static_cast<std::size_t>(col)]);
  };
  for (const Lane& lane : lanes_of(plan, read, place)) {
    add(lane.at, lane.col);
    if (lane.reference >= 0) add(lane.at, lane.reference);
  }
}

std::vector<double> gains_of(const Plan& plan, const Read& read) {
  const auto columns = static_cast<std::size_t>(bank_shape(plan, read).groups() * crossbar::lanes);
  Currents sums{.ideal = std::vector<double>(columns, 0.0), .real = std::vector<double>(columns, 0.0)};
  for (std::int64_t a = read.first_array; a < read.first_array + read.arrays; ++a)
    add_currents(plan, read, array_place(plan.layout, plan.tile(read) * plan.layout.array_columns() + a), sums);
  std::vector<double> gains(columns, 1.0);
  for (std::size_t i = 0; i < columns; ++i)
    if (sums.real[i] > 0.0) gains[i] = sums.ideal[i] / sums.real[i];
  return gains;
}

}  // namespace

OpenRows open_rows(const Layout& layout, const Read& read) {
  const std::int64_t first = read.first_row * layout.rows_per_input();
  return {.first = first, .last = std::min(first + layout.active_rows, layout.array_rows)};
}

Wired see(const Plan& plan, const OpenRows& rows, const devices::CellArray& cells) {
  if (plan.chip.array.wires.ideal()) return {};
  const Matrix G = open_cells(plan, rows, cells);
  const crossbar::Lines lines = crossbar::lines_of(plan.chip.array.wires, G.rows(), G.cols());
  const crossbar::Terminals terminals = crossbar::reduce(G, lines);
  return {.G = flat(terminals.effective),
          .noise = plan.cell->has_read_noise() ? flat(crossbar::noise_transfer(G, lines)) : std::vector<double>{},
          .drivers = between_inputs(plan.layout, rows, terminals.drivers),
          .loss = losses(G, terminals.effective)};
}

std::vector<std::vector<double>> compensation(const Plan& plan) {
  std::vector<std::vector<double>> out;
  if (plan.chip.array.wires.compensate && !plan.chip.array.wires.ideal())
    for (const Read& read : plan.reads) out.push_back(gains_of(plan, read));
  return out;
}

}  // namespace wordline::mapper
