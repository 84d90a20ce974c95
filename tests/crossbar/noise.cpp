// Noise of conversions: the kernel's normals and variances against their definitions.
#include "crossbar/noise.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "crossbar/mvm.hpp"
#include "crossbar/reference.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/cases.hpp"

using namespace wordline;
using namespace wordline::crossbar;

namespace {

const core::Stream noise({.seed = 5, .chip = 2, .layer = 1, .tile = 0, .purpose = "read"});

// Cells without a current, their variances drawn evenly between two powers of ten.
Bank silent_bank(std::int64_t rows, double least, double most, float idle) {
  Bank bank = make_bank(rows, 2, 2 * lanes, {.magnitude_bits = 1}, Kernel::bits);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> exponent(least, most);
  bank.slope.resize(bank.current.size());
  for (float& x : bank.slope) x = static_cast<float>(std::pow(10.0, exponent(random)));
  bank.idle.assign(2 * lanes, idle);
  return bank;
}

// One row driven, two rows, ... and random ones: small sums and large ones.
Block some_rows(std::int64_t rows, std::int64_t vectors) {
  Block block{.vectors = vectors, .rows = rows, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  std::mt19937 random(4);
  for (std::int64_t v = 0; v < vectors; ++v) {
    for (std::int64_t row = 0; row < rows; ++row)
      block.codes.push_back(v < rows ? row == v : v < 2 * rows ? row <= v - rows : static_cast<int>(random() % 2));
    block.sample.push_back(static_cast<std::uint32_t>(v));
    block.window.push_back(7);
  }
  return block;
}

// Largest relative error of the standard deviation that a read used: its result over the normal it drew.
double sigma_error(const Bank& bank, const Block& block) {
  std::vector<double> out(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0);
  Bank separate = bank;
  separate.first_output = {0, lanes};
  multiply(separate, block, noise, out);
  const Cycle cycle = bank.code.cycles().front();
  double worst = 0.0;
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (std::int64_t column = 0; column < bank.outputs; ++column) {
      const double z = conversion_normal(noise, {.sample = static_cast<std::uint32_t>(v),
                                                 .window = 7,
                                                 .bank = bank.index,
                                                 .conversion = 0,
                                                 .column = static_cast<std::uint32_t>(column)});
      const double variance = reference::column_variance(bank, block, v, cycle, column / lanes, column % lanes);
      if (std::abs(z) > 0.5)  // smaller ones are precise to a part of 1, not of themselves
        worst = std::max(worst, std::abs(out[result_at(block.vectors, v, column)] / z / std::sqrt(variance) - 1.0));
    }
  return worst;
}

}  // namespace

TEST_CASE("variances in 16 bits err by less than 1e-3 of sigma, whichever rows are driven") {
  test::for_each_target([] {
    for (const std::int64_t rows : {3, 64, 128, 200}) {
      const double error = sigma_error(silent_bank(rows, -3.0, -2.5, 0.05F), some_rows(rows, 2 * rows + 50));
      INFO(rows << " rows, " << instruction_set());
      CHECK(error < 1e-3);
      if (rows > 3) CHECK(error > 5e-6);  // it is 16 bits that were used
    }
  });
}

TEST_CASE("variances that 16 bits would lose stay single precision") {
  test::for_each_target([] {
    for (const std::int64_t rows : {64, 128})
      CHECK(sigma_error(silent_bank(rows, -6.0, 0.0, 0.0F), some_rows(rows, 2 * rows + 50)) < 5e-6);
  });
}

TEST_CASE("variances whose rounded sum is more than 16 bits hold are not rounded") {
  // The total in single precision comes out so low that 1024 rounded rows would make 65536.
  Bank bank = silent_bank(1024, -1.0, -0.9, 3454.442F);
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    std::fill_n(bank.slope.begin() + bank.entry(group, 0, 0), 1024 * lanes, 0.4645689F);
    std::fill_n(bank.slope.begin() + bank.entry(group, 0, 0), lanes, 515.1769F);
  }
  Block block = some_rows(1024, 40);
  std::fill(block.codes.begin(), block.codes.end(), 1);
  test::for_each_target([&] { CHECK(sigma_error(bank, block) < 1e-3); });
}

