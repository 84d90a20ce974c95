#include "crossbar/pack.hpp"

#include <algorithm>
#include <array>

namespace wordline::crossbar {
namespace {

// spread[b] holds bit p of b as the number `lanes` in byte p.
constexpr std::array<std::uint64_t, 256> make_spread() {
  std::array<std::uint64_t, 256> out{};
  for (std::uint64_t b = 0; b < 256; ++b)
    for (std::uint64_t p = 0; p < 8; ++p) out[b] |= ((b >> p & 1U) * lanes) << (8 * p);
  return out;
}
constexpr auto spread = make_spread();

// The number whose bits a pass reads. The two's complement code has its sign plane right above the magnitude's bits.
std::int32_t read_number(std::int32_t code, Part part) {
  if (part == Part::positive) return std::max(0, code);
  return part == Part::negative ? std::max(0, -code) : code;
}

void pack_vector(const std::int32_t* codes, std::int64_t rows, Part part, std::int64_t shift, std::uint64_t* words) {
  for (std::int64_t row = 0; row < rows; row += 4) {
    std::uint64_t word = 0;
    for (std::int64_t i = 0; i < std::min<std::int64_t>(4, rows - row); ++i)
      word |= spread[static_cast<std::size_t>((read_number(codes[row + i], part) >> shift) & 255)]
              << static_cast<unsigned>(i);
    words[row / 4] = word;
  }
}

// All cycles of one part, which start at `first_cycle` with bit 0.
void pack_part(const Bank& bank, const Block& block, std::int64_t first_cycle, Part part, bool subtract,
               std::vector<Planes>& out) {
  const std::int64_t bits = bank.code.magnitude_bits + (part == Part::complement ? 1 : 0);
  const std::int64_t words = core::block_count(bank.rows, 4);
  for (std::int64_t bit = 0; bit < bits; bit += 8) {
    Planes planes{.first_cycle = first_cycle + bit,
                  .cycles = std::min<std::int64_t>(8, bits - bit),
                  .subtract = subtract,
                  .words = std::vector<std::uint64_t>(static_cast<std::size_t>(block.vectors * words))};
    for (std::int64_t v = 0; v < block.vectors; ++v)
      pack_vector(block.codes.data() + v * block.rows, bank.rows, part, bit, planes.words.data() + v * words);
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

std::vector<float> digit_sums(const Bank& bank, const Block& block) {
  const std::vector<float> digits = pack_digits(bank, block);
  std::vector<float> out;
  out.reserve(digits.size() / static_cast<std::size_t>(bank.rows));
  for (auto it = digits.begin(); it != digits.end(); it += bank.rows) {
    float sum = 0.0F;
    std::for_each(it, it + bank.rows, [&](float d) { sum += d; });
    out.push_back(sum);
  }
  return out;
}

}  // namespace wordline::crossbar
