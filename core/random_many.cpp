// Numbers of many events: programming draws them for every cell, so this is as hot as a multiply.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/random_many.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/error.hpp"
#include "core/random.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::core::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using U = hn::ScalableTag<std::uint64_t>;
using F = hn::ScalableTag<double>;
using VU = hn::Vec<U>;
using VF = hn::Vec<F>;

// Constants of Philox4x32-10: Salmon et al. (SC'11), table 2.
inline constexpr std::uint32_t factor0 = 0xD2511F53U, factor1 = 0xCD9E8D57U;
inline constexpr std::uint32_t weyl0 = 0x9E3779B9U, weyl1 = 0xBB67AE85U;

// Events are worked on in blocks, step by step, so that many of them are under way at once.
inline constexpr std::size_t block = 256;
using Words = std::array<std::uint64_t, block>;
using Reals = std::array<double, block>;

// 32-bit words in lanes of 64 bits; only the lower halves count.
HWY_ATTR inline VU product(VU word, std::uint32_t factor) {
  const hn::Repartition<std::uint32_t, U> half;
  return hn::MulEven(hn::BitCast(half, word), hn::Set(half, factor));
}

HWY_ATTR inline void philox(const std::array<std::uint32_t, 2>& key, VU* w) {
  const U u;
  std::uint32_t key0 = key[0], key1 = key[1];
  for (int round = 0; round < 10; ++round, key0 += weyl0, key1 += weyl1) {
    const VU even = product(w[0], factor0), odd = product(w[2], factor1);
    w[0] = hn::Xor(hn::Xor(hn::ShiftRight<32>(odd), w[1]), hn::Set(u, key0));
    w[2] = hn::Xor(hn::Xor(hn::ShiftRight<32>(even), w[3]), hn::Set(u, key1));
    w[1] = odd;
    w[3] = even;
  }
}

// The first N words of every event of a block.
template <std::size_t N>
HWY_ATTR void draw_words(const std::array<std::uint32_t, 2>& key, const Words& id, std::uint32_t draw,
                         std::size_t count, std::array<Words, N>& words) {
  const U u;
  const VU low = hn::Set(u, 0xFFFFFFFFU);
  for (std::size_t i = 0; i < count; i += hn::Lanes(u)) {
    const VU address = hn::LoadU(u, id.data() + i);
    VU w[4] = {address, hn::ShiftRight<32>(address), hn::Set(u, draw), hn::Zero(u)};
    philox(key, w);
    for (std::size_t k = 0; k < N; ++k) hn::StoreU(hn::And(w[k], low), u, words[k].data() + i);
  }
}

// w as a double is exact: placed behind the point of 2^52.
HWY_ATTR inline VF open_unit(VU word) {
  const U u;
  const F f;
  const VF whole = hn::Sub(hn::BitCast(f, hn::Or(word, hn::Set(u, 0x4330000000000000U))), hn::Set(f, 0x1p52));
  return hn::Mul(hn::Add(whole, hn::Set(f, 0.5)), hn::Set(f, 0x1p-32));
}

// Never a fused multiply-add: the same bits on every instruction set.
template <std::size_t N>
HWY_ATTR inline VF polynomial(VF x, const std::array<double, N>& c) {
  const F f;
  VF sum = hn::Set(f, c[N - 1]);
  for (std::size_t i = N - 1; i-- > 0;) sum = hn::Add(hn::Mul(sum, x), hn::Set(f, c[i]));
  return sum;
}

// ln x, 2^-64 < x < 1, as in fdlibm (e_log.c, whose coefficients these are): x = 2^e (1 + t) with 1 + t in
// [sqrt(1/2), sqrt(2)), and ln(1 + t) = s (2 + s^2 (...)) with s = t / (2 + t).
HWY_ATTR inline VF log(VF x) {
  constexpr std::array<double, 7> series{6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                                         2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                                         1.479819860511658591e-01};
  constexpr std::uint64_t half_root = 0x3FE6A09E667F3BCD, bias = 64;
  const U u;
  const F f;
  const VU bits = hn::BitCast(u, x);
  const VU exponent = hn::ShiftRight<52>(hn::Add(bits, hn::Set(u, (bias << 52U) - half_root)));
  const VU rest = hn::Sub(hn::Add(bits, hn::Set(u, bias << 52U)), hn::ShiftLeft<52>(exponent));
  const VF t = hn::Sub(hn::BitCast(f, rest), hn::Set(f, 1.0)), s = hn::Div(t, hn::Add(t, hn::Set(f, 2.0)));
  const VF z = hn::Mul(s, s), log_rest = hn::Mul(s, hn::Add(hn::Set(f, 2.0), hn::Mul(z, polynomial(z, series))));
  const VF e = hn::Sub(hn::BitCast(f, hn::Or(exponent, hn::Set(u, 0x4330000000000000U))),
                       hn::Set(f, 0x1p52 + static_cast<double>(bias)));
  return hn::Add(hn::Mul(e, hn::Set(f, 0.6931471805599453)), log_rest);
}

