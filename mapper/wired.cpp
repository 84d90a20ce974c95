#include "mapper/wired.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "crossbar/gated.hpp"
#include "crossbar/passive.hpp"
#include "mapper/assemble.hpp"
#include "mapper/curve_table.hpp"
#include "mapper/lanes.hpp"
#include "mapper/solved_read.hpp"

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

using Currents = Eigen::RowVectorXd;

std::vector<double> losses(const Currents& ideal, const Currents& real) {
  std::vector<double> out;
  for (Eigen::Index col = 0; col < ideal.cols(); ++col)
    out.push_back(ideal(col) > 0.0 ? 1.0 - real(col) / ideal(col) : 0.0);
  return out;
}

// Sums over the rows that have inputs.
Currents used_sums(const OpenRows& rows, const Matrix& G) {
  return G.middleRows(rows.first, rows.used - rows.first).colwise().sum();
}

// S, states of the open cells: what their curve starts from.
Matrix open_states(const Plan& plan, const OpenRows& rows, const devices::CellArray& cells) {
  const Layout& l = plan.layout;
  Matrix G = Eigen::Map<const Matrix>(cells.G.data(), l.array_rows, l.array_cols);
  G.topRows(rows.first).setZero();
  G.bottomRows(l.array_rows - rows.last).setZero();
  return G;
}

// G: S, states of the cells.
crossbar::Curve curve_of(const Plan& plan, const Matrix& G) {
  const auto all = [](auto& x) { return std::span(x.data(), static_cast<std::size_t>(x.size())); };
  if (!plan.cell->has_curve()) return tabulated_curve(*plan.cell, all(G), plan.chip.dac.v_read);
  return [cell = plan.cell, all](const Matrix& states, const crossbar::Field& V, crossbar::Field& I,
                                 crossbar::Field& slope) {
    I.resizeLike(V);
    slope.resizeLike(V);
    cell->curve(all(states), all(V), all(I), all(slope));
  };
}

crossbar::GatedLines gated_lines(const Plan& plan) {
  const auto& w = plan.chip.array.wires;
  return {.source = w.source,
          .col = w.col,
          .driver = Eigen::VectorXd::Constant(plan.layout.array_cols, w.driver),
          .sense = Eigen::VectorXd::Constant(plan.layout.array_cols, w.sense),
          .source_end = w.source_end,
          .v_read = plan.chip.dac.v_read};
}

// Half of the rows with inputs open, so that a cell carries what it carries for a typical input.
crossbar::SecantConductance half_open(const Plan& plan, const OpenRows& rows, const Matrix& G) {
  Eigen::VectorXd activity = Eigen::VectorXd::Zero(G.rows());
  activity.segment(rows.first, rows.used - rows.first).setConstant(0.5);
  return crossbar::secant_conductance(G, gated_lines(plan), activity);
}

// A cell's own current divides between its path to the terminals and its neighbours as its voltage does (reciprocity),
// so the factor is the square of its share of v_read. Closed cells are cut off, noise and all.
std::vector<double> gated_noise(const Plan& plan, const Matrix& G, const Matrix& seen) {
  if (!plan.cell->has_read_noise()) return {};
  const Matrix share = (G.array() > 0.0).select(seen.array() / G.array().max(1e-300), 0.0);
  return flat(share.array().square().matrix());
}

Wired see_matrix(const Plan& plan, const OpenRows& rows, const Matrix& G) {
  const crossbar::Lines lines = crossbar::lines_of(plan.chip.array.wires, G.rows(), G.cols());
  const crossbar::Terminals terminals = crossbar::reduce(G, lines);
  return {.G = flat(terminals.effective),
          .solver = nullptr,
          .noise = plan.cell->has_read_noise() ? flat(crossbar::noise_transfer(G, lines)) : std::vector<double>{},
          .drivers = between_inputs(plan.layout, rows, terminals.drivers),
          .loss = losses(used_sums(rows, G), used_sums(rows, terminals.effective))};
}

