#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "bench/timing.hpp"
#include "crossbar/mvm.hpp"

/// The bit-serial layer that benchmarks of the multiply read: 1024 inputs in tiles of 128 rows, 1024 outputs of four
/// slices, 8-bit inputs and an 8-bit ADC.
namespace wordline::bench {

inline constexpr std::int64_t inputs = 1024, outputs = 1024, slices = 4, bits = 8, batch = 256, array_rows = 128;

inline std::vector<crossbar::Bank> make_banks(bool noise) {
  using namespace crossbar;
  std::mt19937 random(1);
  std::vector<Bank> banks;
  for (std::int64_t t = 0; t < inputs / array_rows; ++t) {
    Bank bank = make_bank(array_rows, slices * outputs / lanes, outputs, {.magnitude_bits = bits}, Kernel::bits);
    for (auto& x : bank.current) x = static_cast<float>(static_cast<int>(random() % 7) - 3);
    for (std::size_t g = 0; g < bank.first_output.size(); ++g)
      bank.first_output[g] = static_cast<std::int64_t>(g) * lanes % outputs;
    bank.ideal_adc = false;
    std::fill(bank.low.begin(), bank.low.end(), -128.0F);
    std::fill(bank.high.begin(), bank.high.end(), 127.0F);
    if (noise) {
      bank.slope.assign(bank.current.size(), 1e-3F);
      bank.idle.assign(static_cast<std::size_t>(bank.groups * lanes), 1e-3F);
    }
    banks.push_back(std::move(bank));
  }
  return banks;
}

inline crossbar::Block make_block() {
  std::mt19937 random(2);
  crossbar::Block block{
      .vectors = batch, .rows = array_rows, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  for (std::int64_t i = 0; i < batch * array_rows; ++i)
    block.codes.push_back(static_cast<std::int32_t>(random() % 256));
  for (std::uint32_t v = 0; v < batch; ++v) {
    block.sample.push_back(v);
    block.window.push_back(0);
  }
  return block;
}

}  // namespace wordline::bench
