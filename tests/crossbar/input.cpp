#include "crossbar/input.hpp"

#include <cmath>
#include <utility>

#include "tests/catch.hpp"

using namespace wordline::crossbar;

TEST_CASE("digits of all cycles add up to the input") {
  for (const bool is_signed : {false, true})
    for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar, SignedInput::twos_complement})
      for (std::int64_t per_cycle = 1; per_cycle <= 7; ++per_cycle) {
        const DacSpec dac{.bits = 8, .bits_per_cycle = per_cycle, .signed_input = mode};
        const InputCode code = input_code(dac, Convert::per_cycle, is_signed);
        const std::int32_t top = code.largest_code();
        for (std::int32_t q = is_signed ? -top : 0; q <= top; ++q) {
          double sum = 0.0;
          for (const Cycle& c : code.cycles()) {
            const std::int32_t d = digit(q, c, code.largest_digit(), top);
            REQUIRE(std::abs(d) <= code.largest_digit());
            if (mode != SignedInput::bipolar) REQUIRE(d >= 0);
            sum += c.weight * d;
          }
          REQUIRE(sum == q);
        }
      }
}

TEST_CASE("signed inputs of b bits keep b - 1 magnitude bits, unsigned ones b") {
  CHECK(input_code({.bits = 8}, Convert::per_cycle, false).largest_code() == 255);
  CHECK(input_code({.bits = 8}, Convert::per_cycle, true).largest_code() == 127);
  CHECK(input_code({.bits = 8}, Convert::per_cycle, true).cycles().size() == 14);
  CHECK(input_code({.bits = 8, .signed_input = SignedInput::bipolar}, Convert::per_cycle, true).cycles().size() == 7);
  CHECK(input_code({.bits = 1, .bits_per_cycle = 1}, Convert::per_cycle, true).largest_code() == 1);
}

TEST_CASE("continuous amplitudes take one cycle a pass") {
  const DacSpec dac{.bits = {}, .bits_per_cycle = {}};
  const InputCode code = input_code(dac, Convert::per_cycle, true);
  CHECK(code.cycles().size() == 2);
  CHECK(digit(-0.25F, code.cycles()[0]) == 0.0F);
  CHECK(digit(-0.25F, code.cycles()[1]) == 0.25F);
}

TEST_CASE("conversions add up to the input, whatever is added before them") {
  for (const bool is_signed : {false, true})
    for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar, SignedInput::twos_complement})
      for (const auto convert : {Convert::per_cycle, Convert::accumulated})
        for (std::int64_t per_cycle = 1; per_cycle <= 6; ++per_cycle) {
          const InputCode code =
              input_code({.bits = 6, .bits_per_cycle = per_cycle, .signed_input = mode}, convert, is_signed);
          const auto cycles = code.cycles();
          const std::int32_t top = code.largest_code();
          double largest = 0.0, least = 0.0;
          for (std::int32_t q = is_signed ? -top : 0; q <= top; ++q) {
            double sum = 0.0;
            for (const Conversion& conversion : code.conversions()) {
              double quantity = 0.0;
              for (std::int64_t k = conversion.first; k < conversion.first + conversion.count; ++k) {
                const Cycle& cycle = cycles[static_cast<std::size_t>(k)];
                quantity += code.gain(cycle) * digit(q, cycle, code.largest_digit(), top);
              }
              largest = std::max(largest, std::abs(quantity));
              least = std::min(least, quantity);
              sum += conversion.weight * quantity;
            }
            REQUIRE(sum == q);
          }
          REQUIRE(largest == code.largest_sum());
          REQUIRE((least < 0.0) == code.subtracts());
        }
}

TEST_CASE("how many reads and conversions an input takes") {
  const auto count = [](SignedInput mode, Convert convert, bool is_signed) {
    const InputCode code = input_code({.bits = 8, .signed_input = mode}, convert, is_signed);
    return std::pair{std::ssize(code.cycles()), std::ssize(code.conversions())};
  };
  using Pair = std::pair<std::ptrdiff_t, std::ptrdiff_t>;
  CHECK(count(SignedInput::two_pass, Convert::per_cycle, true) == Pair{14, 14});
  CHECK(count(SignedInput::two_pass, Convert::accumulated, true) == Pair{14, 2});
  CHECK(count(SignedInput::bipolar, Convert::accumulated, true) == Pair{7, 1});
  CHECK(count(SignedInput::twos_complement, Convert::per_cycle, true) == Pair{8, 8});
  CHECK(count(SignedInput::twos_complement, Convert::accumulated, true) == Pair{8, 1});
  for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar, SignedInput::twos_complement}) {
    CHECK(count(mode, Convert::per_cycle, false) == Pair{8, 8});
    CHECK(count(mode, Convert::accumulated, false) == Pair{8, 1});
  }
}
