// Ones in codes: every code of every window is counted, so this is as hot as packing them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crossbar/ones.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "crossbar/ones.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<std::uint32_t>;
using One = hn::CappedTag<std::uint32_t, 1>;
inline constexpr std::size_t strips = 4;     // of rows side by side: two cache lines of AVX2
inline constexpr std::size_t in_bytes = 31;  // vectors whose ones, eight at most, a byte can count

// Ones of every byte of the magnitudes: those of neighbouring bits are added, then of pairs, then of four.
template <class D>
HWY_INLINE HWY_ATTR hn::Vec<D> ones(D d, const std::int32_t* codes) {
  auto x = hn::BitCast(d, hn::Abs(hn::LoadU(hn::RebindToSigned<D>(), codes)));
  x = hn::Sub(x, hn::And(hn::ShiftRight<1>(x), hn::Set(d, 0x55555555U)));
  const auto pairs = hn::Set(d, 0x33333333U);
  x = hn::Add(hn::And(x, pairs), hn::And(hn::ShiftRight<2>(x), pairs));
  return hn::And(hn::Add(x, hn::ShiftRight<4>(x)), hn::Set(d, 0x0F0F0F0FU));
}

// Adds the four bytes of every lane to the sum of its row.
template <class D>
HWY_INLINE HWY_ATTR void add_bytes(D d, hn::Vec<D> bytes, std::uint32_t* sums) {
  const auto even = hn::Set(d, 0x00FF00FFU);
  const auto pairs = hn::Add(hn::And(bytes, even), hn::And(hn::ShiftRight<8>(bytes), even));
  const auto all = hn::And(hn::Add(pairs, hn::ShiftRight<16>(pairs)), hn::Set(d, 0xFFFFU));
  hn::StoreU(hn::Add(hn::LoadU(d, sums), all), d, sums);
}

// `count` strips of rows of at most in_bytes vectors.
template <std::size_t count, class D>
HWY_ATTR void count_strips(D d, const std::int32_t* HWY_RESTRICT codes, std::size_t vectors, std::size_t rows,
                           std::uint32_t* HWY_RESTRICT sums) {
  hn::Vec<D> bytes[count];
  for (std::size_t k = 0; k < count; ++k) bytes[k] = hn::Zero(d);
  for (std::size_t v = 0; v < vectors; ++v, codes += rows)
    for (std::size_t k = 0; k < count; ++k) bytes[k] = hn::Add(bytes[k], ones(d, codes + k * hn::Lanes(d)));
  for (std::size_t k = 0; k < count; ++k) add_bytes(d, bytes[k], sums + k * hn::Lanes(d));
}

HWY_ATTR void count_some(const std::int32_t* codes, std::size_t vectors, std::size_t rows, std::uint32_t* sums) {
  const std::size_t strip = hn::Lanes(Wide());
  std::size_t row = 0;
  for (; row + strips * strip <= rows; row += strips * strip)
    count_strips<strips>(Wide(), codes + row, vectors, rows, sums + row);
  for (; row + strip <= rows; row += strip) count_strips<1>(Wide(), codes + row, vectors, rows, sums + row);
  for (; row < rows; ++row) count_strips<1>(One(), codes + row, vectors, rows, sums + row);
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
