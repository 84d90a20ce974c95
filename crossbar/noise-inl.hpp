// Vector form of core::Stream::normals for the hot path: the same Philox words, Box-Muller in single precision.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_NOISE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_NOISE_INL
#undef WORDLINE_CROSSBAR_NOISE_INL
#else
#define WORDLINE_CROSSBAR_NOISE_INL
#endif

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

// Constants of Philox4x32-10: Salmon et al. (SC'11), table 2.
inline constexpr std::uint32_t factor0 = 0xD2511F53U, factor1 = 0xCD9E8D57U;
inline constexpr std::uint32_t weyl0 = 0x9E3779B9U, weyl1 = 0xBB67AE85U;

/// The keys of Philox's ten rounds.
struct RoundKeys {
  std::array<std::uint32_t, 10> first{}, second{};

  explicit RoundKeys(const std::array<std::uint32_t, 2>& key) {
    for (std::uint32_t round = 0; round < 10; ++round) {
      first[round] = key[0] + round * weyl0;
      second[round] = key[1] + round * weyl1;
    }
  }
};

/// The normals of consecutive columns, which are neighbours in a vector: lane l is column `column` + l.
class Normals {
  using F = hwy::HWY_NAMESPACE::CappedTag<float, lanes>;
  using U = hwy::HWY_NAMESPACE::RebindToUnsigned<F>;
  using I = hwy::HWY_NAMESPACE::RebindToSigned<F>;
  using VF = hwy::HWY_NAMESPACE::Vec<F>;
  using VU = hwy::HWY_NAMESPACE::Vec<U>;

 public:
  Normals(const RoundKeys& keys, std::uint32_t sample, std::uint32_t window, std::uint32_t bank, std::uint32_t column)
      : keys_(keys), sample_(sample), window_(window), bank_(bank), column_(column) {}

  /// Normals of conversions 4 quad .. 4 quad + 3 of the columns from `lane` on.
  HWY_ATTR void draw(std::uint32_t quad, std::int64_t lane, NormalParts<VF>& z) const {
    const core::Event event =
        conversion_event(sample_, window_, bank_, quad, column_ + static_cast<std::uint32_t>(lane));
    VU w[4];
    words(event, w);
    box_muller(w[0], w[1], z.square[0], z.direction[0], z.direction[1]);
    box_muller(w[2], w[3], z.square[1], z.direction[2], z.direction[3]);
  }

