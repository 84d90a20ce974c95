// How fast is a bit-serial multiply with an 8-bit ADC on every conversion, against OpenBLAS sgemm of the same
// multiply-adds (slices x bits plain products, no ADC)? One thread; the two alternate and the medians are compared.
#include <cblas.h>

#include <cstdio>

#include "bench/bit_serial.hpp"

extern "C" void openblas_set_num_threads(int);

using namespace wordline;
using namespace wordline::bench;

int main() {
  openblas_set_num_threads(1);
  const crossbar::Block block = make_block();
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
    const std::vector<crossbar::Bank> banks = make_banks(noisy);
    const auto multiply_all = [&] {
      for (const crossbar::Bank& bank : banks) multiply(bank, block, noise, out);
    };
    const auto [ours, theirs] = medians(multiply_all, sgemm);
    std::printf("{\"name\": \"%s\", \"ratio\": %.2f, \"ours_ms\": %.1f, \"sgemm_ms\": %.1f, \"target\": \"%s\"}\n",
                noisy ? "bit-serial multiply with cell noise" : "bit-serial multiply", theirs / ours, ours * 1e3,
                theirs * 1e3, crossbar::instruction_set());
  }
}
