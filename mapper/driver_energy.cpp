#include "mapper/driver_energy.hpp"

#include <algorithm>
#include <cmath>

#include "mapper/solved_read.hpp"

namespace wordline::mapper {
namespace {

using crossbar::Block;

// What a row's driver applies in one cycle, with its sign.
Applied drive(const Plan& plan, const crossbar::Bank& bank, const Block& block, std::int64_t vector,
              const crossbar::Cycle& cycle, std::int64_t row) {
  const auto at = static_cast<std::size_t>(vector * block.rows + row);
  const double v_read = plan.chip.dac.v_read;
  if (bank.code.continuous) {
    const auto a = static_cast<double>(digit(block.amplitudes[at], cycle));
    return plan.pulse_width() ? Applied{.V = std::copysign(v_read, a), .duty = std::abs(a)} : Applied{.V = v_read * a};
  }
  const std::int32_t d = digit(block.codes[at], cycle, bank.code.largest_digit(), bank.code.largest_code());
  if (d == 0) return {.V = 0.0, .duty = 0.0};
  Applied applied = plan.applied(std::abs(d));
  if (d < 0) applied.V = -applied.V;
  return applied;
}

// V' Y V; of two pulses the shorter one is the time they share.
double power_of_pulses(const std::vector<Applied>& rows, const crossbar::Matrix& drivers) {
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].V == 0.0) continue;
    for (std::size_t j = 0; j < rows.size(); ++j)
      sum += rows[i].V * rows[j].V * std::min(rows[i].duty, rows[j].duty) *
             drivers(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
  }
  return sum;
}

double power(const std::vector<Applied>& rows, const crossbar::Matrix& drivers) {
  Eigen::VectorXd V(drivers.rows());
  V.setZero();
  for (std::size_t i = 0; i < rows.size(); ++i) V(static_cast<Eigen::Index>(i)) = rows[i].V;
  return V.dot(drivers * V);
}

}  // namespace

bool EnergySample::takes(const Ranked& vector) const {
  return entries_.size() < size_ || vector <= std::get<Ranked>(*entries_.rbegin());
}

void EnergySample::add(const Ranked& vector, double joule) {
  entries_.emplace(vector, joule);
  if (entries_.size() > size_) entries_.erase(std::prev(entries_.end()));
}

void EnergySample::merge(const EnergySample& other) {
  for (const auto& [vector, joule] : other.entries_) add(vector, joule);
}

Estimate EnergySample::total(std::int64_t vectors) const {
  const auto n = static_cast<double>(entries_.size()), all = static_cast<double>(vectors);
  if (entries_.empty()) return {};
  double sum = 0.0, squares = 0.0;
  for (const auto& [vector, joule] : entries_) sum += joule;
  for (const auto& [vector, joule] : entries_) squares += (joule - sum / n) * (joule - sum / n);
  if (n >= all) return {.value = sum, .error = 0.0};
  const double variance = n > 1.0 ? squares / (n - 1.0) : 0.0;
  return {.value = all * sum / n, .error = all * std::sqrt(variance / n * (1.0 - n / all))};
}

core::Stream rank_stream(std::uint64_t seed) {
  return core::Stream({.seed = seed, .chip = 0, .layer = 0, .tile = 0, .purpose = "energy"});
}

Ranked rank(const core::Stream& stream, const Block& block, std::int64_t vector) {
  const auto v = static_cast<std::size_t>(vector);
  return {.rank = stream.uniforms({block.sample[v], block.window[v], 0, 0})[0],
          .sample = block.sample[v],
          .window = block.window[v]};
}

double driver_energy(const Plan& plan, const crossbar::Bank& bank, const Block& block, std::int64_t vector,
                     const crossbar::Matrix& drivers) {
  const auto cycles = bank.code.cycles();
  std::vector<Applied> rows(static_cast<std::size_t>(block.rows));
  crossbar::Matrix V(static_cast<Eigen::Index>(cycles.size()), block.rows);
  double sum = 0.0;
  for (std::size_t cycle = 0; cycle < cycles.size(); ++cycle) {
    for (std::int64_t row = 0; row < block.rows; ++row) {
      rows[static_cast<std::size_t>(row)] = drive(plan, bank, block, vector, cycles[cycle], row);
      V(static_cast<Eigen::Index>(cycle), row) = rows[static_cast<std::size_t>(row)].V;
    }
    if (!bank.solved) sum += plan.pulse_width() ? power_of_pulses(rows, drivers) : power(rows, drivers);
  }
  if (bank.solved) sum = static_cast<const SolvedRead&>(*bank.solved).power(V);
  return sum * plan.chip.dac.t_read;
}

}  // namespace wordline::mapper