  /// The four words of the events whose last field counts up from lane to lane.
  HWY_ATTR void words(const core::Event& event, VU* w) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const U u;
    VU odd[4];
    const VU columns = hn::Iota(u, event[3]);
    philox(event, columns, w);
    philox(event, high(columns), odd);
    for (std::int64_t k = 0; k < 4; ++k)
      w[k] = hn::OddEven(hn::BitCast(u, hn::ShiftLeft<32>(hn::BitCast(Wide(), odd[k]))), w[k]);
  }

 private:
  using Wide = hwy::HWY_NAMESPACE::Repartition<std::uint64_t, U>;

  static constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
  static constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32U); }
  static constexpr std::uint64_t product(std::uint32_t a, std::uint32_t b) { return std::uint64_t{a} * b; }

  // The same of every even lane and its neighbour taken together.
  static HWY_ATTR VU high(VU x) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::BitCast(U(), hn::ShiftRight<32>(hn::BitCast(Wide(), x)));
  }
  static HWY_ATTR VU product(VU x, std::uint32_t factor) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::BitCast(U(), hn::MulEven(x, hn::Set(U(), factor)));
  }

  // Philox on the even lanes; odd lanes hold what is left of products. Only the column differs between lanes, and it
  // takes three rounds to reach all four words: until then half of the products are plain numbers.
  HWY_ATTR void philox(const core::Event& event, VU columns, VU* w) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const U u;
    const auto& key0 = keys_.first;
    const auto& key1 = keys_.second;
    const std::uint64_t a0 = product(event[0], factor0), a1 = product(event[2], factor1);
    const VU p1 = product(hn::Xor(columns, hn::Set(u, high(a0) ^ key1[0])), factor1);
    const std::uint64_t b0 = product(high(a1) ^ event[1] ^ key0[0], factor0);
    const VU p0 = product(hn::Xor(high(p1), hn::Set(u, low(a1) ^ key0[1])), factor0);
    const std::uint64_t c1 = product(high(b0) ^ low(a0) ^ key1[1], factor1);
    w[0] = hn::Xor(p1, hn::Set(u, high(c1) ^ key0[2]));
    w[1] = hn::Set(u, low(c1));
    w[2] = hn::Xor(high(p0), hn::Set(u, low(b0) ^ key1[2]));
    w[3] = p0;
    for (std::size_t round = 3; round < 10; ++round) {
      const VU even = product(w[0], factor0), odd = product(w[2], factor1);
      w[0] = hn::Xor3(high(odd), w[1], hn::Set(u, key0[round]));
      w[2] = hn::Xor3(high(even), w[3], hn::Set(u, key1[round]));
      w[1] = odd;
      w[3] = even;
    }
  }

  // In (0, 1]. Two halves keep all 32 bits of a word that single precision could not hold, down to 2^-33 for the tails.
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

  // -2 log x for x = 2^e m with m in [sqrt(1/2), sqrt(2)): log m is (m - 1) times a Chebyshev fit of degree 7, whose
  // relative error is 1.8e-7.
  static HWY_ATTR VF minus_two_log(VF x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const F f;
    const I i;
    constexpr std::int32_t half_root = 0x3F3504F3;  // sqrt(1/2) in single precision
    const auto bits = hn::BitCast(i, x);
    const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(i, half_root)));
    const VF m1 = hn::Sub(hn::BitCast(f, hn::Sub(bits, hn::ShiftLeft<23>(exponent))), hn::Set(f, 1.0F));
    VF p = hn::MulAdd(m1, hn::Set(f, -2 * -0.101340568F), hn::Set(f, -2 * 0.162341898F));
    p = hn::MulAdd(p, m1, hn::Set(f, -2 * -0.172470133F));
    p = hn::MulAdd(p, m1, hn::Set(f, -2 * 0.19898565F));
    p = hn::MulAdd(p, m1, hn::Set(f, -2 * -0.249700717F));
    p = hn::MulAdd(p, m1, hn::Set(f, -2 * 0.333351141F));
    p = hn::MulAdd(p, m1, hn::Set(f, -2 * -0.500003631F));
    p = hn::MulAdd(p, m1, hn::Set(f, -2 * 0.999999943F));
    return hn::MulAdd(p, m1, hn::Mul(hn::ConvertTo(f, exponent), hn::Set(f, -2 * 0.6931471806F)));
  }

  // Sine and cosine of 2 pi word / 2^32: the nearest quarter turn is exact in the word's bits, and the rest, at most an
  // eighth of a turn, takes a short Taylor series (error below 4e-7).
  static HWY_ATTR void sin_cos(VU word, VF& sine, VF& cosine) {
    namespace hn = hwy::HWY_NAMESPACE;
    const F f;
    const U u;
    const VU turned = hn::Add(word, hn::Set(u, 1U << 29U));  // quarter turns in the two highest bits
    const VU next = hn::Add(turned, hn::Set(u, 1U << 30U)), sign = hn::Set(u, 1U << 31U);
    const VU quarter = hn::And(turned, hn::Set(u, 3U << 30U));
    const VF rest = hn::ConvertTo(f, hn::BitCast(I(), hn::Sub(word, quarter)));
    const VF x = hn::Mul(rest, hn::Set(f, 6.283185307179586F * 0x1p-32F)), x2 = hn::Mul(x, x);
    VF s = hn::MulAdd(x2, hn::Set(f, -1.0F / 5040), hn::Set(f, 1.0F / 120));
    s = hn::MulAdd(s, x2, hn::Set(f, -1.0F / 6));
    s = hn::MulAdd(hn::Mul(s, x2), x, x);
    VF c = hn::MulAdd(x2, hn::Set(f, 1.0F / 40320), hn::Set(f, -1.0F / 720));
    c = hn::MulAdd(c, x2, hn::Set(f, 1.0F / 24));
    c = hn::MulAdd(c, x2, hn::Set(f, -0.5F));
    c = hn::MulAdd(c, x2, hn::Set(f, 1.0F));
    const auto odd = hn::RebindMask(f, hn::TestBit(turned, hn::Set(u, 1U << 30U)));
    sine = hn::Xor(hn::IfThenElse(odd, c, s), hn::BitCast(f, hn::And(turned, sign)));
    cosine = hn::Xor(hn::IfThenElse(odd, s, c), hn::BitCast(f, hn::And(next, sign)));
  }

  static HWY_ATTR void box_muller(VU radius, VU angle, VF& square, VF& first, VF& second) {
    square = minus_two_log(open_unit(radius));
    sin_cos(angle, second, first);
  }

  const RoundKeys& keys_;
  std::uint32_t sample_, window_, bank_, column_;
};

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
