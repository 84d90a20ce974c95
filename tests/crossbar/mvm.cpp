#include "crossbar/mvm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "crossbar/reference.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/cases.hpp"

using namespace wordline;
using namespace wordline::crossbar;
using test::Case;

namespace {

const core::Stream noise({.seed = 5, .chip = 2, .layer = 1, .tile = 0, .purpose = "read"});

struct Results {
  std::vector<double> fast, slow;
  std::int64_t fast_saturated = 0, slow_saturated = 0;
};

// Columns that only fill up the last group are nobody's output.
void drop_padding(const Bank& bank, const Block& block, std::vector<double>& out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    if (test::is_padding(bank, block, i)) out[i] = 0.0;
}

Results run_both(const Case& c) {
  const Bank bank = test::random_bank(c);
  const Block block = test::random_block(c);
  Results r;
  r.fast.assign(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0);
  r.slow = r.fast;
  r.fast_saturated = multiply(bank, block, noise, r.fast);
  r.slow_saturated = reference::multiply(bank, block, noise, r.slow);
  drop_padding(bank, block, r.fast);
  return r;
}

double largest_difference(const Results& r) {
  double worst = 0.0;
  for (std::size_t i = 0; i < r.fast.size(); ++i) worst = std::max(worst, std::abs(r.fast[i] - r.slow[i]));
  return worst;
}

}  // namespace

TEST_CASE("bit-serial reads equal the reference to the last bit") {
  std::uint32_t seed = 1;
  for (const InputCode& code : test::input_codes()) {
    const Results r = run_both({.rows = 41, .code = code, .kernel = Kernel::bits, .seed = seed++});
    INFO("magnitude bits " << code.magnitude_bits << ", signed " << code.is_signed);
    CHECK(r.fast == r.slow);
    CHECK(r.fast_saturated == r.slow_saturated);
  }
}

TEST_CASE("saturation is counted and happens") {
  const InputCode code{.magnitude_bits = 8};
  const Results r = run_both({.rows = 200, .code = code});
  CHECK(r.slow_saturated > 0);
  CHECK(r.fast_saturated == r.slow_saturated);
}

TEST_CASE("whole currents are summed exactly up to and beyond what 16 bits hold") {
  // 37 rows of 3 times these are 111, 32,190, 34,410 and 55,500; 16 bits hold up to 32,767.
  for (const float unit : {1.0F, 290.0F, 310.0F, 500.0F}) {
    const Case c{.code = {.magnitude_bits = 8}, .ideal_adc = true};
    Bank bank = test::random_bank(c);
    for (float& x : bank.current) x = unit * std::round(x);
    for (std::int64_t row = 0; row < c.rows; ++row) bank.current[static_cast<std::size_t>(row * lanes)] = 3.0F * unit;
    Block block = test::random_block(c);
    std::fill_n(block.codes.begin(), c.rows, 255);
    std::vector<double> fast(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0), slow = fast;
    reference::multiply(bank, block, noise, slow);
    test::for_each_target([&] {
      std::ranges::fill(fast, 0.0);
      multiply(bank, block, noise, fast);
      std::size_t differing = 0;
      for (std::size_t i = 0; i < fast.size(); ++i)
        differing += !test::is_padding(bank, block, i) && fast[i] != slow[i] ? 1U : 0U;
      CHECK(differing == 0);
    });
  }
}

TEST_CASE("sums of whole currents are exact whichever rows are driven") {
  // Half of the rows carry `up`, the others `down`; one vector drives all, one the first half, one the second.
  struct Currents {
    float up, down;
  };
  for (const auto& [up, down] : {Currents{-2048.0F, 0.0F}, Currents{4096.0F, -4096.0F}, Currents{4095.875F, 0.0F},
                                 Currents{4096.0F, 0.0F}, Currents{-4096.0F, 0.0F}, Currents{40000.0F, 0.0F}}) {
    const Case c{.rows = 16, .groups = 1, .vectors = 3, .code = {.magnitude_bits = 4}, .ideal_adc = true};
    Bank bank = test::random_bank(c);
    for (std::int64_t i = 0; i < c.rows * lanes; ++i)
      bank.current[static_cast<std::size_t>(i)] = i < c.rows / 2 * lanes ? up : down;
    Block block = test::random_block(c);
    for (std::int64_t i = 0; i < 3 * c.rows; ++i)
      block.codes[static_cast<std::size_t>(i)] = i / c.rows == 0 || (i / c.rows == 1) == (i % c.rows < 8) ? 15 : 0;
    test::for_each_target([&] {
      std::vector<double> fast(3 * lanes, 0.0);
      multiply(bank, block, noise, fast);
      CHECK(fast[0] == 4.0 * 15 * 8 * (static_cast<double>(up) + static_cast<double>(down)));
      CHECK(fast[lanes] == 4.0 * 15 * 8 * static_cast<double>(up));
      CHECK(fast[2 * lanes] == 4.0 * 15 * 8 * static_cast<double>(down));
    });
  }
}

