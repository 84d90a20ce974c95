// How fast is a bit-serial multiply with an 8-bit ADC on every conversion, against OpenBLAS sgemm of the same
// multiply-adds (slices x bits plain products, no ADC)? One thread; the two alternate and the medians are compared.
#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

#include "crossbar/mvm.hpp"

extern "C" void openblas_set_num_threads(int);

using namespace wordline;
using namespace wordline::crossbar;

namespace {

constexpr std::int64_t inputs = 1024, outputs = 1024, slices = 4, bits = 8, batch = 256, array_rows = 128;

std::vector<Bank> make_banks(bool noise) {
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

Block make_block() {
  std::mt19937 random(2);
  Block block{.vectors = batch, .rows = array_rows, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  for (std::int64_t i = 0; i < batch * array_rows; ++i)
    block.codes.push_back(static_cast<std::int32_t>(random() % 256));
  for (std::uint32_t v = 0; v < batch; ++v) {
    block.sample.push_back(v);
    block.window.push_back(0);
  }
  return block;
}

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Medians of runs that take turns, so that a drift of the machine hits both.
void compare(const char* name, const std::function<void()>& ours, const std::function<void()>& theirs) {
  std::vector<double> a, b;
  for (int i = 0; i < 9; ++i) {
    a.push_back(seconds(ours));
    b.push_back(seconds(theirs));
  }
  std::nth_element(a.begin(), a.begin() + 4, a.end());
  std::nth_element(b.begin(), b.begin() + 4, b.end());
  std::printf("{\"name\": \"%s\", \"ratio\": %.2f, \"ours_ms\": %.1f, \"sgemm_ms\": %.1f, \"target\": \"%s\"}\n", name,
              b[4] / a[4], a[4] * 1e3, b[4] * 1e3, instruction_set());
}

}  // namespace

int main() {
  openblas_set_num_threads(1);
  const Block block = make_block();
  std::vector<double> out(static_cast<std::size_t>(batch * outputs));
  const core::Stream noise({.seed = 1, .chip = 0, .layer = 0, .tile = 0, .purpose = "read"});
  std::vector<float> x(static_cast<std::size_t>(bits * batch * inputs), 1.0F);
  std::vector<float> w(static_cast<std::size_t>(inputs * slices * outputs), 1.0F);
  std::vector<float> y(static_cast<std::size_t>(bits * batch * slices * outputs));
  const auto sgemm = [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, bits * batch, slices * outputs, inputs, 1.0F, x.data(),
                inputs, w.data(), slices * outputs, 0.0F, y.data(), slices * outputs);
  };
  for (const bool noisy : {false, true}) {
    const std::vector<Bank> banks = make_banks(noisy);
    const auto multiply_all = [&] {
      for (const Bank& bank : banks) multiply(bank, block, noise, out);
    };
    compare(noisy ? "bit-serial multiply with cell noise" : "bit-serial multiply", multiply_all, sgemm);
  }
}
