#include "crossbar/pack.hpp"

#include <algorithm>
#include <array>

namespace wordline::crossbar {
namespace {

// spread[b] holds bit p of b in the lowest bit of byte p.
constexpr std::array<std::uint64_t, 256> make_spread() {
  std::array<std::uint64_t, 256> out{};
  for (std::uint64_t b = 0; b < 256; ++b)
    for (std::uint64_t p = 0; p < 8; ++p) out[b] |= (b >> p & 1U) << (8 * p);
  return out;
}
constexpr auto spread = make_spread();

// The eight bits above `shift` of the magnitude of a code of the given sign; codes of the other sign read as 0.
std::uint64_t part(std::int32_t code, std::int32_t sign, std::int32_t shift) {
  const std::int32_t magnitude = std::max(0, sign * code);
  return spread[static_cast<std::size_t>((magnitude >> shift) & 255)];
}

void pack_vector(const std::int32_t* codes, std::int64_t rows, std::int32_t sign, std::int32_t shift,
                 std::uint64_t* words) {
  for (std::int64_t row = 0; row < rows; row += 4) {
    std::uint64_t word = 0;
    for (std::int64_t i = 0; i < std::min<std::int64_t>(4, rows - row); ++i)
      word |= part(codes[row + i], sign, shift) << static_cast<unsigned>(i);
    words[row / 4] = word;
  }
}

Planes pack_sign(const Bank& bank, const Block& block, std::int64_t first_cycle, std::int64_t first_bit,
                 std::int32_t sign, bool subtract) {
  Planes planes{.first_cycle = first_cycle,
                .cycles = std::min<std::int64_t>(8, bank.code.magnitude_bits - first_bit),
                .subtract = subtract,
                .words = {}};
  const std::int64_t words = core::block_count(bank.rows, 4);
  planes.words.resize(static_cast<std::size_t>(block.vectors * words));
  for (std::int64_t v = 0; v < block.vectors; ++v)
    pack_vector(block.codes.data() + v * block.rows, bank.rows, sign, static_cast<std::int32_t>(first_bit),
                planes.words.data() + v * words);
  return planes;
}

}  // namespace

std::vector<Planes> pack_planes(const Bank& bank, const Block& block) {
  std::vector<Planes> out;
  const InputCode& code = bank.code;
  for (std::int64_t bit = 0; bit < code.magnitude_bits; bit += 8) {
    out.push_back(pack_sign(bank, block, bit, bit, +1, false));
    if (!code.is_signed) continue;
    const std::int64_t cycle = code.two_passes() ? code.cycles_per_pass() + bit : bit;
    out.push_back(pack_sign(bank, block, cycle, bit, -1, !code.two_passes()));
  }
  return out;
}

std::vector<float> pack_digits(const Bank& bank, const Block& block) {
  const auto cycles = bank.code.cycles();
  const std::int32_t mask = bank.code.largest_digit();
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(block.vectors * bank.rows) * cycles.size());
  for (std::int64_t v = 0; v < block.vectors; ++v)
    for (const Cycle& cycle : cycles)
      for (std::int64_t row = 0; row < bank.rows; ++row) {
        const auto at = static_cast<std::size_t>(v * block.rows + row);
        out.push_back(bank.code.continuous ? digit(block.amplitudes[at], cycle)
                                           : static_cast<float>(digit(block.codes[at], cycle, mask)));
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