TEST_CASE("multi-bit digits equal the reference to the last bit while sums are whole numbers below 2^24") {
  for (const Kernel kernel : {Kernel::linear, Kernel::levels})
    for (const bool is_signed : {false, true})
      for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar})
        for (const std::int64_t per_cycle : {2, 3, 8}) {
          const InputCode code{
              .is_signed = is_signed, .magnitude_bits = 8, .bits_per_cycle = per_cycle, .signed_input = mode};
          const Results r = run_both({.rows = 19, .code = code, .kernel = kernel});
          INFO("bits per cycle " << per_cycle << " signed " << is_signed);
          CHECK(r.fast == r.slow);
          CHECK(r.fast_saturated == r.slow_saturated);
        }
}

TEST_CASE("an ideal ADC passes the quantity through") {
  const InputCode code{.is_signed = true, .magnitude_bits = 7};
  CHECK(largest_difference(run_both({.code = code, .ideal_adc = true})) == 0.0);
}

TEST_CASE("continuous amplitudes agree to single precision") {
  for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar}) {
    const InputCode code{.continuous = true, .is_signed = true, .signed_input = mode};
    const Results r = run_both({.rows = 128, .code = code, .kernel = Kernel::linear, .ideal_adc = true});
    CHECK(largest_difference(r) < 4 * 128 * 3 * 6e-8);
  }
}

TEST_CASE("a converted baseline enters before the ADC") {
  for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar}) {
    const InputCode code{.is_signed = true, .magnitude_bits = 5, .signed_input = mode};
    const Results r = run_both({.code = code, .baseline = true, .ideal_adc = true});
    CHECK(largest_difference(r) < 4 * 31 * 200 * 6e-8);
  }
}

TEST_CASE("converter errors and noise follow the reference") {
  // Single precision may round a quantity that lies on the edge between two codes the other way: a step of at most
  // one code, on a vanishing share of the outputs.
  for (const Kernel kernel : {Kernel::bits, Kernel::linear, Kernel::levels}) {
    const InputCode code{.is_signed = true, .magnitude_bits = 6, .bits_per_cycle = kernel == Kernel::bits ? 1 : 2};
    const Case c{.rows = 60,
                 .groups = 4,
                 .vectors = 40,
                 .code = code,
                 .kernel = kernel,
                 .noise = true,
                 .adc_noise = 0.4F,
                 .gain = 0.1F,
                 .offset = 2.0F};
    const Results r = run_both(c);
    const auto differing = std::count_if(r.fast.begin(), r.fast.end(), [&, i = std::size_t{0}](double x) mutable {
      return std::abs(x - r.slow[i++]) > 1e-6;
    });
    CHECK(differing <= std::ssize(r.fast) / 500);
  }
}

TEST_CASE("a result belongs to its sample and window, not to its place in a block") {
  const auto transfers = test::random_transfers(AdcKind::pipeline);
  for (const auto convert : {Convert::per_cycle, Convert::accumulated}) {
    const Case c{.rows = 33,
                 .vectors = 20,
                 .code = {.is_signed = true,
                          .magnitude_bits = 8,
                          .signed_input = SignedInput::twos_complement,
                          .convert = convert},
                 .noise = true,
                 .transfers = &transfers,
                 .adc_noise = 0.5F};
    const Bank bank = test::random_bank(c);
    const Block all = test::random_block(c);
    std::vector<double> whole(static_cast<std::size_t>(all.vectors * bank.outputs), 0.0);
    multiply(bank, all, noise, whole);
    for (const std::int64_t v : {0, 7, 19}) {
      Block one{.vectors = 1,
                .rows = c.rows,
                .codes = {all.codes.begin() + v * c.rows, all.codes.begin() + (v + 1) * c.rows},
                .amplitudes = {},
                .sample = {all.sample[static_cast<std::size_t>(v)]},
                .window = {all.window[static_cast<std::size_t>(v)]}};
      std::vector<double> alone(static_cast<std::size_t>(bank.outputs), 0.0);
      multiply(bank, one, noise, alone);
      for (std::int64_t n = 0; n < bank.outputs; ++n)
        CHECK(alone[result_at(1, 0, n)] == whole[result_at(all.vectors, v, n)]);
    }
  }
}

