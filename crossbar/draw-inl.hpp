// The noise of a chunk of vectors, for the hot path.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_DRAW_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_DRAW_INL
#undef WORDLINE_CROSSBAR_DRAW_INL
#else
#define WORDLINE_CROSSBAR_DRAW_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "crossbar/chunk-inl.hpp"
#include "crossbar/noise-inl.hpp"
#include "crossbar/tail.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using detail::Tail;

// Turns the sum of the driven cells' variances, in their units, into the variance of a conversion in LSB squared.
struct Units {
  Vec squared[parts];

  HWY_ATTR Units(const Tail& tail, const Work& work) {
    const bool units = tail.bank.cell_noise() && tail.bank.kernel == Kernel::bits;
    const Vec per_unit = hn::Set(f, tail.per_unit * tail.per_unit);
    for (std::int64_t k = 0; k < parts; ++k)
      squared[k] = units ? hn::Mul(per_unit, hn::Load(f, work.unit + k * width)) : per_unit;
  }
};

// Where the variances of driven cells are found: nowhere without noise of cells, in 16 bits or in single precision.
enum class Driven { none, halves, floats };

template <Driven driven>
HWY_INLINE HWY_ATTR Vec load_driven(const std::uint16_t* halves, const float* floats) {
  if constexpr (driven == Driven::halves)
    return hn::ConvertTo(f, hn::PromoteTo(i32, hn::Load(hn::Rebind<std::uint16_t, F>(), halves)));
  return driven == Driven::none ? hn::Zero(f) : hn::Load(f, floats);
}

// Noise of all conversions of one vector, in place of variances in single precision, from these words.
template <Driven driven>
HWY_ATTR void scale_vector(const Units& units, const float* HWY_RESTRICT at_rest, std::int64_t conversions,
                           const std::uint32_t* HWY_RESTRICT radius, const std::uint32_t* HWY_RESTRICT angle,
                           const std::uint16_t* HWY_RESTRICT halves, float* HWY_RESTRICT noise) {
  for (std::int64_t c = 0; c < conversions; c += 2)
    for (std::int64_t k = 0; k < parts; ++k) {
      const NormalPair z(hn::Load(u32, radius + c / 2 * lanes + k * width),
                         hn::Load(u32, angle + c / 2 * lanes + k * width));
      for (std::int64_t i = 0; i < 2; ++i) {
        if (c + i == conversions) break;
        const std::int64_t at = (c + i) * lanes + k * width;
        const Vec cells = load_driven<driven>(halves + at, noise + at);
        const Vec variance = hn::MulAdd(cells, units.squared[k], hn::LoadU(f, at_rest + at));
        hn::Store(hn::Mul(hn::Sqrt(hn::Mul(variance, z.square)), i == 0 ? z.first : z.second), f, noise + at);
      }
    }
}

// Variances in 16 bits that are converted as they are.
HWY_ATTR void sum_halves(const Tail& tail, std::int64_t first, std::int64_t count, Work& work) {
  for (std::int64_t v = 0; v < count; ++v)
    for (const Planes& planes : tail.in.planes)
      add_planes<std::uint16_t>(work.half_table.get(), planes, tail.cycles(planes, first + v), first + v, tail.words,
                                work.half_sums.get() + (v * tail.in.cycles + planes.first_cycle) * lanes);
}

template <Driven driven>
HWY_ATTR void scale_chunk(const Tail& tail, std::int64_t first, std::int64_t count, Work& work) {
  const Units units(tail, work);
  const std::int64_t words = core::block_count(tail.conversions(), 2) * lanes, sums = tail.in.cycles * lanes;
  for (std::int64_t v = 0; v < count; ++v)
    scale_vector<driven>(units, tail.at_rest.data(), tail.conversions(first + v), work.radius.get() + v * words,
                         work.angle.get() + v * words, work.half_sums.get() + v * sums, work.noise.get() + v * sums);
}

HWY_ATTR void draw_chunk_words(const Tail& tail, const detail::NoiseKeys& keys, std::int64_t first, std::int64_t count,
                               Work& work) {
  const std::int64_t words = core::block_count(tail.conversions(), 2) * lanes;
  for (std::int64_t v = 0; v < count; ++v)
    draw_words(Start(keys.starts[static_cast<std::size_t>(first + v)]),
               static_cast<std::uint64_t>(tail.group * lanes / 2), core::block_count(tail.conversions(first + v), 2),
               keys, work.radius.get() + v * words, work.angle.get() + v * words);
}

// The noise of all conversions of a chunk in LSB (units of the quantity without a converter). Words and normals are
// made in turn for all vectors: a processor would else wait for one normal after the other.
HWY_ATTR void draw_chunk(const Tail& tail, const detail::NoiseKeys& keys, std::int64_t first, std::int64_t count,
                         Work& work) {
  draw_chunk_words(tail, keys, first, count, work);
  if (!tail.bank.cell_noise()) return scale_chunk<Driven::none>(tail, first, count, work);
  if (tail.direct && work.halved) {
    sum_halves(tail, first, count, work);
    return scale_chunk<Driven::halves>(tail, first, count, work);
  }
  sum_variances(tail.bank, tail.in, tail.group, first, count, work);
  fold(tail.in, count, true, work.noise.get());
  scale_chunk<Driven::floats>(tail, first, count, work);
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
