// Ones in codes: every code of every window is counted, so this is as hot as packing them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crossbar/ones.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "crossbar/ones.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<std::int32_t> i32;
constexpr hn::Repartition<std::uint8_t, decltype(i32)> u8;
constexpr hn::RebindToUnsigned<decltype(i32)> u32;
using Bytes = hn::Vec<decltype(u8)>;
inline constexpr std::size_t strips = 4;     // of rows side by side: two cache lines of AVX2
inline constexpr std::size_t in_bytes = 31;  // vectors of at most eight ones a byte that one byte can count

// Ones of every byte of the magnitudes, four bits at a time.
HWY_INLINE HWY_ATTR Bytes ones(hn::Vec<decltype(i32)> codes) {
  HWY_ALIGN static constexpr std::uint8_t of[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
  const Bytes table = hn::LoadDup128(u8, of), low = hn::Set(u8, 15), x = hn::BitCast(u8, hn::Abs(codes));
  const Bytes upper = hn::And(hn::BitCast(u8, hn::ShiftRight<4>(hn::BitCast(u32, x))), low);
  return hn::Add(hn::TableLookupBytes(table, hn::And(x, low)), hn::TableLookupBytes(table, upper));
}

// Adds the four bytes of every lane to the sum of its row.
HWY_INLINE HWY_ATTR void add_bytes(Bytes bytes, std::uint32_t* HWY_RESTRICT sums) {
  const auto x = hn::BitCast(u32, bytes), even = hn::Set(u32, 0x00FF00FFU);
  const auto pairs = hn::Add(hn::And(x, even), hn::And(hn::ShiftRight<8>(x), even));
  const auto all = hn::And(hn::Add(pairs, hn::ShiftRight<16>(pairs)), hn::Set(u32, 0xFFFFU));
  hn::StoreU(hn::Add(hn::LoadU(u32, sums), all), u32, sums);
}

// `count` rows, at most those of all strips, of up to in_bytes vectors.
template <std::size_t count>
HWY_ATTR void count_strips(const std::int32_t* HWY_RESTRICT codes, std::size_t vectors, std::size_t rows,
                           std::uint32_t* HWY_RESTRICT sums) {
  Bytes bytes[count];
  for (std::size_t k = 0; k < count; ++k) bytes[k] = hn::Zero(u8);
  for (std::size_t v = 0; v < vectors; ++v, codes += rows)
    for (std::size_t k = 0; k < count; ++k)
      bytes[k] = hn::Add(bytes[k], ones(hn::LoadU(i32, codes + k * hn::Lanes(i32))));
  for (std::size_t k = 0; k < count; ++k) add_bytes(bytes[k], sums + k * hn::Lanes(i32));
}

HWY_ATTR void count_some(const std::int32_t* codes, std::size_t vectors, std::size_t rows, std::uint32_t* sums) {
  const std::size_t strip = hn::Lanes(i32);
  std::size_t row = 0;
  for (; row + strips * strip <= rows; row += strips * strip)
    count_strips<strips>(codes + row, vectors, rows, sums + row);
  for (; row + strip <= rows; row += strip) count_strips<1>(codes + row, vectors, rows, sums + row);
  for (; row < rows; ++row)
    for (std::size_t v = 0; v < vectors; ++v)
      sums[row] +=
          static_cast<std::uint32_t>(std::popcount(static_cast<std::uint32_t>(std::abs(codes[v * rows + row]))));
}

HWY_ATTR void count_all(const std::int32_t* codes, std::size_t vectors, std::size_t rows, std::uint32_t* sums) {
  for (std::size_t v = 0; v < vectors; v += in_bytes)
    count_some(codes + v * rows, std::min(in_bytes, vectors - v), rows, sums);
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wordline::crossbar {

namespace {
HWY_EXPORT(count_all);
}

void count_ones(std::span<const std::int32_t> codes, std::span<std::uint32_t> sums) {
  if (sums.empty()) return;
  HWY_DYNAMIC_DISPATCH(count_all)(codes.data(), codes.size() / sums.size(), sums.size(), sums.data());
}

}  // namespace wordline::crossbar
#endif
