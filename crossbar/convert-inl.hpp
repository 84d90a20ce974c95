// Conversion of sums into codes for the hot path: baseline, converter, shift-and-add.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_CONVERT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_CONVERT_INL
#undef WORDLINE_CROSSBAR_CONVERT_INL
#else
#define WORDLINE_CROSSBAR_CONVERT_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "crossbar/sums-inl.hpp"
#include "crossbar/tail.hpp"
#include "crossbar/transfer-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using detail::Adc;
using detail::Tail;

// The converters of a group of columns.
struct Converter {
  Vec slope[parts], offset[parts], low, high;  // codes per unit of the quantity, LSB, codes
  Int saturated[parts];                        // conversions of each column that hit an end of the range

  HWY_ATTR explicit Converter(const Tail& tail) {
    const Bank& bank = tail.bank;
    const Vec per_unit = hn::Set(f, tail.per_unit);
    for (std::int64_t k = 0; k < parts; ++k) {
      const auto column = static_cast<std::size_t>(tail.group * lanes + k * width);
      slope[k] = hn::MulAdd(per_unit, hn::LoadU(f, &bank.gain[column]), per_unit);
      offset[k] = hn::LoadU(f, &bank.offset[column]);
      saturated[k] = hn::Zero(i32);
    }
    low = hn::Set(f, bank.low[static_cast<std::size_t>(tail.group)]);
    high = hn::Set(f, bank.high[static_cast<std::size_t>(tail.group)]);
  }
};

// What a converter rounds, for part k of the columns, in codes.
template <bool noisy>
HWY_INLINE HWY_ATTR Vec exact_code(const Converter& adc, Vec x, const float* noise, std::int64_t k) {
  const Vec code = hn::MulAdd(x, adc.slope[k], adc.offset[k]);
  return noisy ? hn::Add(code, hn::Load(f, noise + k * width)) : code;
}

// The nearest code in the range. Takes one from `hits` where it ends at the range.
HWY_INLINE HWY_ATTR Vec nearest_code(const Converter& adc, Vec code, Int& hits) {
  const Vec whole = hn::Round(code), clipped = hn::Min(hn::Max(whole, adc.low), adc.high);
  hits = hn::Add(hits, hn::BitCast(i32, hn::VecFromMask(f, hn::Ne(clipped, whole))));
  return clipped;
}

// One conversion of part k of the columns: a code, or the quantity itself without a converter.
template <Adc kind, bool noisy>
HWY_INLINE HWY_ATTR Vec convert(const Tail& tail, const Converter& adc, Vec x, const float* noise, std::int64_t k,
                                Int* hits) {
  if constexpr (kind == Adc::ideal) return noisy ? hn::Add(x, hn::Load(f, noise + k * width)) : x;
  const Vec code = exact_code<noisy>(adc, x, noise, k), nearest = nearest_code(adc, code, hits[k]);
  return kind == Adc::own_edges ? look_up(tail.lookup, code, k * width) : nearest;
}

// Adds sum * scale to `out`, in double.
HWY_INLINE HWY_ATTR void flush(Vec sum, const double* HWY_RESTRICT scale, double* HWY_RESTRICT out) {
  const hn::Half<F> half;
  const hn::Rebind<double, hn::Half<F>> d;
  const auto first = hn::PromoteTo(d, hn::LowerHalf(half, sum)), second = hn::PromoteTo(d, hn::UpperHalf(half, sum));
  constexpr std::int64_t at = width / 2;
  hn::StoreU(hn::Add(hn::LoadU(d, out), hn::Mul(hn::LoadU(d, scale), first)), d, out);
  hn::StoreU(hn::Add(hn::LoadU(d, out + at), hn::Mul(hn::LoadU(d, scale + at), second)), d, out + at);
}

// Conversion and shift-and-add of one vector, whose conversions come in their order.
template <Adc kind, bool noisy>
struct Codes {
  const Tail& tail;
  Converter& adc;
  const float* HWY_RESTRICT weights;
  const std::int64_t* runs;
  const float* HWY_RESTRICT noise;
  double* HWY_RESTRICT out;
  const Places found;
  Vec sum[parts];
  std::int64_t first = 0;  // conversion of this run

