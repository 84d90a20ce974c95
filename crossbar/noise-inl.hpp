// Vector form of conversion_normal for the hot path: the same words, their normals in single precision (error 1e-6).
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_NOISE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_NOISE_INL
#undef WORDLINE_CROSSBAR_NOISE_INL
#else
#define WORDLINE_CROSSBAR_NOISE_INL
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "crossbar/noise.hpp"
#include "crossbar/sums-inl.hpp"
#include "crossbar/work.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using U = hn::RebindToUnsigned<F>;
using Words = hn::Vec<U>;
constexpr U u32;

// A counter fills two lanes: what is computed stands in the even one, odd lanes hold what is left of products.
HWY_INLINE HWY_ATTR Words high(Words x) {
  const hn::Repartition<std::uint64_t, U> wide;
  return hn::BitCast(u32, hn::ShiftRight<32>(hn::BitCast(wide, x)));
}
HWY_INLINE HWY_ATTR Words to_high(Words x) {
  const hn::Repartition<std::uint64_t, U> wide;
  return hn::BitCast(u32, hn::ShiftLeft<32>(hn::BitCast(wide, x)));
}
HWY_INLINE HWY_ATTR Words product(Words x, std::uint32_t factor) {
  return hn::BitCast(u32, hn::MulEven(x, hn::Set(u32, factor)));
}

// Four numbers of a counter on their way through the rounds.
struct Counter {
  Words x0, x1, x2, x3;

  HWY_INLINE HWY_ATTR void round(const detail::NoiseKeys& keys, std::size_t r) {
    const Words p0 = product(x0, detail::NoiseKeys::factor0), p1 = product(x2, detail::NoiseKeys::factor1);
    x0 = hn::Xor3(high(p1), x1, hn::Load(u32, keys.first[r]));
    x2 = hn::Xor3(high(p0), x3, hn::Load(u32, keys.second[r]));
    x1 = p1;
    x3 = p0;
  }
  // The last round writes both words of a product into its two lanes: the first and second word of the counter's
  // answer side by side, and the third and fourth.
  HWY_INLINE HWY_ATTR void finish(const detail::NoiseKeys& keys, Words& radius, Words& angle) const {
    constexpr std::size_t last = detail::NoiseKeys::rounds - 1;
    const Words p0 = product(x0, detail::NoiseKeys::factor0), p1 = product(x2, detail::NoiseKeys::factor1);
    radius = hn::Xor3(p1, to_high(x1), hn::Load(u32, keys.first[last]));
    angle = hn::Xor3(p0, to_high(x3), hn::Load(u32, keys.second[last]));
  }
};

// Counters that differ in their last number alone, which takes three rounds to reach all four: what is the same for all
// lanes until then is known.
class Start {
 public:
  HWY_INLINE HWY_ATTR explicit Start(const detail::NoiseStart& start)
      : one_(hn::Set(u32, start.one)),
        two_(hn::Set(u32, start.two)),
        x0_(hn::Set(u32, start.x0)),
        x1_(hn::Set(u32, start.x1)),
        x2_(hn::Set(u32, start.x2)) {}

  // After three rounds, for these last numbers.
  HWY_INLINE HWY_ATTR Counter counter(Words last) const {
    const Words p1 = product(hn::Xor(last, one_), detail::NoiseKeys::factor1);
    const Words p0 = product(hn::Xor(high(p1), two_), detail::NoiseKeys::factor0);
    return {hn::Xor(p1, x0_), x1_, hn::Xor(high(p0), x2_), p0};
  }

 private:
  Words one_, two_, x0_, x1_, x2_;
};