// cos(2 pi x), 0 < x < 1, is sin(2 pi y) with y = |x - 1/2| - 1/4, which is exact and at most 1/4: Taylor's series,
// whose next term is below 2e-18.
HWY_ATTR inline VF cosine(VF x) {
  constexpr std::array<double, 11> series{6.283185307179586,     -41.34170224039976,   81.60524927607506,
                                          -76.70585975306139,    42.058693944897655,   -15.09464257682299,
                                          3.819952584848282,     -0.7181223017785006,  0.10422916220813984,
                                          -0.012031585942120627, 0.0011309237482517963};
  const F f;
  const VF y = hn::Sub(hn::Abs(hn::Sub(x, hn::Set(f, 0.5))), hn::Set(f, 0.25));
  return hn::Mul(y, polynomial(hn::Mul(y, y), series));
}

// sqrt(-2 ln u0) cos(2 pi u1), with the second word turned back by `turn`: a quarter makes the cosine a sine.
HWY_ATTR void box_muller(const Words& radius, const Words& angle, std::uint64_t turn, std::size_t count, Reals& out) {
  const U u;
  const F f;
  const VU back = hn::Set(u, turn), low = hn::Set(u, 0xFFFFFFFFU);
  for (std::size_t i = 0; i < count; i += hn::Lanes(u)) {
    const VF r = hn::Sqrt(hn::Mul(hn::Set(f, -2.0), log(open_unit(hn::LoadU(u, radius.data() + i)))));
    const VU turned = hn::And(hn::Sub(hn::LoadU(u, angle.data() + i), back), low);
    hn::StoreU(hn::Mul(r, cosine(open_unit(turned))), f, out.data() + i);
  }
}

HWY_ATTR void units(const Words& words, std::size_t count, Reals& out) {
  const U u;
  const F f;
  for (std::size_t i = 0; i < count; i += hn::Lanes(u))
    hn::StoreU(open_unit(hn::LoadU(u, words.data() + i)), f, out.data() + i);
}

// Calls use(first, count, ids) for every block; beyond `count` the ids are some ids, so that vectors are always full.
template <class Use>
HWY_ATTR void for_blocks(std::span<const std::uint64_t> ids, const Use& use) {
  Words id{};
  for (std::size_t first = 0; first < ids.size(); first += block) {
    const std::size_t count = std::min(block, ids.size() - first);
    std::memcpy(id.data(), ids.data() + first, count * sizeof(std::uint64_t));
    use(first, count, id);
  }
}

HWY_ATTR void first_normals(const std::array<std::uint32_t, 2>& key, std::span<const std::uint64_t> ids,
                            std::uint32_t draw, double* out) {
  std::array<Words, 2> words;
  Reals z;
  for_blocks(ids, [&](std::size_t first, std::size_t count, const Words& id) HWY_ATTR {
    draw_words(key, id, draw, count, words);
    box_muller(words[0], words[1], 0, count, z);
    std::memcpy(out + first, z.data(), count * sizeof(double));
  });
}

HWY_ATTR void all_normals(const std::array<std::uint32_t, 2>& key, std::span<const std::uint64_t> ids,
                          std::uint32_t draw, double* out) {
  std::array<Words, 4> words;
  std::array<Reals, 4> z;
  for_blocks(ids, [&](std::size_t first, std::size_t count, const Words& id) HWY_ATTR {
    draw_words(key, id, draw, count, words);
    for (std::size_t k = 0; k < 4; ++k) box_muller(words[k & 2U], words[k | 1U], (k & 1U) << 30U, count, z[k]);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; k < 4; ++k) out[4 * (first + i) + k] = z[k][i];
  });
}

HWY_ATTR void first_uniforms(const std::array<std::uint32_t, 2>& key, std::span<const std::uint64_t> ids,
                             std::uint32_t draw, double* out) {
  std::array<Words, 1> words;
  Reals x;
  for_blocks(ids, [&](std::size_t first, std::size_t count, const Words& id) HWY_ATTR {
    draw_words(key, id, draw, count, words);
    units(words[0], count, x);
    std::memcpy(out + first, x.data(), count * sizeof(double));
  });
}

}  // namespace wordline::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wordline::core {
namespace {

HWY_EXPORT(first_normals);
HWY_EXPORT(all_normals);
HWY_EXPORT(first_uniforms);

void check_room(std::size_t given, std::size_t wanted) {
  require(given == wanted, ErrorKind::value,
          {.rule = "there is room for the numbers of every event",
           .name = "out",
           .value = std::to_string(given),
           .unit = "",
           .allowed = std::to_string(wanted),
           .remedy = ""});
}

}  // namespace

void Stream::normal(std::span<const std::uint64_t> ids, std::uint32_t draw, std::span<double> out) const {
  check_room(out.size(), ids.size());
  HWY_DYNAMIC_DISPATCH(first_normals)(key_, ids, draw, out.data());
}

void Stream::normals(std::span<const std::uint64_t> ids, std::uint32_t draw, std::span<double> out) const {
  check_room(out.size(), 4 * ids.size());
  HWY_DYNAMIC_DISPATCH(all_normals)(key_, ids, draw, out.data());
}

void Stream::uniform(std::span<const std::uint64_t> ids, std::uint32_t draw, std::span<double> out) const {
  check_room(out.size(), ids.size());
  HWY_DYNAMIC_DISPATCH(first_uniforms)(key_, ids, draw, out.data());
}

}  // namespace wordline::core
#endif