  HWY_INLINE HWY_ATTR Codes(const Tail& t, Converter& a, const float* n, double* o, const detail::Found& found_of)
      : tail(t),
        adc(a),
        weights(t.in.weights.data()),
        runs(t.in.runs.data()),
        noise(n),
        out(o),
        found{found_of.place.get(), found_of.bucket.get()} {
    clear();
  }
  HWY_INLINE HWY_ATTR void clear() {
    for (std::int64_t k = 0; k < parts; ++k) sum[k] = hn::Zero(f);
  }
  // Conversion c of all columns.
  HWY_INLINE HWY_ATTR void add(const Vec* x, std::int64_t c, Int* hits) {
    if constexpr (kind == Adc::simple_edges) return add_places(x, c, hits);
    const Vec weight = hn::Set(f, weights[c]);
    for (std::int64_t k = 0; k < parts; ++k)
      sum[k] = hn::MulAdd(convert<kind, noisy>(tail, adc, x[k], noise + c * lanes, k, hits), weight, sum[k]);
  }
  HWY_INLINE HWY_ATTR void add_places(const Vec* x, std::int64_t c, Int* hits) {
    for (std::int64_t k = 0; k < parts; ++k) {
      const Vec code = exact_code<noisy>(adc, x[k], noise + c * lanes, k);
      nearest_code(adc, code, hits[k]);
      find_code(tail.lookup, code, k * width, found, c * lanes + k * width);
    }
  }
  HWY_INLINE HWY_ATTR void add_codes(std::int64_t c) {
    const Vec weight = hn::Set(f, weights[c]);
    for (std::int64_t k = 0; k < parts; ++k)
      sum[k] = hn::MulAdd(found_code(tail.lookup, found, c * lanes + k * width, k * width), weight, sum[k]);
  }
  // The first `count` of at most `most` conversions from c on, [conversion][part].
  template <std::int64_t most>
  HWY_INLINE HWY_ATTR void add_all(const Vec* x, std::int64_t c, std::int64_t count) {
    Int hits[parts];
    for (std::int64_t k = 0; k < parts; ++k) hits[k] = hn::Zero(i32);
    if (count == most && c + most <= *runs) {
      HWY_UNROLL(8)
      for (std::int64_t i = 0; i < most; ++i) add(x + i * parts, c + i, hits);
      if (c + most == *runs) finish_run();
    } else {
      HWY_UNROLL(8)
      for (std::int64_t i = 0; i < most; ++i) {
        if (i >= count) break;
        add(x + i * parts, c + i, hits);
        if (c + i + 1 == *runs) finish_run();
      }
    }
    for (std::int64_t k = 0; k < parts; ++k) adc.saturated[k] = hn::Sub(adc.saturated[k], hits[k]);
  }
  HWY_INLINE HWY_ATTR void finish_run() {
    if constexpr (kind == Adc::simple_edges)
      for (; first < *runs; ++first) add_codes(first);
    for (std::int64_t k = 0; k < parts; ++k) flush(sum[k], tail.scale + k * width, out + k * width);
    clear();
    ++runs;
  }
};

// Adds baselines to the sums of `planes` planes, [plane][part]; `digits` are their sums.
HWY_INLINE HWY_ATTR void add_baselines(const Tail& tail, const float* digits, std::int64_t planes, Vec* s) {
  HWY_UNROLL(8)
  for (std::int64_t p = 0; p < Entries<float>::together; ++p) {
    if (p >= planes) break;
    for (std::int64_t k = 0; k < parts; ++k)
      s[p * parts + k] = with_baseline(tail.bank, tail.group * lanes + k * width, digits[p], s[p * parts + k]);
  }
}

// Sums of one plane in single precision: they are, or are whole numbers in 16 bits that fill one vector or two.
template <class V>
HWY_INLINE HWY_ATTR void to_floats(const V* s, Vec* x) {
  const hn::DFromV<V> d;
  if constexpr (sizeof(hn::TFromD<decltype(d)>) == sizeof(float)) {
    for (std::int64_t k = 0; k < parts; ++k) x[k] = s[k];
  } else if constexpr (hn::MaxLanes(d) == width) {
    for (std::int64_t k = 0; k < parts; ++k)
      x[k] = hn::ConvertTo(f, hn::PromoteTo(i32, hn::BitCast(hn::RebindToSigned<decltype(d)>(), s[k])));
  } else {
    const hn::Half<hn::RebindToSigned<hn::DFromV<V>>> half;
    for (std::int64_t k = 0; k < parts; k += 2) {
      const auto whole = hn::BitCast(hn::RebindToSigned<decltype(d)>(), s[k / 2]);
      x[k] = hn::ConvertTo(f, hn::PromoteTo(i32, hn::LowerHalf(half, whole)));
      x[k + 1] = hn::ConvertTo(f, hn::PromoteTo(i32, hn::UpperHalf(half, whole)));
    }
  }
}

// Sums of bits are converted where they are made, in registers: those of the first `cycles` planes.
template <class T, class Sink>
HWY_INLINE HWY_ATTR void convert_planes(const Tail& tail, const Planes& planes, std::int64_t cycles,
                                        std::int64_t vector, const T* table, Sink& codes) {
  constexpr std::int64_t together = Entries<T>::together, some = Entries<float>::together;
  static_assert(together % some == 0);
  for (std::int64_t plane = 0; plane < cycles; plane += together) {
    typename Entries<T>::V s[in_flight];
    add_entries(table, planes.words.data() + vector * tail.words, tail.words, plane, s);
    HWY_UNROLL(4)
    for (std::int64_t first = 0; first < together; first += some) {
      if (plane + first >= cycles) break;
      Vec x[in_flight];
      HWY_UNROLL(8)
      for (std::int64_t p = 0; p < some; ++p) to_floats(s + (first + p) * Entries<T>::parts, x + p * parts);
      const std::int64_t c = planes.first_cycle + plane + first, count = std::min(some, cycles - plane - first);
      if (!tail.in.digit_sums.empty())
        add_baselines(tail, tail.in.digit_sums.data() + vector * tail.in.cycles + c, count, x);
      codes.template add_all<some>(x, c, count);
    }
  }
}

// Conversion of sums in memory.
template <class Sink>
HWY_INLINE HWY_ATTR void convert_sums(const Tail& tail, const float* HWY_RESTRICT sums, Sink& codes) {
  for (std::int64_t c = 0; c < std::ssize(tail.in.conversions); ++c) {
    Vec x[parts];
    for (std::int64_t k = 0; k < parts; ++k) x[k] = hn::Load(f, sums + c * lanes + k * width);
    codes.template add_all<1>(x, c, 1);
  }
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
