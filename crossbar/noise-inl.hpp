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

/// The normals of consecutive columns, which are neighbours in a vector: lane l is column `column` + l.
class Normals {
  using F = hwy::HWY_NAMESPACE::CappedTag<float, lanes>;
  using U = hwy::HWY_NAMESPACE::RebindToUnsigned<F>;
  using I = hwy::HWY_NAMESPACE::RebindToSigned<F>;
  using VF = hwy::HWY_NAMESPACE::Vec<F>;
  using VU = hwy::HWY_NAMESPACE::Vec<U>;

 public:
  Normals(std::array<std::uint32_t, 2> key, std::uint32_t sample, std::uint32_t window, std::uint32_t tile,
          std::uint32_t column)
      : key_(key), sample_(sample), window_(window), tile_(tile), column_(column) {}

  /// Normals of cycles 4 quad .. 4 quad + 3 of the columns from `lane` on.
  HWY_ATTR void draw(std::uint32_t quad, std::int64_t lane, VF* z) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const U u;
    const core::Event event = conversion_event(sample_, window_, tile_, quad, column_);
    VU w[4] = {hn::Set(u, event[0]), hn::Set(u, event[1]), hn::Set(u, event[2]),
               hn::Iota(u, event[3] + static_cast<std::uint32_t>(lane))};
    philox(w);
    box_muller(w[0], w[1], z[0], z[1]);
    box_muller(w[2], w[3], z[2], z[3]);
  }

 private:
  // Low and high words of the products of 32-bit lanes.
  static HWY_ATTR void multiply(VU x, std::uint32_t factor, VU& low, VU& high) {
    namespace hn = hwy::HWY_NAMESPACE;
    const U u;
    const hn::Repartition<std::uint64_t, U> wide;
    const VU by = hn::Set(u, factor);
    const auto even = hn::MulEven(x, by);
    const auto odd = hn::MulEven(hn::BitCast(u, hn::ShiftRight<32>(hn::BitCast(wide, x))), by);
    low = hn::OddEven(hn::BitCast(u, hn::ShiftLeft<32>(odd)), hn::BitCast(u, even));
    high = hn::OddEven(hn::BitCast(u, odd), hn::BitCast(u, hn::ShiftRight<32>(even)));
  }

  // Philox4x32-10, constants of Salmon et al. (SC'11), table 2.
  HWY_ATTR void philox(VU* w) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const U u;
    std::uint32_t k0 = key_[0], k1 = key_[1];
    for (int round = 0; round < 10; ++round) {
      VU low0 = w[0], high0 = w[0], low1 = w[0], high1 = w[0];
      multiply(w[0], 0xD2511F53U, low0, high0);
      multiply(w[2], 0xCD9E8D57U, low1, high1);
      w[0] = hn::Xor(hn::Xor(high1, w[1]), hn::Set(u, k0));
      w[2] = hn::Xor(hn::Xor(high0, w[3]), hn::Set(u, k1));
      w[1] = low1;
      w[3] = low0;
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
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

  static HWY_ATTR void box_muller(VU radius, VU angle, VF& z0, VF& z1) {
    namespace hn = hwy::HWY_NAMESPACE;
    const F f;
    const I i;
    constexpr float two_pi_per_word = 6.283185307179586F * 0x1p-32F;
    const VF unit = hn::Min(open_unit(radius), hn::Set(f, 1.0F));
    const VF r = hn::Sqrt(hn::Mul(hn::Set(f, -2.0F), hn::Log(f, unit)));
    const VF a = hn::Mul(hn::ConvertTo(f, hn::BitCast(i, angle)), hn::Set(f, two_pi_per_word));
    z0 = hn::Mul(r, hn::Cos(f, a));
    z1 = hn::Mul(r, hn::Sin(f, a));
  }

  std::array<std::uint32_t, 2> key_;
  std::uint32_t sample_, window_, tile_, column_;
};

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
