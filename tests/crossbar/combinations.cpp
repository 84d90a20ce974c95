// Every combination of kernel, input coding, conversion and converter gives what the reference gives.
#include <algorithm>
#include <cmath>

#include "crossbar/mvm.hpp"
#include "crossbar/reference.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/cases.hpp"

using namespace wordline;
using namespace wordline::crossbar;
using test::Case;

namespace {

const core::Stream noise({.seed = 6, .chip = 1, .layer = 2, .tile = 0, .purpose = "read"});

// What a kernel can be asked for: one-bit digits select rows, continuous amplitudes scale currents.
std::vector<std::pair<Kernel, InputCode>> coded_kernels() {
  std::vector<std::pair<Kernel, InputCode>> out;
  const auto add = [&](Kernel kernel, InputCode code) {
    for (const auto convert : {Convert::per_cycle, Convert::accumulated}) {
      code.convert = convert;
      out.emplace_back(kernel, code);
    }
  };
  for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar, SignedInput::twos_complement})
    for (const bool is_signed : {false, true}) {
      if (!is_signed && mode != SignedInput::two_pass) continue;
      InputCode code{.is_signed = is_signed, .magnitude_bits = 5, .signed_input = mode};
      add(Kernel::bits, code);
      for (const Kernel kernel : {Kernel::linear, Kernel::levels})
        for (const std::int64_t per_cycle : {1, 2, 5}) {
          code.bits_per_cycle = per_cycle;
          add(kernel, code);
        }
      code.continuous = true;
      if (mode != SignedInput::twos_complement) add(Kernel::linear, code);
    }
  return out;
}

// Of every instruction set with the reference.
struct Disagreement {
  std::int64_t outputs = 0, differing = 0, saturated = 0;
  double largest = 0.0;
};

Disagreement compare(const Case& c) {
  const Bank bank = test::random_bank(c);
  const Block block = test::random_block(c);
  std::vector<double> fast(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0), slow = fast;
  Disagreement d;
  const std::int64_t saturated = reference::multiply(bank, block, noise, slow);
  test::for_each_target([&] {
    std::fill(fast.begin(), fast.end(), 0.0);
    d.saturated += std::abs(multiply(bank, block, noise, fast) - saturated);
    for (std::size_t i = 0; i < fast.size(); ++i) {
      if (test::is_padding(bank, block, i)) continue;
      ++d.outputs;
      d.differing += std::abs(fast[i] - slow[i]) > 1e-6 ? 1 : 0;
      d.largest = std::max(d.largest, std::abs(fast[i] - slow[i]));
    }
  });
  return d;
}

std::vector<std::vector<Transfer>> converters() {
  std::vector<std::vector<Transfer>> out;
  for (const AdcKind kind :
       {AdcKind::uniform, AdcKind::sar, AdcKind::ramp, AdcKind::flash, AdcKind::pipeline, AdcKind::cyclic})
    out.push_back(test::random_transfers(kind));
  return out;
}

}  // namespace

TEST_CASE("every coding, kernel and converter equals the reference to the last bit without noise") {
  const auto kinds = converters();
  std::uint32_t seed = 1;
  for (const auto& [kernel, code] : coded_kernels()) {
    INFO("kernel " << static_cast<int>(kernel) << " bits per cycle " << code.bits_per_cycle << " mode "
                   << static_cast<int>(code.signed_input) << " accumulated " << (code.convert == Convert::accumulated)
                   << " continuous " << code.continuous);
    std::vector<Case> cases{{.rows = 26, .code = code, .kernel = kernel, .ideal_adc = true, .seed = seed++},
                            {.rows = 26, .code = code, .kernel = kernel, .seed = seed++}};
    for (const auto& transfers : kinds)
      cases.push_back({.rows = 26, .code = code, .kernel = kernel, .transfers = &transfers, .seed = seed++});
    for (const Case& c : cases) {
      const Disagreement d = compare(c);
      // Sums of continuous amplitudes round: a quantity that close to an edge falls on the other side of it.
      if (code.continuous && c.ideal_adc) CHECK(d.largest < 4 * 26 * 3 * 6e-8);
      if (code.continuous && !c.ideal_adc) CHECK(d.differing <= 1);
      if (!code.continuous) CHECK(d.differing == 0);
      if (!code.continuous) CHECK(d.largest == 0.0);
      if (!code.continuous) CHECK(d.saturated == 0);
    }
  }
}

