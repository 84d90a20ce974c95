// Numbers on the DAC's scale: every activation passes here, so this is hot.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mapper/scale.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>

#include "mapper/scale.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::mapper::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F = hn::ScalableTag<double>;
using Vec = hn::Vec<F>;
constexpr F f;

// To the nearest whole number, ties to even, for magnitudes below 2^51: adding 1.5 x 2^52 leaves no bits for a
// fraction.
HWY_INLINE HWY_ATTR Vec nearest(Vec x) {
  const Vec whole = hn::Set(f, 0x1.8p52);
  return hn::Sub(hn::Add(x, whole), whole);
}

// A vector of numbers; which of them are beyond the range.
template <class T>
HWY_INLINE HWY_ATTR hn::Mask<F> scale(const ToDac& dac, const float* x, T* out) {
  const Vec given = hn::PromoteTo(f, hn::LoadU(hn::Rebind<float, F>(), x));
  // Far beyond every range of codes, and still exact.
  const Vec far = hn::Set(f, 0x1p50);
  const Vec exact = hn::Min(hn::Max(hn::Mul(given, hn::Set(f, dac.inverse)), hn::Neg(far)), far);
  const Vec q = hn::Add(dac.continuous ? exact : nearest(exact), hn::Set(f, dac.zero));
  const Vec kept = hn::Min(hn::Max(q, hn::Set(f, dac.low)), hn::Set(f, dac.high));
  const hn::Rebind<T, F> narrow;
  hn::StoreU(hn::DemoteTo(narrow, dac.continuous ? kept : nearest(kept)), narrow, out);
  // Rounding of the scale alone may push the largest amplitude past 1 by one part in 1e16.
  return hn::Gt(hn::Abs(hn::Sub(q, kept)), hn::Set(f, 1e-9));
}

template <class T>
HWY_ATTR std::size_t scale_all(const ToDac& dac, const float* x, std::size_t count, T* out) {
  const std::size_t width = hn::Lanes(f);
  std::size_t beyond = 0, i = 0;
  for (; i + width <= count; i += width) beyond += hn::CountTrue(f, scale(dac, x + i, out + i));
  if (i == count) return beyond;
  std::array<float, hn::MaxLanes(F())> last{};
  std::array<T, hn::MaxLanes(F())> scaled{};
  std::copy(x + i, x + count, last.begin());
  beyond += hn::CountTrue(f, hn::And(scale(dac, last.data(), scaled.data()), hn::FirstN(f, count - i)));
  std::copy_n(scaled.begin(), count - i, out + i);
  return beyond;
}

HWY_ATTR std::size_t scale_codes(const ToDac& dac, const float* x, std::size_t count, std::int32_t* out) {
  return scale_all(dac, x, count, out);
}
HWY_ATTR std::size_t scale_amplitudes(const ToDac& dac, const float* x, std::size_t count, float* out) {
  return scale_all(dac, x, count, out);
}

}  // namespace wordline::mapper::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wordline::mapper {

namespace {
HWY_EXPORT(scale_codes);
HWY_EXPORT(scale_amplitudes);
}  // namespace

std::int64_t scale_numbers(const ToDac& dac, std::span<const float> x, std::int32_t* codes) {
  return static_cast<std::int64_t>(HWY_DYNAMIC_DISPATCH(scale_codes)(dac, x.data(), x.size(), codes));
}

std::int64_t scale_numbers(const ToDac& dac, std::span<const float> x, float* amplitudes) {
  return static_cast<std::int64_t>(HWY_DYNAMIC_DISPATCH(scale_amplitudes)(dac, x.data(), x.size(), amplitudes));
}

}  // namespace wordline::mapper
#endif
