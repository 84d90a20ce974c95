#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <hwy/targets.h>

#include "crossbar/bank.hpp"

namespace wordline::crossbar::test {

/// What a random bank and block should look like.
struct Case {
  std::int64_t rows = 37, groups = 3, vectors = 61;  // more than the multiply reads at a time
  InputCode code;
  Kernel kernel = Kernel::bits;
  bool noise = false, baseline = false, ideal_adc = false;
  const std::vector<Transfer>* transfers = nullptr;  // for codes -32 .. 31
  float adc_noise = 0.0F, gain = 0.0F, offset = 0.0F;
  std::uint32_t seed = 1;
};

/// Makes one group's variances span decades with no noise at rest: 16 bits do not hold them.
inline void spread_variances(Bank& bank, std::int64_t group) {
  for (std::int64_t i = bank.entry(group, 0, 0); i < bank.entry(group + 1, 0, 0); ++i) {
    float& x = bank.slope[static_cast<std::size_t>(i)];
    x = i % 3 == 0 ? 1e-6F * x : x;
  }
  std::fill_n(bank.idle.begin() + group * lanes, lanes, 0.0F);
}

/// Currents -3 .. 3, whole numbers but for group 1, whose quarters need single precision: sums are exact everywhere.
inline Bank random_bank(const Case& c) {
  float largest_gain = 1.0F;
  for (const Cycle& cycle : c.code.cycles())
    largest_gain = std::max(largest_gain, static_cast<float>(c.code.gain(cycle)));
  std::mt19937 random(c.seed);
  std::uniform_int_distribution<int> level(-3, 3);
  std::uniform_real_distribution<float> unit(0.0F, 1.0F);
  Bank bank = make_bank(c.rows, c.groups, c.groups * lanes, c.code, c.kernel);
  for (auto& x : bank.current) x = static_cast<float>(level(random));
  for (std::int64_t i = bank.entry(1, 0, 0); i < bank.entry(2, 0, 0) && i < std::ssize(bank.current); ++i)
    bank.current[static_cast<std::size_t>(i)] += i % 2 == 0 ? 0.25F : 0.0F;
  for (std::int64_t g = 0; g < c.groups; ++g) {
    const auto i = static_cast<std::size_t>(g);
    bank.first_output[i] = g * lanes;
    bank.valid[i] = g + 1 == c.groups ? 5 : lanes;
    bank.step[i] = (1.0F + static_cast<float>(g)) * largest_gain;
    bank.low[i] = -32.0F;
    bank.high[i] = 31.0F;
  }
  for (std::size_t column = 0; column < bank.worth.size(); ++column) {
    bank.worth[column] = column % 5 < 3 ? 4.0 : -1.0;
    bank.baseline[column] = c.baseline ? 0.8F - 0.01F * static_cast<float>(column) : 0.0F;
  }
  bank.ideal_adc = c.ideal_adc;
  if (c.transfers != nullptr) bank.transfers = *c.transfers;
  for (std::size_t column = 0; column < bank.worth.size() && c.transfers != nullptr; ++column)
    bank.transfer.push_back(static_cast<std::int32_t>(column * 5 % c.transfers->size()));
  bank.adc_noise = c.adc_noise;
  for (auto& x : bank.gain) x = c.gain * (unit(random) - 0.5F);
  for (auto& x : bank.offset) x = c.offset * (unit(random) - 0.5F);
  if (c.noise) {
    bank.slope.resize(bank.current.size());
    for (auto& x : bank.slope) x = 0.05F * unit(random);
    bank.idle.assign(static_cast<std::size_t>(c.groups * lanes), 0.3F);
    spread_variances(bank, 1);
    if (c.kernel == Kernel::linear) bank.square = bank.slope;
  }
  bank.index = 3;
  return bank;
}

inline Block random_block(const Case& c) {
  std::mt19937 random(c.seed + 1000);
  const std::int32_t top = c.code.largest_code();
  std::uniform_int_distribution<std::int32_t> value(c.code.is_signed ? -top : 0, top);
  std::uniform_real_distribution<float> amplitude(c.code.is_signed ? -1.0F : 0.0F, 1.0F);
  Block block{.vectors = c.vectors, .rows = c.rows, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  for (std::int64_t i = 0; i < c.vectors * c.rows; ++i) {
    if (c.code.continuous)
      block.amplitudes.push_back(amplitude(random));
    else
      block.codes.push_back(value(random));
  }
  for (std::int64_t v = 0; v < c.vectors; ++v) {
    block.sample.push_back(static_cast<std::uint32_t>(v / 2));
    block.window.push_back(static_cast<std::uint32_t>(v % 2));
  }
  return block;
}

/// Runs a test with every instruction set that this machine has.
template <class Test>
void for_each_target(const Test& test) {
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    test();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// Whether result i of a random bank is a column that only fills up its last group: nobody's output.
inline bool is_padding(const Bank& bank, const Block& block, std::size_t i) {
  const auto at = static_cast<std::int64_t>(i);
  return at % lanes >= bank.valid[static_cast<std::size_t>(at / lanes / block.vectors)];
}

/// Converters of one kind for the codes -32 .. 31, each with errors of its own.
inline std::vector<Transfer> random_transfers(AdcKind kind) {
  AdcSpec spec{.bits = 6, .kind = kind};
  (kind == AdcKind::uniform ? spec.dnl : spec.mismatch) = 0.1;
  (kind == AdcKind::uniform ? spec.inl : spec.comparator_offset) = 0.4;
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::vector<Transfer> out;
  for (int converter = 0; converter < 7; ++converter) {
    std::vector<double> z(200);
    for (double& x : z) x = normal(random);
    out.push_back(make_transfer(spec, -32, 31, [&](std::uint32_t i) { return z.at(i); }));
  }
  return out;
}

/// Every input code that the chip can be asked for, small enough for the slow reference.
inline std::vector<InputCode> input_codes() {
  std::vector<InputCode> out;
  for (const bool is_signed : {false, true})
    for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar, SignedInput::twos_complement})
      for (const auto convert : {Convert::per_cycle, Convert::accumulated})
        for (const std::int64_t bits : {1, 4, 7, 8, 11, 15})
          out.push_back({.continuous = false,
                         .is_signed = is_signed,
                         .magnitude_bits = bits,
                         .bits_per_cycle = 1,
                         .signed_input = mode,
                         .convert = convert});
  return out;
}

}  // namespace wordline::crossbar::test