TEST_CASE("every coding, kernel and converter follows the reference with noise and errors") {
  const auto kinds = converters();
  std::uint32_t seed = 500;
  for (const auto& [kernel, code] : coded_kernels()) {
    INFO("kernel " << static_cast<int>(kernel) << " bits per cycle " << code.bits_per_cycle << " mode "
                   << static_cast<int>(code.signed_input) << " accumulated " << (code.convert == Convert::accumulated)
                   << " continuous " << code.continuous);
    Case c{
        .rows = 26, .code = code, .kernel = kernel, .noise = true, .baseline = true, .ideal_adc = true, .seed = seed++};
    // Standard deviation times draw is at most 2 per cycle and seldom more; bit-serial variances may have 16 bits.
    const double sigma_error = kernel == Kernel::bits ? 1e-3 : 5e-6;
    CHECK(compare(c).largest < 4 * 31 * (2 * sigma_error + 26 * 4 * 6e-8));
    c.ideal_adc = false;
    c.adc_noise = 0.4F;
    c.gain = 0.1F;
    c.offset = 2.0F;
    for (std::size_t kind = 0; kind <= kinds.size(); ++kind) {
      c.transfers = kind < kinds.size() ? &kinds[kind] : nullptr;
      c.seed = seed++;
      const Disagreement d = compare(c);
      CHECK(d.differing <= std::max<std::int64_t>(2, d.outputs / 200));
    }
  }
}

TEST_CASE("accumulated noise is the sum of squared gains times the variance of each cycle") {
  // Nothing driven: every cycle has the idle variance 1, five cycles with gains 1, 2, 4, 8, 16 give 341; the sign plane
  // of two's complement adds 1024. n = 16,000 conversions a case; bound: four standard errors of a variance.
  for (const auto mode : {SignedInput::two_pass, SignedInput::twos_complement}) {
    InputCode code{.is_signed = true, .magnitude_bits = 5, .signed_input = mode, .convert = Convert::accumulated};
    Bank bank = make_bank(4, 1, lanes, code, Kernel::bits);
    bank.slope.assign(bank.current.size(), 0.0F);
    bank.idle.assign(lanes, 1.0F);
    Block block{.vectors = 1000, .rows = 4, .codes = core::Scratch<std::int32_t>(4000, 0)};
    for (std::uint32_t v = 0; v < 1000; ++v) block.sample.push_back(v);
    block.window.assign(1000, 0);
    std::vector<double> out(1000 * lanes, 0.0);
    multiply(bank, block, noise, out);
    double sum = 0.0;
    for (const double x : out) sum += x * x;
    // Two passes are two conversions, whose difference has twice the variance of one.
    const double expected = mode == SignedInput::two_pass ? 2 * 341.0 : 341.0 + 1024.0;
    CHECK(sum / 16000 == Approx(expected).margin(4 * expected * std::sqrt(2.0 / 16000)));
  }
}

TEST_CASE("converters too large to be copied give the same codes") {
  // 16 columns with 12-bit converters of their own: more edges than the copies hold.
  const InputCode code{.magnitude_bits = 8};
  Case c{.rows = 60, .groups = 1, .vectors = 30, .code = code};
  Bank bank = test::random_bank(c);
  bank.low.assign(1, -2048.0F);
  bank.high.assign(1, 2047.0F);
  bank.step.assign(1, 0.0625F);
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  for (std::int32_t column = 0; column < lanes; ++column) {
    bank.transfers.push_back(make_transfer({.bits = 12, .kind = AdcKind::pipeline, .mismatch = 0.001}, -2048, 2047,
                                           [&](std::uint32_t) { return normal(random); }));
    bank.transfer.push_back(column);
  }
  const Block block = test::random_block(c);
  std::vector<double> fast(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0), slow = fast;
  multiply(bank, block, noise, fast);
  reference::multiply(bank, block, noise, slow);
  for (std::size_t i = 0; i < fast.size(); ++i)
    if (static_cast<std::int64_t>(i) % lanes < 5) CHECK(fast[i] == slow[i]);
}
