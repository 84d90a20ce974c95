#include "crossbar/reference.hpp"

#include <algorithm>
#include <cmath>

#include "crossbar/noise.hpp"

namespace wordline::crossbar::reference {
namespace {

double drive_digit(const Bank& bank, const Block& block, std::int64_t vector, const Cycle& cycle, std::int64_t row) {
  const auto at = static_cast<std::size_t>(vector * block.rows + row);
  return bank.code.continuous ? static_cast<double>(digit(block.amplitudes[at], cycle))
                              : digit(block.codes[at], cycle, bank.code.largest_digit(), bank.code.largest_code());
}

double at(const std::vector<float>& table, const Bank& bank, std::int64_t group, std::int64_t level, std::int64_t row,
          std::int64_t lane) {
  return static_cast<double>(table[static_cast<std::size_t>(bank.entry(group, level, row) + lane)]);
}

std::int64_t level_of(const Bank& bank, double d) {
  return bank.kernel == Kernel::levels ? static_cast<std::int64_t>(std::abs(d)) - 1 : 0;
}

// The normal that belongs to one conversion.
double draw(const Bank& bank, const Block& block, const core::Stream& noise, std::int64_t vector,
            std::size_t conversion, std::int64_t column) {
  const auto v = static_cast<std::size_t>(vector);
  return conversion_normal(noise, {.sample = block.sample[v],
                                   .window = block.window[v],
                                   .bank = bank.index,
                                   .conversion = static_cast<std::uint32_t>(conversion),
                                   .column = static_cast<std::uint32_t>(column)});
}

// The first piece whose upper edge lies above x.
double code_of(const Transfer& transfer, double x) {
  std::size_t piece = 0;
  while (piece < transfer.edge.size() && x >= static_cast<double>(transfer.edge[piece])) ++piece;
  return static_cast<double>(transfer.code[piece]);
}

Reading convert(const Bank& bank, double x, double variance, double z, std::int64_t group, std::int64_t lane) {
  const auto g = static_cast<std::size_t>(group);
  const auto column = static_cast<std::size_t>(group * lanes + lane);
  const double quantity = x + std::sqrt(variance) * z;
  if (bank.ideal_adc) return {.quantity = quantity, .code = quantity, .value = quantity};
  const double step = static_cast<double>(bank.step[g]), noise = static_cast<double>(bank.adc_noise);
  const double sigma = std::sqrt(variance / (step * step) + noise * noise);
  const double gained = x / step * (1.0 + static_cast<double>(bank.gain[column]));
  const double seen = gained + static_cast<double>(bank.offset[column]) + sigma * z;
  const double code = std::nearbyint(seen);
  const double clipped = std::clamp(code, static_cast<double>(bank.low[g]), static_cast<double>(bank.high[g]));
  const double given =
      bank.transfers.empty() ? clipped : code_of(bank.transfers[static_cast<std::size_t>(bank.transfer[column])], seen);
  return {.quantity = quantity, .code = given, .value = step * given, .saturated = clipped != code};
}

// What a solved array gives in one cycle.
double solved(const Bank& bank, const Block& block, std::int64_t vector, const Cycle& cycle, std::int64_t column) {
  const auto cycles = bank.code.cycles();
  const auto same = [&](const Cycle& c) { return c.shift == cycle.shift && c.part == cycle.part; };
  const std::int64_t k = std::find_if(cycles.begin(), cycles.end(), same) - cycles.begin();
  const std::int64_t slot = vector * std::ssize(cycles) + k;
  return static_cast<double>(block.solved[static_cast<std::size_t>(slot * bank.groups * lanes + column)]);
}

}  // namespace

double column_quantity(const Bank& bank, const Block& block, std::int64_t vector, const Cycle& cycle,
                       std::int64_t group, std::int64_t lane) {
  double sum = bank.solved ? solved(bank, block, vector, cycle, group * lanes + lane) : 0.0;
  for (std::int64_t row = 0; row < bank.rows; ++row) {
    const double d = drive_digit(bank, block, vector, cycle, row);
    if (d == 0.0) continue;
    const double I = at(bank.current, bank, group, level_of(bank, d), row, lane);
    sum += (bank.kernel == Kernel::levels ? std::copysign(1.0, d) : d) * I;
    sum += d * static_cast<double>(bank.baseline[static_cast<std::size_t>(group * lanes + lane)]);
  }
  return sum;
}

double column_variance(const Bank& bank, const Block& block, std::int64_t vector, const Cycle& cycle,
                       std::int64_t group, std::int64_t lane) {
  if (!bank.cell_noise()) return 0.0;
  double sum = static_cast<double>(bank.idle[static_cast<std::size_t>(group * lanes + lane)]);
  for (std::int64_t row = 0; row < bank.rows; ++row) {
    const double d = drive_digit(bank, block, vector, cycle, row);
    if (d == 0.0) continue;
    const double slope = at(bank.slope, bank, group, level_of(bank, d), row, lane);
    sum += bank.kernel == Kernel::linear ? std::abs(d) * slope + d * d * at(bank.square, bank, group, 0, row, lane)
                                         : slope;
  }
  return sum;
}

Reading conversion(const Bank& bank, const Block& block, const core::Stream& noise, std::int64_t vector,
                   std::int64_t conversion, std::int64_t group, std::int64_t lane) {
  const auto cycles = bank.code.cycles();
  const Conversion joined = bank.code.conversions()[static_cast<std::size_t>(conversion)];
  double x = 0.0, variance = 0.0;
  for (std::int64_t k = joined.first; k < joined.first + joined.count; ++k) {
    const Cycle& cycle = cycles[static_cast<std::size_t>(k)];
    const double gain = bank.code.gain(cycle);
    x += gain * column_quantity(bank, block, vector, cycle, group, lane);
    variance += gain * gain * column_variance(bank, block, vector, cycle, group, lane);
  }
  const double z =
      bank.noisy() ? draw(bank, block, noise, vector, static_cast<std::size_t>(conversion), group * lanes + lane) : 0.0;
  return convert(bank, x, variance, z, group, lane);
}

std::int64_t multiply(const Bank& bank, const Block& block, const core::Stream& noise, std::span<double> out) {
  const auto conversions = bank.code.conversions();
  std::int64_t saturated = 0;
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (std::int64_t g = 0; g < bank.groups; ++g)
      for (std::int64_t lane = 0; lane < bank.valid[static_cast<std::size_t>(g)]; ++lane)
        for (std::int64_t c = 0; c < std::ssize(conversions); ++c) {
          const Reading reading = conversion(bank, block, noise, v, c, g, lane);
          const std::int64_t output = bank.first_output[static_cast<std::size_t>(g)] + lane;
          out[result_at(block.vectors, v, output)] += bank.worth[static_cast<std::size_t>(g * lanes + lane)] *
                                                      conversions[static_cast<std::size_t>(c)].weight * reading.value;
          saturated += reading.saturated ? 1 : 0;
        }
  return saturated;
}

}  // namespace wordline::crossbar::reference
