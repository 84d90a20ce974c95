#include "mapper/digital.hpp"

#include <cmath>

namespace wordline::mapper {
namespace {

// Input of a section that stands at `input` of a row tile.
std::int64_t in_section(const Plan& plan, const Read& read, std::int64_t input) {
  return plan.layout.first_input(read.row_tile) + input;
}

const Slice& slice_of(const Plan& plan, std::int64_t slice) { return plan.slices[static_cast<std::size_t>(slice)]; }

double stored_level(const Plan& plan, const Read& read, std::int64_t input, const Column& c) {
  return level(plan.weights, plan.chip.weights, slice_of(plan, c.slice), weight_row(plan, read, input), c.output,
               static_cast<int>(c.polarity));
}

bool more_than_half(const Plan& plan, const Read& read, const Column& column) {
  double sum = 0.0, most = 0.0;
  for (std::int64_t i = read.first_row; i < read.first_row + read.inputs; ++i) {
    if (!same_group(plan, read, i, column.output)) continue;
    sum += stored_level(plan, read, i, column);
    most += slice_of(plan, column.slice).largest;
  }
  return sum > most / 2.0;
}

std::vector<std::uint8_t> inverted_columns(const Plan& plan, const Read& read) {
  std::vector<std::uint8_t> out;
  for (std::int64_t n = 0; n < read.outputs; ++n)
    for (std::int64_t s = 0; s < plan.layout.slices; ++s)
      for (std::int64_t p = 0; p < plan.layout.converted; ++p)
        out.push_back(more_than_half(
            plan, read, {.holds = Column::Holds::weights, .output = read.first_output + n, .slice = s, .polarity = p}));
  return out;
}

// The offset that the inputs of an output's own group carry, in weight codes.
double weight_offset(const Plan& plan) {
  if (plan.layout.polarities == 2 || plan.layout.reference_columns) return 0.0;
  return plan.weights.continuous ? 1.0 : std::ldexp(1.0, static_cast<int>(*plan.chip.weights.bits) - 1);
}

// Adds one converted column. A complement's code counts negatively, and so does the baseline inside it.
void add_column(const Plan& plan, std::int64_t read, std::int64_t output, std::int64_t s, std::int64_t p, double& own,
                double& base) {
  const Slice& slice = slice_of(plan, s);
  const bool inverted = plan.is_inverted(read, output, s, p);
  const double worth = (p == 1 ? -1.0 : 1.0) * slice.worth;
  if (inverted) own -= worth * slice.largest;
  // The reference column is converted with the same baseline: it cancels.
  if (!plan.layout.reference_columns)
    base += (inverted ? -worth : worth) * plan.units[static_cast<std::size_t>(s)].baseline;
}

Corrections corrections_of(const Plan& plan, std::int64_t index) {
  const Read& read = plan.reads[static_cast<std::size_t>(index)];
  Corrections c{.own = std::vector<double>(static_cast<std::size_t>(read.outputs), weight_offset(plan)),
                .base = std::vector<double>(static_cast<std::size_t>(read.outputs), 0.0)};
  if (!plan.layout.single_columns()) return c;
  for (std::int64_t n = 0; n < read.outputs; ++n)
    for (std::int64_t s = 0; s < plan.layout.slices; ++s)
      for (std::int64_t p = 0; p < plan.layout.converted; ++p)
        add_column(plan, index, read.first_output + n, s, p, c.own[static_cast<std::size_t>(n)],
                   c.base[static_cast<std::size_t>(n)]);
  return c;
}

double code_of(const WeightCodes& weights, std::int64_t input, std::int64_t output) {
  const auto at = static_cast<std::size_t>(input * weights.outputs + output);
  return weights.continuous ? static_cast<double>(weights.fractions[at]) : weights.codes[at];
}

}  // namespace

std::int64_t weight_row(const Plan& plan, const Read& read, std::int64_t input) {
  return in_section(plan, read, input) % plan.layout.inputs;
}

bool same_group(const Plan& plan, const Read& read, std::int64_t input, std::int64_t output) {
  if (!plan.layout.diagonal) return true;
  const std::int64_t group = plan.layout.first_group(read.section) + in_section(plan, read, input) / plan.layout.inputs;
  return output / plan.layout.group_outputs() == group;
}

void set_inversion(Plan& plan) {
  plan.inverted.clear();
  if (!plan.chip.weights.column_inversion) return;
  std::vector<std::vector<std::uint8_t>> out;
  for (const Read& read : plan.reads) out.push_back(inverted_columns(plan, read));
  plan.inverted = std::move(out);
}

void set_corrections(Plan& plan) {
  plan.corrections.clear();
  for (std::int64_t i = 0; i < std::ssize(plan.reads); ++i) plan.corrections.push_back(corrections_of(plan, i));
  plan.zero_sums.assign(static_cast<std::size_t>(plan.layout.outputs), 0.0);
  if (plan.input.zero == 0) return;
  for (std::int64_t k = 0; k < plan.data_inputs; ++k)
    for (std::int64_t n = 0; n < plan.layout.outputs; ++n)
      plan.zero_sums[static_cast<std::size_t>(n)] += static_cast<double>(plan.input.zero) * code_of(plan.weights, k, n);
}

}  // namespace wordline::mapper
