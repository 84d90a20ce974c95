// Cycles in which no row is driven are left out where their codes are known to be 0, and only there.
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

// Vector v drives rows in its lowest v % (bits + 1) cycles alone.
Block quiet_block(const Case& c) {
  Block block = test::random_block(c);
  for (std::int64_t i = 0; i < std::ssize(block.codes); ++i) {
    const std::int32_t cycles = static_cast<std::int32_t>(i / c.rows % (c.code.magnitude_bits + 1));
    std::int32_t& code = block.codes[static_cast<std::size_t>(i)];
    code = code < 0 ? -(-code & ((1 << cycles) - 1)) : code & ((1 << cycles) - 1);
  }
  return block;
}

Bank scaled_bank(const Case& c, float variance) {
  Bank bank = test::random_bank(c);
  for (float& x : bank.slope) x *= variance;
  for (float& x : bank.idle) x *= variance;
  return bank;
}

struct Seen {
  std::int64_t outputs = 0, differing = 0, saturated = 0;
  std::int64_t at_rest = 0;  // outputs other than 0 of vectors that drive no row
};

Seen compare(const Case& c, const Bank& bank) {
  const Block block = quiet_block(c);
  std::vector<double> fast(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0), slow = fast;
  Seen seen;
  const std::int64_t saturated = reference::multiply(bank, block, noise, slow);
  test::for_each_target([&] {
    std::fill(fast.begin(), fast.end(), 0.0);
    seen.saturated += std::abs(multiply(bank, block, noise, fast) - saturated);
    for (std::size_t i = 0; i < fast.size(); ++i) {
      if (test::is_padding(bank, block, i)) continue;
      const bool nothing = static_cast<std::int64_t>(i) / lanes % block.vectors % (c.code.magnitude_bits + 1) == 0;
      ++seen.outputs;
      seen.differing += std::abs(fast[i] - slow[i]) > 1e-6 ? 1 : 0;
      seen.at_rest += nothing && fast[i] != 0.0 ? 1 : 0;
    }
  });
  return seen;
}

}  // namespace

TEST_CASE("vectors that drive rows in some cycles only equal the reference") {
  std::uint32_t seed = 1;
  for (const bool is_signed : {false, true})
    for (const std::int64_t bits : {1, 5, 8, 12})
      for (const float offset : {0.0F, 0.4F, 2.0F})
        for (const bool has_noise : {false, true}) {
          INFO("signed " << is_signed << " bits " << bits << " offset " << offset << " noise " << has_noise);
          const InputCode code{.is_signed = is_signed, .magnitude_bits = bits};
          const Case c{.code = code, .noise = has_noise, .offset = offset, .seed = seed++};
          const Seen seen = compare(c, scaled_bank(c, 1e-3F));
          CHECK(seen.differing <= (has_noise ? seen.outputs / 500 : 0));
          CHECK(seen.saturated <= (has_noise ? 2 : 0));
          if (offset < 1.0F) CHECK(seen.at_rest == 0);
          if (offset > 1.0F && !is_signed) CHECK(seen.at_rest > 0);  // two passes of one converter cancel its offset
        }
}

TEST_CASE("two's complement leaves out the cycles of vectors without a negative input") {
  for (const std::int64_t bits : {4, 7})
    for (const bool has_noise : {false, true}) {
      const InputCode code{.is_signed = true, .magnitude_bits = bits, .signed_input = SignedInput::twos_complement};
      const Case c{.code = code, .noise = has_noise, .offset = 0.4F};
      const Seen seen = compare(c, scaled_bank(c, 1e-3F));
      CHECK(seen.differing <= (has_noise ? seen.outputs / 500 : 0));
      CHECK(seen.saturated <= (has_noise ? 2 : 0));
    }
}

TEST_CASE("an offset beyond half an LSB is a code at rest, one within is not") {
  for (const float offset : {0.49F, -0.49F, 0.51F, -0.51F, 0.6F}) {
    const Case c{.groups = 1, .code = {.magnitude_bits = 8}};
    Bank bank = test::random_bank(c);
    std::fill(bank.offset.begin(), bank.offset.end(), offset);
    const Seen seen = compare(c, bank);
    CHECK(seen.differing == 0);
    CHECK(seen.saturated == 0);
    CHECK((seen.at_rest > 0) == (std::abs(offset) > 0.5F));
  }
}

TEST_CASE("noise that reaches another code by four of its standard deviations is drawn") {
  // 3000 vectors x 8 conversions x 5 columns beyond 4 sigma: 3.8 +- 2 are expected; z > 3.9 twice as many.
  const Case c{.rows = 4, .groups = 1, .vectors = 3000, .code = {.magnitude_bits = 8}, .adc_noise = 0.05F};
  Bank bank = test::random_bank(c);
  std::fill(bank.offset.begin(), bank.offset.end(), 0.3F);
  Block block = test::random_block(c);
  std::fill(block.codes.begin(), block.codes.end(), 0);
  std::vector<double> fast(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0), slow = fast;
  reference::multiply(bank, block, noise, slow);
  REQUIRE(std::ranges::any_of(slow, [](double x) { return x != 0.0; }));
  test::for_each_target([&] {
    std::ranges::fill(fast, 0.0);
    multiply(bank, block, noise, fast);
    std::int64_t differing = 0;
    for (std::size_t i = 0; i < fast.size(); ++i)
      differing += !test::is_padding(bank, block, i) && fast[i] != slow[i] ? 1 : 0;
    CHECK(differing == 0);
  });
}

TEST_CASE("noise that reaches another code at rest is drawn") {
  const Case c{.code = {.magnitude_bits = 8}, .noise = true};
  const Seen seen = compare(c, scaled_bank(c, 1.0F));
  CHECK(seen.at_rest > 0);
  CHECK(seen.differing <= seen.outputs / 200);
}

TEST_CASE("a range without code 0 holds columns at rest too") {
  const Case c{.code = {.magnitude_bits = 8}};
  Bank bank = test::random_bank(c);
  std::fill(bank.low.begin(), bank.low.end(), 2.0F);
  const Seen seen = compare(c, bank);
  CHECK(seen.at_rest > 0);
  CHECK(seen.differing == 0);
  CHECK(seen.saturated == 0);
}
