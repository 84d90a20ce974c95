// Vector form of core::Stream::normals for the hot path: the same Philox words, Box-Muller in single precision.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_NOISE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_NOISE_INL
#undef WORDLINE_CROSSBAR_NOISE_INL
#else
#define WORDLINE_CROSSBAR_NOISE_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <array>
#include <cstdint>

#include "crossbar/bank.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {

/// Standard normals of four consecutive conversions, as Box-Muller makes them: z[k] = sqrt(square[k / 2]) direction[k].
/// Kept in parts because sqrt(variance) sqrt(square) is one square root of the product.
template <class V>
struct NormalParts {
  V square[2];
  V direction[4];
};

/// The normals of consecutive columns, which are neighbours in a vector: lane l is column `column` + l.
class Normals {
  using F = hwy::HWY_NAMESPACE::CappedTag<float, lanes>;
  using U = hwy::HWY_NAMESPACE::RebindToUnsigned<F>;
  using I = hwy::HWY_NAMESPACE::RebindToSigned<F>;
  using VF = hwy::HWY_NAMESPACE::Vec<F>;
  using VU = hwy::HWY_NAMESPACE::Vec<U>;

 public:
  Normals(std::array<std::uint32_t, 2> key, std::uint32_t sample, std::uint32_t window, std::uint32_t bank,
          std::uint32_t column)
      : key_(key), sample_(sample), window_(window), bank_(bank), column_(column) {}

  /// Normals of conversions 4 quad .. 4 quad + 3 of the columns from `lane` on.
  HWY_ATTR void draw(std::uint32_t quad, std::int64_t lane, NormalParts<VF>& z) const {
    const core::Event event =
        conversion_event(sample_, window_, bank_, quad, column_ + static_cast<std::uint32_t>(lane));
    const U u;
    VU w[4] = {hwy::HWY_NAMESPACE::Zero(u), hwy::HWY_NAMESPACE::Zero(u), hwy::HWY_NAMESPACE::Zero(u),
               hwy::HWY_NAMESPACE::Zero(u)};
    philox(event, w);
    box_muller(w[0], w[1], z.square[0], z.direction[0], z.direction[1]);
    box_muller(w[2], w[3], z.square[1], z.direction[2], z.direction[3]);
  }

 private:
  // Constants of Philox4x32-10: Salmon et al. (SC'11), table 2.
  static constexpr std::uint32_t factor0 = 0xD2511F53U, factor1 = 0xCD9E8D57U;
  static constexpr std::uint32_t weyl0 = 0x9E3779B9U, weyl1 = 0xBB67AE85U;

