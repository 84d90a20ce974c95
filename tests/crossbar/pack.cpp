// Packed bits against the digits they stand for.
#include "crossbar/pack.hpp"

#include <random>

#include "tests/catch.hpp"
#include "tests/crossbar/cases.hpp"

using namespace wordline;
using namespace wordline::crossbar;

namespace {

// The four bits of rows 4 word ... in one cycle, 0 beyond the last row.
std::uint64_t nibble(const Bank& bank, const Block& block, std::int64_t v, std::int64_t word, const Cycle& cycle) {
  std::uint64_t bits = 0;
  for (std::int64_t row = 4 * word; row < std::min(4 * word + 4, bank.rows); ++row)
    if (digit(block.codes[static_cast<std::size_t>(v * bank.rows + row)], cycle, 1, bank.code.largest_code()) != 0)
      bits |= std::uint64_t{1} << (row % 4);
  return bits;
}

void compare(const Bank& bank, const Block& block, const Planes& planes, const std::vector<Cycle>& cycles) {
  const std::int64_t words = core::block_count(bank.rows, 4);
  REQUIRE(std::ssize(planes.words) == block.vectors * words);
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (std::int64_t word = 0; word < words; ++word)
      for (std::int64_t p = 0; p < planes.cycles; ++p) {
        const std::uint64_t byte = planes.words[static_cast<std::size_t>(v * words + word)] >> (8 * p) & 255U;
        const Cycle& cycle = cycles[static_cast<std::size_t>(planes.first_cycle + p)];
        CHECK(byte == lanes * nibble(bank, block, v, word, cycle));
      }
}

}  // namespace

TEST_CASE("byte p of a packed word is where the bits of four rows in cycle p lead") {
  test::for_each_target([] {
    for (const auto mode : {SignedInput::two_pass, SignedInput::twos_complement})
      for (const std::int64_t bits : {1, 8, 11})
        for (std::int64_t rows = 1; rows <= 40; ++rows) {
          const test::Case c{.rows = rows,
                             .groups = 1,
                             .vectors = 3,
                             .code = {.is_signed = true, .magnitude_bits = bits, .signed_input = mode}};
          const Bank bank = make_bank(rows, 1, lanes, c.code, Kernel::bits);
          const Block block = test::random_block(c);
          INFO(rows << " rows, " << bits << " bits");
          for (const Planes& planes : pack_planes(bank, block)) compare(bank, block, planes, c.code.cycles());
        }
  });
}
