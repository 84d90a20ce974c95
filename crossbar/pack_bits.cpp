// Bits of codes as addresses of table entries: every bit of every window is moved once, so this is hot.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crossbar/pack_bits.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>

#include "core/parallel.hpp"
#include "crossbar/bank.hpp"
#include "crossbar/pack_bits.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using I = hn::CappedTag<std::int32_t, 8>;
using Codes = hn::Vec<I>;
using Bytes = hn::Repartition<std::uint8_t, I>;
using Words = hn::Repartition<std::uint64_t, I>;
constexpr I i32;
constexpr Bytes u8;
constexpr Words u64;
constexpr std::int64_t width = static_cast<std::int64_t>(hn::MaxLanes(I()));

// The number whose bits a pass reads. The two's complement code has its sign plane right above the magnitude's bits.
HWY_INLINE HWY_ATTR Codes number(Codes code, Part part) {
  if (part == Part::positive) return hn::Max(hn::Zero(i32), code);
  return part == Part::negative ? hn::Max(hn::Zero(i32), hn::Neg(code)) : code;
}

// Of every four codes the lowest bytes of two, each eight times; then bit p of it as `worth` in byte p.
HWY_INLINE HWY_ATTR hn::Vec<Bytes> spread(Codes codes, const std::uint8_t* which, const std::uint8_t* worth) {
  HWY_ALIGN static constexpr std::uint8_t bit[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const auto bits = hn::LoadDup128(u8, bit);
  const auto copies = hn::TableLookupBytes(hn::BitCast(u8, codes), hn::LoadDup128(u8, which));
  return hn::And(hn::VecFromMask(u8, hn::Eq(hn::And(copies, bits), bits)), hn::LoadDup128(u8, worth));
}

// The words of every four codes, in the even lanes.
HWY_INLINE HWY_ATTR hn::Vec<Words> words_of(Codes codes) {
  HWY_ALIGN static constexpr std::uint8_t first[16] = {0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4};
  HWY_ALIGN static constexpr std::uint8_t last[16] = {8, 8, 8, 8, 8, 8, 8, 8, 12, 12, 12, 12, 12, 12, 12, 12};
  HWY_ALIGN static constexpr std::uint8_t low[16] = {16, 16, 16, 16, 16, 16, 16, 16, 32, 32, 32, 32, 32, 32, 32, 32};
  HWY_ALIGN static constexpr std::uint8_t high[16] = {64,  64,  64,  64,  64,  64,  64,  64,
                                                      128, 128, 128, 128, 128, 128, 128, 128};
  static_assert(lanes == 16, "byte p of a word holds `lanes` times four bits");
  const auto both = hn::Or(spread(codes, first, low), spread(codes, last, high));
  return hn::BitCast(u64, hn::Or(both, hn::ShiftRightBytes<8>(u8, both)));
}

// Four codes at most, the others 0.
HWY_ATTR std::uint64_t last_word(const std::int32_t* codes, std::int64_t count, Part part, int shift) {
  HWY_ALIGN std::int32_t four[width] = {};
  HWY_ALIGN std::uint64_t word[width / 2];
  std::copy_n(codes, count, four);
  hn::Store(words_of(hn::ShiftRightSame(number(hn::Load(i32, four), part), shift)), u64, word);
  return word[0];
}

// Returns all words of the vector laid over each other.
HWY_ATTR std::uint64_t pack_vector(const std::int32_t* HWY_RESTRICT codes, std::int64_t rows, Part part, int shift,
                                   std::uint64_t* HWY_RESTRICT words) {
  std::int64_t row = 0;
  auto any = hn::Zero(u64);
  for (; row + 2 * width <= rows; row += 2 * width) {
    const auto first = words_of(hn::ShiftRightSame(number(hn::LoadU(i32, codes + row), part), shift));
    const auto second = words_of(hn::ShiftRightSame(number(hn::LoadU(i32, codes + row + width), part), shift));
    const auto both = hn::ConcatEven(u64, second, first);
    any = hn::Or(any, both);
    hn::StoreU(both, u64, words + row / 4);
  }
  HWY_ALIGN std::uint64_t seen[width / 2];
  hn::Store(any, u64, seen);
  std::uint64_t over = std::accumulate(seen, seen + width / 2, std::uint64_t{0}, std::bit_or());
  for (; row < rows; row += 4)
    over |= words[row / 4] = last_word(codes + row, std::min<std::int64_t>(4, rows - row), part, shift);
  return over;
}

HWY_ATTR void pack_all(const std::int32_t* codes, std::int64_t rows, Part part, int shift, Planes& planes) {
  const std::int64_t each = core::block_count(rows, 4);
  std::uint64_t* words = planes.words.data();
  for (std::int64_t& driven : planes.driven) {
    const std::uint64_t over = pack_vector(codes, rows, part, shift, words);
    // Copies of a sign lie above the last cycle.
    driven = std::min(planes.cycles, core::block_count(static_cast<std::int64_t>(std::bit_width(over)), 8));
    codes += rows;
    words += each;
  }
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wordline::crossbar::detail {

namespace {
HWY_EXPORT(pack_all);
}

void pack_bits(std::span<const std::int32_t> codes, Part part, std::int64_t shift, Planes& planes) {
  if (planes.driven.empty()) return;
  const auto rows = static_cast<std::int64_t>(codes.size() / planes.driven.size());
  HWY_DYNAMIC_DISPATCH(pack_all)(codes.data(), rows, part, static_cast<int>(shift), planes);
}

}  // namespace wordline::crossbar::detail
#endif
