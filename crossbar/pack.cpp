#include "crossbar/pack.hpp"

#include <algorithm>
#include <numeric>

#include "crossbar/pack_bits.hpp"

namespace wordline::crossbar {
namespace {

// All cycles of one part, which start at `first_cycle` with bit 0.
void pack_part(const Bank& bank, const Block& block, std::int64_t first_cycle, Part part, bool subtract,
               std::vector<Planes>& out) {
  const std::int64_t bits = bank.code.magnitude_bits + (part == Part::complement ? 1 : 0);
  const std::int64_t words = core::block_count(bank.rows, 4);
  for (std::int64_t bit = 0; bit < bits; bit += 8) {
    Planes planes{.first_cycle = first_cycle + bit,
                  .cycles = std::min<std::int64_t>(8, bits - bit),
                  .subtract = subtract,
                  .words = core::Scratch<std::uint64_t>(static_cast<std::size_t>(block.vectors * words)),
                  .driven = std::vector<std::int64_t>(static_cast<std::size_t>(block.vectors))};
    detail::pack_bits(block.codes, part, bit, planes);
    out.push_back(std::move(planes));
  }
}

}  // namespace

std::vector<Planes> pack_planes(const Bank& bank, const Block& block) {
  std::vector<Planes> out;
  const InputCode& code = bank.code;
  if (code.is_signed && code.signed_input == SignedInput::twos_complement) {
    pack_part(bank, block, 0, Part::complement, false, out);
    return out;
  }
  pack_part(bank, block, 0, Part::positive, false, out);
  if (!code.is_signed) return out;
  const bool second_pass = code.two_passes();
  pack_part(bank, block, second_pass ? code.cycles_per_pass() : 0, Part::negative, !second_pass, out);
  return out;
}

std::vector<float> pack_digits(const Bank& bank, const Block& block) {
  const auto cycles = bank.code.cycles();
  const std::int32_t mask = bank.code.largest_digit(), largest = bank.code.largest_code();
  std::vector<float> out(static_cast<std::size_t>(block.vectors * std::ssize(cycles) * bank.rows));
  float* at = out.data();
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (const Cycle cycle : cycles) {
      const std::int64_t first = v * block.rows;
      for (std::int64_t row = 0; row < bank.rows; ++row)
        *at++ =
            bank.code.continuous
                ? digit(block.amplitudes[static_cast<std::size_t>(first + row)], cycle)
                : static_cast<float>(digit(block.codes[static_cast<std::size_t>(first + row)], cycle, mask, largest));
    }
  return out;
}

std::vector<float> pack_slots(const Bank& bank, const Block& block) {
  const std::vector<float> digits = pack_digits(bank, block);
  const std::int64_t slots = std::ssize(digits) / bank.rows;
  std::vector<float> out(static_cast<std::size_t>(core::block_count(slots, slot_block) * bank.rows * slot_block));
  for (std::int64_t slot = 0; slot < slots; ++slot) {
    float* at = out.data() + slot / slot_block * bank.rows * slot_block + slot % slot_block;
    for (std::int64_t row = 0; row < bank.rows; ++row)
      at[row * slot_block] = digits[static_cast<std::size_t>(slot * bank.rows + row)];
  }
  return out;
}

namespace {

// Of one vector whose digits are numbers.
void sum_digits(const float* digits, std::int64_t cycles, std::int64_t rows, float* out) {
  for (std::int64_t cycle = 0; cycle < cycles; ++cycle)
    out[cycle] = std::accumulate(digits + cycle * rows, digits + (cycle + 1) * rows, 0.0F);
}

// Adds what one vector's planes hold: ones among the four bits of every byte, counted for up to 63 words at once, so
// that bytes do not overflow.
void count_planes(const Planes& planes, std::int64_t vector, std::int64_t words, float* out) {
  const std::uint64_t* word = planes.words.data() + vector * words;
  for (std::int64_t first = 0; first < words; first += 63) {
    std::uint64_t ones = 0;
    for (std::int64_t i = first; i < std::min(words, first + 63); ++i) {
      const std::uint64_t pairs = (word[i] >> 4U & 0x0505050505050505U) + (word[i] >> 5U & 0x0505050505050505U);
      ones += (pairs & 0x0303030303030303U) + (pairs >> 2U & 0x0303030303030303U);
    }
    for (std::int64_t p = 0; p < planes.cycles; ++p) {
      const auto count = static_cast<float>(ones >> (8 * p) & 255U);
      out[planes.first_cycle + p] += planes.subtract ? -count : count;
    }
  }
}

}  // namespace

std::vector<float> digit_sums(const Bank& bank, const Block& block, const std::vector<Planes>& planes) {
  const std::int64_t cycles = std::ssize(bank.code.cycles()), words = core::block_count(bank.rows, 4);
  std::vector<float> out(static_cast<std::size_t>(block.vectors * cycles), 0.0F), digits;
  if (planes.empty()) digits = pack_digits(bank, block);
  for (std::int64_t v = 0; v < block.vectors; ++v) {
    float* own = out.data() + v * cycles;
    if (planes.empty()) sum_digits(digits.data() + v * cycles * bank.rows, cycles, bank.rows, own);
    for (const Planes& p : planes) count_planes(p, v, words, own);
  }
  return out;
}

}  // namespace wordline::crossbar
