#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "bench/timing.hpp"
#include "crossbar/mvm.hpp"

/// The layer that benchmarks of the multiply read: 1024 inputs in tiles of 128 rows, 1024 outputs of one or several
/// slices, pairs subtracted before an 8-bit ADC, batches of 256 vectors of uniform random codes.
namespace wordline::bench {

inline constexpr std::int64_t inputs = 1024, outputs = 1024, slices = 4, bits = 8, batch = 256, array_rows = 128;

struct Case {
  crossbar::InputCode code{.magnitude_bits = bits};
  crossbar::Kernel kernel = crossbar::Kernel::bits;
  std::int64_t slices = bench::slices;
  bool ideal = false;  ///< cells without errors, whose sums are whole numbers
  bool noise = false;
  double decades = 0.5;  ///< over which the variances of cells are spread
};

// Cells at rest make a fifth of the noise, which is about what thermal noise adds to shot noise at 0.2 V; none where
// variances span decades.
inline void set_noise(crossbar::Bank& bank, double decades) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> exponent(-3.0 - decades, -3.0);
  bank.slope.resize(bank.current.size());
  for (float& x : bank.slope) x = static_cast<float>(std::pow(10.0, exponent(random)));
  const float idle = decades < 1.0 ? 0.2F * 1e-3F * static_cast<float>(array_rows) : 0.0F;
  bank.idle.assign(static_cast<std::size_t>(bank.groups * crossbar::lanes), idle);
  if (bank.kernel == crossbar::Kernel::linear) bank.square = bank.slope;
}

/// One bank for each tile of rows.
inline std::vector<crossbar::Bank> make_banks(const Case& c) {
  using namespace crossbar;
  std::mt19937 random(1);
  std::vector<Bank> banks;
  for (std::int64_t t = 0; t < inputs / array_rows; ++t) {
    Bank bank = make_bank(array_rows, c.slices * outputs / lanes, outputs, c.code, c.kernel);
    for (auto& x : bank.current) {
      x = static_cast<float>(static_cast<int>(random() % 7) - 3);
      if (!c.ideal) x += 1e-4F * static_cast<float>(static_cast<int>(random() % 2001) - 1000);
    }
    for (std::size_t g = 0; g < bank.first_output.size(); ++g)
      bank.first_output[g] = static_cast<std::int64_t>(g) * lanes % outputs;
    bank.ideal_adc = false;
    std::fill(bank.low.begin(), bank.low.end(), -128.0F);
    std::fill(bank.high.begin(), bank.high.end(), 127.0F);
    if (c.noise) set_noise(bank, c.decades);
    banks.push_back(std::move(bank));
  }
  return banks;
}

inline crossbar::Block make_block() {
  std::mt19937 random(2);
  crossbar::Block block{
      .vectors = batch, .rows = array_rows, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  for (std::int64_t i = 0; i < batch * array_rows; ++i) {
    block.codes.push_back(static_cast<std::int32_t>(random() % 256));
    block.amplitudes.push_back(static_cast<float>(random() % 4096) / 4096.0F);
  }
  for (std::uint32_t v = 0; v < batch; ++v) {
    block.sample.push_back(v);
    block.window.push_back(0);
  }
  return block;
}

/// Reads all banks with the block.
inline void read(const std::vector<crossbar::Bank>& banks, const crossbar::Block& block) {
  static const core::Stream noise({.seed = 1, .chip = 0, .layer = 0, .tile = 0, .purpose = "read"});
  static std::vector<double> out(static_cast<std::size_t>(batch * outputs));
  for (const crossbar::Bank& bank : banks) multiply(bank, block, noise, out);
}

}  // namespace wordline::bench