Wired see_half_open(const Plan& plan, const OpenRows& rows, const Matrix& G) {
  const Matrix seen = half_open(plan, rows, G).opened;
  const Matrix drivers = seen.rowwise().sum().asDiagonal();
  return {.G = flat(seen),
          .solver = nullptr,
          .noise = gated_noise(plan, G, seen),
          .drivers = between_inputs(plan.layout, rows, drivers),
          .loss = losses(used_sums(rows, G), used_sums(rows, seen))};
}

std::shared_ptr<const crossbar::ArraySolver> solver_of(const Plan& plan, const OpenRows& rows,
                                                       const devices::CellArray& cells) {
  Matrix G = open_states(plan, rows, cells);
  if (plan.chip.array.topology == crossbar::Topology::passive)
    return crossbar::passive_solver(G, crossbar::lines_of(plan.chip.array.wires, G.rows(), G.cols()),
                                    curve_of(plan, G));
  if (plan.cell->is_linear()) return crossbar::gated_solver(std::move(G), gated_lines(plan));
  return crossbar::gated_solver(G, gated_lines(plan), curve_of(plan, G));
}

// G: S, cells as they are at v_read.
Wired see_solved(const Plan& plan, const OpenRows& rows, const devices::CellArray& cells, const Matrix& G) {
  const auto& chip = plan.chip;
  Matrix all_open = Matrix::Zero(1, G.rows());
  all_open.middleCols(rows.first, rows.used - rows.first).setConstant(chip.dac.v_read);
  Wired out{.G = {}, .solver = solver_of(plan, rows, cells), .noise = {}, .drivers = {}, .loss = {}};
  out.loss = losses(chip.dac.v_read * used_sums(rows, G), out.solver->solve(all_open).columns.row(0));
  if (chip.array.topology == crossbar::Topology::gated)
    out.noise = gated_noise(plan, G, half_open(plan, rows, G).opened);
  else if (plan.cell->has_read_noise())
    out.noise = flat(crossbar::noise_transfer(G, crossbar::lines_of(chip.array.wires, G.rows(), G.cols())));
  return out;
}

// Ideal and real current of the columns of a read, by their place in the bank.
struct Sums {
  std::vector<double> ideal, real;
};

void add_currents(const Plan& plan, const Read& read, const ArrayPlace& place, Sums& sums) {
  const devices::CellArray cells = target_cells(plan, place);
  const OpenRows rows = open_rows(plan.layout, read);
  const Matrix G = open_cells(plan, rows, cells);
  const Currents ideal = used_sums(rows, G);
  const std::vector<double> loss = see(plan, rows, cells).loss;
  const auto add = [&](std::int64_t at, std::int64_t col) {
    const double whole = ideal(col);
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
  Sums sums{.ideal = std::vector<double>(columns, 0.0), .real = std::vector<double>(columns, 0.0)};
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
  return {.first = first,
          .last = std::min(first + layout.active_rows, layout.array_rows),
          .used = first + read.inputs * layout.rows_per_input()};
}

Wired see(const Plan& plan, const OpenRows& rows, const devices::CellArray& cells) {
  if (plan.chip.array.wires.ideal()) return {};
  const Matrix G = open_cells(plan, rows, cells);
  if (is_solved(plan)) return see_solved(plan, rows, cells, G);
  return plan.chip.array.topology == crossbar::Topology::gated ? see_half_open(plan, rows, G)
                                                               : see_matrix(plan, rows, G);
}

std::vector<std::vector<double>> compensation(const Plan& plan) {
  std::vector<std::vector<double>> out;
  if (plan.chip.array.wires.compensate && !plan.chip.array.wires.ideal())
    for (const Read& read : plan.reads) out.push_back(gains_of(plan, read));
  return out;
}

}  // namespace wordline::mapper