// -2 ln u, u as in conversion_normal, for u = 2^e m with m in [sqrt(1/2), sqrt(2)): ln m is (m - 1) times a fit of
// degree 6 that minimises the largest relative error, 1.1e-6.
HWY_INLINE HWY_ATTR Vec minus_two_log(Words radius) {
  const Vec number = hn::ConvertTo(f, hn::BitCast(i32, hn::ShiftRight<1>(radius)));
  const Vec x = hn::MulAdd(number, hn::Set(f, 0x1p-31F), hn::Set(f, 0x1p-32F));
  constexpr std::int32_t half_root = 0x3F3504F3;  // sqrt(1/2) in single precision
  const Int bits = hn::BitCast(i32, x);
  const Int exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(i32, half_root)));
  const Vec m1 = hn::Sub(hn::BitCast(f, hn::Sub(bits, hn::ShiftLeft<23>(exponent))), hn::Set(f, 1.0F));
  Vec p = hn::MulAdd(m1, hn::Set(f, -2 * 0.118961004F), hn::Set(f, -2 * -0.18667859F));
  p = hn::MulAdd(p, m1, hn::Set(f, -2 * 0.204963322F));
  p = hn::MulAdd(p, m1, hn::Set(f, -2 * -0.249097439F));
  p = hn::MulAdd(p, m1, hn::Set(f, -2 * 0.333145087F));
  p = hn::MulAdd(p, m1, hn::Set(f, -2 * -0.500011129F));
  p = hn::MulAdd(p, m1, hn::Set(f, -2 * 1.00000097F));
  return hn::MulAdd(p, m1, hn::Mul(hn::ConvertTo(f, exponent), hn::Set(f, -2 * 0.6931471806F)));
}

// Cosine and sine of a half turn's part t in [-1, 1] from the middle: fits in t^2 that minimise the largest error, 5e-8
// and 6e-7.
HWY_INLINE HWY_ATTR void half_turn(Words angle, Vec& cosine, Vec& sine) {
  const Vec t = hn::Mul(hn::ConvertTo(f, hn::BitCast(i32, angle)), hn::Set(f, 0x1p-31F)), t2 = hn::Mul(t, t);
  Vec c = hn::MulAdd(t2, hn::Set(f, 0.00085819035F), hn::Set(f, -0.020810627F));
  c = hn::MulAdd(c, t2, hn::Set(f, 0.253650744F));
  c = hn::MulAdd(c, t2, hn::Set(f, -1.23369821F));
  cosine = hn::MulAdd(c, t2, hn::Set(f, 0.999999953F));
  Vec s = hn::MulAdd(t2, hn::Set(f, -0.00433309448F), hn::Set(f, 0.0794343434F));
  s = hn::MulAdd(s, t2, hn::Set(f, -0.645892849F));
  sine = hn::Mul(hn::MulAdd(s, t2, hn::Set(f, 1.57079101F)), t);
}

// Words of `pairs` pairs of conversions of a group of columns, [pair][lanes]; `columns` is its first pair of columns.
HWY_ATTR void draw_words(const Start& start, std::uint64_t columns, std::int64_t pairs, const detail::NoiseKeys& keys,
                         std::uint32_t* HWY_RESTRICT radius, std::uint32_t* HWY_RESTRICT angle) {
  const hn::Repartition<std::uint64_t, U> wide;
  Words first = hn::BitCast(u32, hn::Add(hn::Iota(wide, 0), hn::Set(wide, columns)));
  for (std::int64_t at = 0; at < pairs * lanes; at += lanes) {
    for (std::int64_t lane = 0; lane < lanes; lane += width) {
      const Words two_a_lane = hn::BitCast(u32, hn::Set(wide, static_cast<std::uint64_t>(lane / 2)));
      Counter counter = start.counter(hn::Add(first, two_a_lane));
      for (std::size_t r = 3; r < detail::NoiseKeys::rounds - 1; ++r) counter.round(keys, r);
      Words one, two;
      counter.finish(keys, one, two);
      hn::Store(one, u32, radius + at + lane);
      hn::Store(two, u32, angle + at + lane);
    }
    first = hn::Add(first, hn::BitCast(u32, hn::Set(wide, std::uint64_t{1} << 24U)));
  }
}

// Standard normals of two conversions of `width` columns: sqrt(square) times each direction. In parts because
// sqrt(variance) sqrt(square) is one square root of the product.
struct NormalPair {
  Vec square, first, second;

  HWY_INLINE HWY_ATTR NormalPair(Words radius, Words angle) {
    square = minus_two_log(radius);
    half_turn(angle, first, second);
    first = hn::Xor(first, hn::BitCast(f, hn::ShiftLeft<31>(radius)));
  }
};

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