TEST_CASE("normals of two conversions and of two columns that share an event are independent") {
  // 100,000 events; bounds: four standard errors.
  constexpr double n = 100000;
  double tails = 0.0, moments[3] = {}, products[3] = {}, squares[3] = {};
  for (std::uint32_t event = 0; event < static_cast<std::uint32_t>(n); ++event) {
    const auto normal = [&](std::uint32_t bank, std::uint32_t conversion, std::uint32_t column) {
      return conversion_normal(
          noise, {.sample = event, .window = 1, .bank = bank, .conversion = conversion, .column = column});
    };
    const double z = normal(0, 1, 0), others[3] = {normal(0, 0, 0), normal(0, 1, 1), normal(1, 1, 0)};
    tails += std::abs(z) > 3.0 ? 1.0 : 0.0;
    for (int k = 0; k < 3; ++k) {
      moments[k] += std::pow(z, k == 2 ? 4 : k + 1);
      products[k] += z * others[k];
      squares[k] += (z * z - 1.0) * (others[k] * others[k] - 1.0);
    }
  }
  CHECK(std::abs(moments[0] / n) < 4 / std::sqrt(n));
  CHECK(std::abs(moments[1] / n - 1) < 4 * std::sqrt(2 / n));
  CHECK(std::abs(moments[2] / n - 3) < 4 * std::sqrt(96 / n));
  CHECK(std::abs(tails - 2.6998e-3 * n) < 4 * std::sqrt(2.6998e-3 * n));
  for (int k = 0; k < 3; ++k) {
    CHECK(std::abs(products[k] / n) < 4 / std::sqrt(n));
    CHECK(std::abs(squares[k] / n) < 4 * 2 / std::sqrt(n));
  }
}

TEST_CASE("the normal of a conversion is what its definition makes of the words of Philox") {
  // Event {sample, window, bank, pair << 24 | column pair}: columns 4 and 5 share it, as do conversions 2 and 3.
  const auto words = core::philox7({11, 12, 13, 1U << 24U | 2U}, noise.key());
  const auto normal = [&](std::uint32_t conversion, std::uint32_t column) {
    return conversion_normal(noise,
                             {.sample = 11, .window = 12, .bank = 13, .conversion = conversion, .column = column});
  };
  for (std::uint32_t column : {4U, 5U}) {
    const std::uint32_t radius = words[5 - column], angle = words[7 - column];
    const double u = ((radius >> 1U) + 0.5) / 2147483648.0;
    const double even = normal(2, column), odd = normal(3, column);
    CHECK(even * even + odd * odd == Approx(-2.0 * std::log(u)).epsilon(1e-12));
    CHECK(std::signbit(even) == ((radius & 1U) != 0));
    CHECK(std::signbit(odd) == (angle >= 0x80000000U));
    CHECK(
        std::abs(odd / even) ==
        Approx(std::abs(std::tan(1.5707963267948966 * static_cast<std::int32_t>(angle) / 2147483648.0))).epsilon(1e-9));
  }
}

TEST_CASE("the kernel draws the normals of the definition to a part in a million") {
  Bank bank = silent_bank(8, -3.0, -2.0, 1.0F);
  bank.code.magnitude_bits = 7;  // an odd number of conversions
  bank.slope.assign(bank.slope.size(), 0.0F);
  Block block = some_rows(8, 500);
  std::fill(block.codes.begin(), block.codes.end(), 0);
  std::vector<double> fast(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0), slow = fast;
  reference::multiply(bank, block, noise, slow);
  test::for_each_target([&] {
    std::fill(fast.begin(), fast.end(), 0.0);
    multiply(bank, block, noise, fast);
    for (std::size_t i = 0; i < fast.size(); ++i) CHECK(std::abs(fast[i] - slow[i]) < 127 * 6.7 * 2e-6);
  });
}
