#include "crossbar/bank.hpp"

#include <algorithm>

namespace wordline::crossbar {

bool Bank::has_baseline() const {
  return std::any_of(baseline.begin(), baseline.end(), [](float b) { return b != 0.0F; });
}

Bank make_bank(std::int64_t rows, std::int64_t groups, std::int64_t outputs, const InputCode& code, Kernel kernel) {
  Bank bank{.rows = rows, .groups = groups, .outputs = outputs, .kernel = kernel, .code = code};
  bank.levels = kernel == Kernel::levels ? code.largest_digit() : 1;
  const auto per_group = static_cast<std::size_t>(groups);
  const auto per_column = static_cast<std::size_t>(groups * lanes);
  bank.current.assign(per_column * static_cast<std::size_t>(bank.levels * rows), 0.0F);
  bank.first_output.assign(per_group, 0);
  bank.valid.assign(per_group, lanes);
  bank.worth.assign(per_column, 1.0);
  for (auto* v : {&bank.low, &bank.high}) v->assign(per_group, 0.0F);
  bank.step.assign(per_group, 1.0F);
  for (auto* v : {&bank.baseline, &bank.gain, &bank.offset}) v->assign(per_column, 0.0F);
  return bank;
}

}  // namespace wordline::crossbar
