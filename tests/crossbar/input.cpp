#include "crossbar/input.hpp"

#include "tests/catch.hpp"

using namespace wordline::crossbar;

TEST_CASE("digits of all cycles add up to the input") {
  for (const bool is_signed : {false, true})
    for (const auto mode : {SignedInput::two_pass, SignedInput::bipolar})
      for (std::int64_t per_cycle = 1; per_cycle <= 7; ++per_cycle) {
        const DacSpec dac{.bits = 8, .bits_per_cycle = per_cycle, .signed_input = mode};
        const InputCode code = input_code(dac, Convert::per_cycle, is_signed);
        const std::int32_t top = code.largest_code();
        for (std::int32_t q = is_signed ? -top : 0; q <= top; ++q) {
          double sum = 0.0;
          for (const Cycle& c : code.cycles()) {
            const std::int32_t d = digit(q, c, code.largest_digit(), top);
            REQUIRE(std::abs(d) <= code.largest_digit());
            if (mode == SignedInput::two_pass) REQUIRE(d >= 0);
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
