// Ones in codes: every code of every window is counted, so this is as hot as packing them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crossbar/ones.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "crossbar/ones.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The ones of neighbouring bits are added, then those of pairs, ...
template <class D, class V>
HWY_ATTR V ones(D d, V x) {
  x = hn::Sub(x, hn::And(hn::ShiftRight<1>(x), hn::Set(d, 0x55555555U)));
  const V pairs = hn::Set(d, 0x33333333U);
  x = hn::Add(hn::And(x, pairs), hn::And(hn::ShiftRight<2>(x), pairs));
  x = hn::And(hn::Add(x, hn::ShiftRight<4>(x)), hn::Set(d, 0x0F0F0F0FU));
  x = hn::Add(x, hn::ShiftRight<8>(x));
  return hn::And(hn::Add(x, hn::ShiftRight<16>(x)), hn::Set(d, 63U));
}

template <class D>
HWY_ATTR void add_ones(D d, const std::int32_t* HWY_RESTRICT codes, std::uint32_t* HWY_RESTRICT sum) {
  const hn::RebindToSigned<D> i;
  const auto magnitude = hn::BitCast(d, hn::Abs(hn::LoadU(i, codes)));
  hn::StoreU(hn::Add(hn::LoadU(d, sum), ones(d, magnitude)), d, sum);
}

HWY_ATTR void count_all(const std::int32_t* codes, std::size_t vectors, std::size_t rows, std::uint32_t* sums) {
  const hn::ScalableTag<std::uint32_t> wide;
  const hn::CappedTag<std::uint32_t, 1> one;
  for (std::size_t v = 0; v < vectors; ++v, codes += rows) {
    std::size_t row = 0;
    for (; row + hn::Lanes(wide) <= rows; row += hn::Lanes(wide)) add_ones(wide, codes + row, sums + row);
    for (; row < rows; ++row) add_ones(one, codes + row, sums + row);
  }
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