  static constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
  static constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32U); }
  static constexpr std::uint64_t product(std::uint32_t a, std::uint32_t b) { return std::uint64_t{a} * b; }

  // High words of the products of 32-bit lanes.
  static HWY_ATTR VU multiply_high(VU x, std::uint32_t factor) {
    namespace hn = hwy::HWY_NAMESPACE;
    const U u;
    const hn::Repartition<std::uint64_t, U> wide;
    const VU by = hn::Set(u, factor);
    const auto even = hn::MulEven(x, by);
    const auto odd = hn::MulEven(hn::BitCast(u, hn::ShiftRight<32>(hn::BitCast(wide, x))), by);
    return hn::OddEven(hn::BitCast(u, odd), hn::BitCast(u, hn::ShiftRight<32>(even)));
  }

  // Only the column differs between lanes, and it takes three rounds to reach all four words: until then half of the
  // products are plain numbers.
  HWY_ATTR void philox(const core::Event& event, VU* w) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const U u;
    const auto key0 = [&](std::uint32_t round) { return key_[0] + round * weyl0; };
    const auto key1 = [&](std::uint32_t round) { return key_[1] + round * weyl1; };
    const std::uint64_t a0 = product(event[0], factor0), a1 = product(event[2], factor1);
    const VU first = hn::Xor(hn::Iota(u, event[3]), hn::Set(u, high(a0) ^ key1(0)));
    const std::uint64_t b0 = product(high(a1) ^ event[1] ^ key0(0), factor0);
    const VU second = hn::Xor(multiply_high(first, factor1), hn::Set(u, low(a1) ^ key0(1)));
    const std::uint64_t c1 = product(high(b0) ^ low(a0) ^ key1(1), factor1);
    w[0] = hn::Xor(hn::Mul(first, hn::Set(u, factor1)), hn::Set(u, high(c1) ^ key0(2)));
    w[1] = hn::Set(u, low(c1));
    w[2] = hn::Xor(multiply_high(second, factor0), hn::Set(u, low(b0) ^ key1(2)));
    w[3] = hn::Mul(second, hn::Set(u, factor0));
    for (std::uint32_t round = 3; round < 10; ++round) {
      const VU low0 = hn::Mul(w[0], hn::Set(u, factor0)), low1 = hn::Mul(w[2], hn::Set(u, factor1));
      const VU high0 = multiply_high(w[0], factor0), high1 = multiply_high(w[2], factor1);
      w[0] = hn::Xor(hn::Xor(high1, w[1]), hn::Set(u, key0(round)));
      w[2] = hn::Xor(hn::Xor(high0, w[3]), hn::Set(u, key1(round)));
      w[1] = low1;
      w[3] = low0;
    }
  }

  // Two halves keep all 32 bits of a word that single precision could not hold, down to 2^-33 for the tails.
  static HWY_ATTR VF open_unit(VU w) {
    namespace hn = hwy::HWY_NAMESPACE;
    const F f;
    const I i;
    const U u;
    const VF high = hn::ConvertTo(f, hn::BitCast(i, hn::ShiftRight<16>(w)));
    const VF low = hn::ConvertTo(f, hn::BitCast(i, hn::And(w, hn::Set(u, 0xFFFFU))));
    const VF fine = hn::Mul(hn::Add(low, hn::Set(f, 0.5F)), hn::Set(f, 0x1p-32F));
    return hn::MulAdd(high, hn::Set(f, 0x1p-16F), fine);
  }

  // Sine and cosine of 2 pi word / 2^32: the nearest quarter turn is exact in the word's bits, and the rest, at most an
  // eighth of a turn, takes a short Taylor series (error below 4e-7).
  static HWY_ATTR void sin_cos(VU word, VF& sine, VF& cosine) {
    namespace hn = hwy::HWY_NAMESPACE;
    const F f;
    const U u;
    const VU quarter = hn::ShiftRight<30>(hn::Add(word, hn::Set(u, 1U << 29U)));
    const VF rest = hn::ConvertTo(f, hn::BitCast(I(), hn::Sub(word, hn::ShiftLeft<30>(quarter))));
    const VF x = hn::Mul(rest, hn::Set(f, 6.283185307179586F * 0x1p-32F)), x2 = hn::Mul(x, x);
    VF s = hn::MulAdd(x2, hn::Set(f, -1.0F / 5040), hn::Set(f, 1.0F / 120));
    s = hn::MulAdd(s, x2, hn::Set(f, -1.0F / 6));
    s = hn::MulAdd(hn::Mul(s, x2), x, x);
    VF c = hn::MulAdd(x2, hn::Set(f, 1.0F / 40320), hn::Set(f, -1.0F / 720));
    c = hn::MulAdd(c, x2, hn::Set(f, 1.0F / 24));
    c = hn::MulAdd(c, x2, hn::Set(f, -0.5F));
    c = hn::MulAdd(c, x2, hn::Set(f, 1.0F));
    const VU two = hn::Set(u, 2U);
    const auto odd = hn::RebindMask(f, hn::TestBit(quarter, hn::Set(u, 1U)));
    const VU sine_sign = hn::ShiftLeft<30>(hn::And(quarter, two));
    const VU cosine_sign = hn::ShiftLeft<30>(hn::And(hn::Add(quarter, hn::Set(u, 1U)), two));
    sine = hn::Xor(hn::IfThenElse(odd, c, s), hn::BitCast(f, sine_sign));
    cosine = hn::Xor(hn::IfThenElse(odd, s, c), hn::BitCast(f, cosine_sign));
  }

  static HWY_ATTR void box_muller(VU radius, VU angle, VF& square, VF& first, VF& second) {
    namespace hn = hwy::HWY_NAMESPACE;
    const F f;
    const VF unit = hn::Min(open_unit(radius), hn::Set(f, 1.0F));
    square = hn::Mul(hn::Set(f, -2.0F), hn::Log(f, unit));
    sin_cos(angle, second, first);
  }

  std::array<std::uint32_t, 2> key_;
  std::uint32_t sample_, window_, bank_, column_;
};

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