TEST_CASE("observe sees every quantity that is converted, and no padding") {
  for (const auto convert : {Convert::per_cycle, Convert::accumulated})
    for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar, SignedInput::twos_complement}) {
      const Case c{.rows = 25,
                   .vectors = 9,
                   .code = {.is_signed = true, .magnitude_bits = 4, .signed_input = mode, .convert = convert}};
      const Bank bank = test::random_bank(c);
      const Block block = test::random_block(c);
      std::vector<Histogram> seen(1, Histogram(-75 * 15, 75 * 15));
      observe(bank, block, std::vector<std::size_t>(3, 0), seen);
      const auto cycles = c.code.cycles();
      double least = 0.0, most = 0.0;
      for (std::int64_t v = 0; v < block.vectors; ++v)
        for (std::int64_t g = 0; g < bank.groups; ++g)
          for (std::int64_t lane = 0; lane < bank.valid[static_cast<std::size_t>(g)]; ++lane)
            for (const Conversion& conversion : c.code.conversions()) {
              double x = 0.0;
              for (std::int64_t k = 0; k < conversion.count; ++k) {
                const Cycle& cycle = cycles[static_cast<std::size_t>(conversion.first + k)];
                x += c.code.gain(cycle) * reference::column_quantity(bank, block, v, cycle, g, lane);
              }
              least = std::min(least, x);
              most = std::max(most, x);
            }
      CHECK(seen[0].count() == block.vectors * (2 * lanes + 5) * std::ssize(c.code.conversions()));
      CHECK(seen[0].min() == least);
      CHECK(seen[0].max() == most);
    }
}

TEST_CASE("the noise of the kernel has the tails of a normal to five sigma") {
  Bank bank = make_bank(4, 1, lanes, {.magnitude_bits = 1}, Kernel::bits);
  bank.slope.assign(bank.current.size(), 0.0F);
  bank.idle.assign(lanes, 1.0F);
  constexpr std::int64_t vectors = 100000, blocks = 10;
  Block block{.vectors = vectors,
              .rows = 4,
              .codes = core::Scratch<std::int32_t>(4 * vectors, 0),
              .amplitudes = {},
              .sample = std::vector<std::uint32_t>(vectors),
              .window = std::vector<std::uint32_t>(vectors)};
  std::array<double, 6> beyond{};
  for (std::uint32_t b = 0; b < blocks; ++b) {
    std::iota(block.sample.begin(), block.sample.end(), b * static_cast<std::uint32_t>(vectors));
    std::vector<double> z(vectors * lanes, 0.0);
    multiply(bank, block, noise, z);
    for (const double x : z)
      for (std::size_t k = 1; k < beyond.size(); ++k) beyond[k] += std::abs(x) > static_cast<double>(k) ? 1.0 : 0.0;
  }
  // 1.6e7 draws; a count has the standard error of a Poisson variable, and 9.2 are expected beyond five sigma.
  for (std::size_t k = 1; k < beyond.size(); ++k) {
    const double expected =
        static_cast<double>(vectors * blocks * lanes) * std::erfc(static_cast<double>(k) / std::sqrt(2.0));
    INFO(k << " sigma: " << beyond[k] << " of " << expected);
    CHECK(std::abs(beyond[k] - expected) < 4 * std::sqrt(expected));
  }
}

TEST_CASE("the noise of the kernel is standard normal and independent") {
  // 400,000 conversions of an idle column with unit variance and no signal: the output is the draw itself.
  const Case c{.rows = 4, .groups = 1, .vectors = 3125, .code = {.magnitude_bits = 8}, .ideal_adc = true};
  Bank bank = make_bank(c.rows, 1, lanes, c.code, Kernel::bits);
  bank.slope.assign(bank.current.size(), 0.0F);
  bank.idle.assign(lanes, 1.0F);
  bank.code.magnitude_bits = 1;
  Block block{.vectors = 25000,
              .rows = 4,
              .codes = core::Scratch<std::int32_t>(100000, 0),
              .amplitudes = {},
              .sample = {},
              .window = {}};
  for (std::uint32_t v = 0; v < 25000; ++v) {
    block.sample.push_back(v);
    block.window.push_back(0);
  }
  std::vector<double> z(25000 * lanes, 0.0);
  multiply(bank, block, noise, z);
  const double n = static_cast<double>(z.size());
  double m1 = 0, m2 = 0, m4 = 0, neighbour = 0, next = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    m1 += z[i];
    m2 += z[i] * z[i];
    m4 += z[i] * z[i] * z[i] * z[i];
    neighbour += z[i] * z[i ^ 1U];
    next += z[i] * z[(i + lanes) % z.size()];
  }
  // Standard errors of the moments of a normal: 1, sqrt 2, sqrt 96 over sqrt n.
  CHECK(std::abs(m1 / n) < 4 / std::sqrt(n));
  CHECK(std::abs(m2 / n - 1) < 4 * std::sqrt(2 / n));
  CHECK(std::abs(m4 / n - 3) < 4 * std::sqrt(96 / n));
  CHECK(std::abs(neighbour / n) < 4 * std::sqrt(2 / n));
  CHECK(std::abs(next / n) < 4 / std::sqrt(n));
  CHECK(*std::max_element(z.begin(), z.end()) > 4.0);
}
