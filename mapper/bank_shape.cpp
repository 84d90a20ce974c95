#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"
#include "mapper/assemble.hpp"
#include "mapper/solved_read.hpp"

namespace wordline::mapper {

using core::block_count;
using crossbar::Bank;
using crossbar::lanes;

std::int64_t BankShape::blocks() const { return block_count(outputs, lanes); }
std::int64_t BankShape::reference_blocks() const { return block_count(references, lanes); }
std::int64_t BankShape::width() const { return (blocks() + slices * reference_blocks()) * lanes; }

std::int64_t BankShape::group_of(std::int64_t slice, std::int64_t sign, std::int64_t output) const {
  return (slice * signs + sign) * blocks() + output / lanes;
}
std::int64_t BankShape::reference_group_of(std::int64_t slice, std::int64_t array) const {
  return slices * signs * blocks() + slice * reference_blocks() + array / lanes;
}
std::int64_t BankShape::reference_output(std::int64_t slice, std::int64_t array) const {
  return (blocks() + slice * reference_blocks()) * lanes + array;
}

BankShape bank_shape(const Plan& plan, const Read& read) {
  const Layout& l = plan.layout;
  const bool converted_references = l.reference_columns && !l.subtract_reference;
  return {.outputs = read.outputs,
          .slices = l.slices,
          .signs = l.converted,
          .references = converted_references ? read.arrays : 0};
}

namespace {

struct Group {
  std::int64_t first_output = 0, valid = 0, slice = 0;
  double sign = 1.0;
};

void fill_group(const Plan& plan, const Read& read, std::int64_t index, const Group& group, Bank& bank) {
  const auto g = static_cast<std::size_t>(index), s = static_cast<std::size_t>(group.slice);
  bank.first_output[g] = group.first_output;
  bank.valid[g] = group.valid;
  const double baseline = plan.layout.single_columns() ? plan.units[s].baseline : 0.0;
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    bank.worth[g * lanes + static_cast<std::size_t>(lane)] = group.sign * plan.slices[s].worth;
    bank.baseline[g * lanes + static_cast<std::size_t>(lane)] = static_cast<float>(baseline);
  }
  if (plan.adc.empty() || bank.ideal_adc) return;
  const crossbar::Codes& codes = plan.adc[static_cast<std::size_t>(plan.tile(read))][s];
  bank.step[g] = static_cast<float>(codes.step);
  bank.low[g] = static_cast<float>(codes.low);
  bank.high[g] = static_cast<float>(codes.high);
}

void fill_groups(const Plan& plan, const Read& read, const BankShape& shape, Bank& bank) {
  for (std::int64_t s = 0; s < shape.slices; ++s) {
    for (std::int64_t sign = 0; sign < shape.signs; ++sign)
      for (std::int64_t n = 0; n < shape.outputs; n += lanes)
        fill_group(plan, read, shape.group_of(s, sign, n),
                   {.first_output = n,
                    .valid = std::min(lanes, shape.outputs - n),
                    .slice = s,
                    .sign = sign == 1 ? -1.0 : 1.0},
                   bank);
    for (std::int64_t a = 0; a < shape.references; a += lanes)
      fill_group(
          plan, read, shape.reference_group_of(s, a),
          {.first_output = shape.reference_output(s, a), .valid = std::min(lanes, shape.references - a), .slice = s},
          bank);
  }
}

void invert_columns(const Plan& plan, std::int64_t read_index, const BankShape& shape, Bank& bank) {
  const Read& read = plan.reads[static_cast<std::size_t>(read_index)];
  for (std::int64_t s = 0; s < shape.slices; ++s)
    for (std::int64_t sign = 0; sign < shape.signs; ++sign)
      for (std::int64_t n = 0; n < shape.outputs; ++n)
        if (plan.is_inverted(read_index, read.first_output + n, s, sign))
          bank.worth[static_cast<std::size_t>(shape.group_of(s, sign, n) * lanes + n % lanes)] *= -1.0;
}

void compensate(const std::vector<double>& gains, Bank& bank) {
  for (std::size_t i = 0; i < gains.size(); ++i) bank.worth[i] *= gains[i];
}

}  // namespace

Bank empty_bank(const Plan& plan, std::int64_t read_index, bool cell_noise) {
  const Read& read = plan.reads[static_cast<std::size_t>(read_index)];
  const BankShape shape = bank_shape(plan, read);
  Bank bank = crossbar::make_bank(read.inputs, shape.groups(), shape.width(), plan.code, plan.kernel);
  bank.index = static_cast<std::uint32_t>(read_index);
  bank.ideal_adc = !plan.chip.adc.bits.has_value();
  bank.adc_noise = static_cast<float>(plan.chip.adc.noise);
  fill_groups(plan, read, shape, bank);
  if (!plan.inverted.empty()) invert_columns(plan, read_index, shape, bank);
  if (!plan.compensation.empty()) compensate(plan.compensation[static_cast<std::size_t>(read_index)], bank);
  if (is_solved(plan)) bank.solved = std::make_shared<SolvedRead>(plan, read);
  if (!cell_noise) return bank;
  bank.slope.assign(bank.current.size(), 0.0F);
  bank.idle.assign(static_cast<std::size_t>(bank.groups * lanes), 0.0F);
  if (bank.kernel == crossbar::Kernel::linear) bank.square.assign(bank.current.size(), 0.0F);
  return bank;
}

}  // namespace wordline::mapper
