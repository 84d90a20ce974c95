// The hot path. Everything else in this room is plain; this file is allowed to be clever.
//
// Bit-serial inputs select rows: the sixteen partial sums of every four rows are tabulated once per group of columns,
// and each cycle then adds one table entry per four rows instead of multiplying four times. Tables and sums of one
// group of 16 columns and 128 rows fit the first-level cache. The order of additions is the same for every vector
// width, hence so are the bits of noiseless bit-serial results.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crossbar/mvm.cpp"
// Three widths are enough on x86; the scalar fallback of old Highway versions lacks widening products.
#if defined(__x86_64__)
#define HWY_BASELINE_TARGETS HWY_SSSE3
#define HWY_DISABLED_TARGETS (HWY_SSE4 | HWY_AVX3_DL)
#endif
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "crossbar/mvm.hpp"
#include "crossbar/noise-inl.hpp"
#include "crossbar/pack.hpp"
#include "crossbar/sums-inl.hpp"
#include "crossbar/transfer-inl.hpp"
#include "crossbar/work.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using detail::chunk;
using detail::Packed;
using detail::Work;

// Planes of a vector's own cycles go straight to their place: what they write past it is written again by the next
// planes or vector, or lies in the slack of the buffer.
HWY_ATTR void sum_bits(const Bank& bank, const Packed& in, std::int64_t first, std::int64_t count, const float* tables,
                       bool variance, float* HWY_RESTRICT sums) {
  HWY_ALIGN float eight[detail::slack * lanes];
  const std::int64_t words = core::block_count(bank.rows, 4);
  for (std::int64_t v = 0; v < count; ++v, sums += in.cycles * lanes)
    for (const Planes& planes : in.planes) {
      float* own = sums + planes.first_cycle * lanes;
      add_planes(tables, planes, first + v, words, planes.subtract ? eight : own);
      if (planes.subtract) merge_planes(eight, planes.cycles, !variance, own);
    }
}

HWY_ATTR void prepare(const Bank& bank, std::int64_t group, Work& work) {
  if (bank.kernel != Kernel::bits) return;
  build_tables(bank.current.data() + bank.entry(group, 0, 0), bank.rows, work.table.get());
  if (bank.cell_noise())
    build_tables(bank.slope.data() + bank.entry(group, 0, 0), bank.rows, work.variance_table.get());
}

HWY_ATTR void copy_solved(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                          std::int64_t count, float* sums) {
  const std::int64_t width_all = bank.groups * lanes;
  for (std::int64_t slot = 0; slot < count * in.cycles; ++slot)
    std::copy_n(in.solved.data() + (first * in.cycles + slot) * width_all + group * lanes, lanes, sums + slot * lanes);
}

// Sums and variances of `count` vectors from `first` on, for one group of columns.
HWY_ATTR void accumulate(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first, std::int64_t count,
                         bool noise, Work& work) {
  if (bank.kernel == Kernel::bits) {
    sum_bits(bank, in, first, count, work.table.get(), false, work.sums.get());
    if (noise) sum_bits(bank, in, first, count, work.variance_table.get(), true, work.variances.get());
    return;
  }
  const float* digits = in.digits.data() + first * in.cycles * bank.rows;
  const std::int64_t slots = count * in.cycles;
  if (bank.kernel == Kernel::linear) {
    sum_linear(bank, digits, slots, group, work.sums.get());
    if (noise) sum_linear_variance(bank, digits, slots, group, work.variances.get());
  } else {
    sum_levels(bank, bank.current, digits, slots, group, false, work.sums.get());
    if (noise) sum_levels(bank, bank.slope, digits, slots, group, true, work.variances.get());
  }
}

// The same for arrays that are solved: their own sums in place of those over rows.
HWY_ATTR void accumulate_any(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                             std::int64_t count, bool noise, Work& work) {
  if (in.solved.empty() || noise) accumulate(bank, in, group, first, count, noise, work);
  if (!in.solved.empty()) copy_solved(bank, in, group, first, count, work.sums.get());
}

HWY_ATTR void add_baseline(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                           std::int64_t count, float* HWY_RESTRICT sums) {
  if (in.digit_sums.empty()) return;
  for (std::int64_t slot = 0; slot < count * in.cycles; ++slot) {
    const Vec digits = hn::Set(f, in.digit_sums[static_cast<std::size_t>(first * in.cycles + slot)]);
    for (std::int64_t lane = 0; lane < lanes; lane += width) {
      const Vec baseline = hn::LoadU(f, &bank.baseline[static_cast<std::size_t>(group * lanes + lane)]);
      float* at = sums + slot * lanes + lane;
      hn::Store(hn::Add(hn::Load(f, at), hn::Mul(baseline, digits)), f, at);
    }
  }
}

// Weighs and adds the cycles of every conversion in place: slots of cycles become slots of conversions. Gains are
// powers of two, so whole numbers stay exact up to 2^24.
HWY_ATTR void fold(const Packed& in, std::int64_t count, bool variance, float* HWY_RESTRICT slots) {
  if (!in.accumulated()) return;
  for (std::int64_t v = 0; v < count; ++v)
    for (std::size_t c = 0; c < in.conversions.size(); ++c)
      for (std::int64_t lane = 0; lane < lanes; lane += width) {
        float* vector = slots + v * in.cycles * lanes + lane;
        Vec sum = hn::Zero(f);
        for (std::int64_t k = in.conversions[c].first; k < in.conversions[c].first + in.conversions[c].count; ++k) {
          const float gain = in.gains[static_cast<std::size_t>(k)];
          sum = hn::MulAdd(hn::Set(f, variance ? gain * gain : gain), hn::Load(f, vector + k * lanes), sum);
        }
        hn::Store(sum, f, vector + static_cast<std::int64_t>(c) * lanes);
      }
}

// The converted quantities of `count` vectors from `first` on, and their cells' variances without the idle part.
HWY_ATTR void read_chunk(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first, std::int64_t count,
                         bool noise, Work& work) {
  accumulate_any(bank, in, group, first, count, noise, work);
  add_baseline(bank, in, group, first, count, work.sums.get());
  fold(in, count, false, work.sums.get());
  if (noise) fold(in, count, true, work.variances.get());
}

// Everything of one group of columns that does not change from vector to vector.
struct Tail {
  const Bank& bank;
  const Packed& in;
  std::int64_t group;
  RoundKeys keys;
  bool cell_noise;
  float per_unit;       // codes per unit of the converted quantity, before errors of gain
  double scale[lanes];  // digital sum per summed code
  detail::Lookup lookup;
};

HWY_ATTR Tail make_tail(const Bank& bank, const Packed& in, std::int64_t group, const core::Stream& noise, Work& work) {
  const auto g = static_cast<std::size_t>(group);
  Tail tail{bank,
            in,
            group,
            RoundKeys(noise.key()),
            bank.cell_noise(),
            1.0F / bank.step[g],
            {},
            detail::make_lookup(bank, group, work.store)};
  for (std::int64_t lane = 0; lane < lanes; ++lane)
    tail.scale[lane] =
        bank.worth[static_cast<std::size_t>(group * lanes + lane)] * (bank.ideal_adc ? 1.0 : double{bank.step[g]});
  return tail;
}

// Converters with nothing but a range, with edges of their own, or none at all.
enum class Adc { even, own_edges, ideal };

// What the converters of `width` columns keep in registers.
struct Converter {
  Vec slope, offset, low, high;   // codes per unit of the quantity, LSB, codes
  Vec idle, squared, own;         // idle variance, LSB squared per unit squared, the converter's own variance
  Int saturated = hn::Zero(i32);  // conversions of each column that hit an end of the range

  HWY_ATTR Converter(const Tail& tail, std::int64_t lane) {
    const Bank& bank = tail.bank;
    const auto g = static_cast<std::size_t>(tail.group);
    const auto column = static_cast<std::size_t>(tail.group * lanes + lane);
    const Vec per_unit = hn::Set(f, tail.per_unit);
    slope = hn::MulAdd(per_unit, hn::LoadU(f, &bank.gain[column]), per_unit);
    offset = hn::LoadU(f, &bank.offset[column]);
    low = hn::Set(f, bank.low[g]);
    high = hn::Set(f, bank.high[g]);
    idle = tail.cell_noise ? hn::LoadU(f, &bank.idle[column]) : hn::Zero(f);
    squared = hn::Mul(per_unit, per_unit);
    own = hn::Set(f, bank.adc_noise * bank.adc_noise);
  }
};

// Normals of all conversions of `width` columns of one vector.
HWY_ATTR void draw_all(const Normals& normals, std::int64_t conversions, std::int64_t lane, Work& work) {
  NormalParts<Vec> z;
  for (std::int64_t first = 0; first < conversions; first += 4) {
    normals.draw(static_cast<std::uint32_t>(first / 4), lane, z);
    for (std::int64_t k = 0; k < 4; ++k) {
      hn::Store(z.square[k / 2], f, work.squares.get() + (first + k) * lanes + lane);
      hn::Store(z.direction[k], f, work.directions.get() + (first + k) * lanes + lane);
    }
  }
}

// The noise of conversion c of `width` columns: the square root of variance x square, in a direction.
struct Noise {
  const float* HWY_RESTRICT variances;  // null without noise of cells
  const float* HWY_RESTRICT squares;
  const float* HWY_RESTRICT directions;
  const float* HWY_RESTRICT idle_gains;

  HWY_ATTR Vec variance(const Converter& adc, std::int64_t c) const {
    if (variances == nullptr) return hn::Zero(f);
    return hn::MulAdd(hn::Set(f, idle_gains[c]), adc.idle, hn::Load(f, variances + c * lanes));
  }
  HWY_ATTR Vec add_to(Vec x, Vec variance, std::int64_t c) const {
    const Vec size = hn::Sqrt(hn::Mul(variance, hn::Load(f, squares + c * lanes)));
    return hn::MulAdd(size, hn::Load(f, directions + c * lanes), x);
  }
};

// Conversion c of `width` columns: a code, or the quantity itself without a converter.
template <Adc kind, bool noisy>
HWY_ATTR Vec convert(const Tail& tail, Converter& adc, const Noise& noise, Vec x, std::int64_t c, std::int64_t lane) {
  if constexpr (kind == Adc::ideal) return noisy ? noise.add_to(x, noise.variance(adc, c), c) : x;
  Vec code = hn::MulAdd(x, adc.slope, adc.offset);
  if constexpr (noisy) code = noise.add_to(code, hn::MulAdd(noise.variance(adc, c), adc.squared, adc.own), c);
  const Vec whole = hn::Round(code), clipped = hn::Min(hn::Max(whole, adc.low), adc.high);
  adc.saturated = hn::Sub(adc.saturated, hn::BitCast(i32, hn::VecFromMask(f, hn::Ne(clipped, whole))));
  if constexpr (kind == Adc::own_edges) return look_up(tail.lookup, code, lane);
  return clipped;
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

// Shift-and-add of all conversions of `width` columns of one vector.
template <Adc kind, bool noisy>
HWY_ATTR void finish(const Tail& tail, Converter& adc, const float* HWY_RESTRICT sums, const Noise& noise,
                     std::int64_t lane, double* HWY_RESTRICT out) {
  const float* HWY_RESTRICT weights = tail.in.weights.data();
  std::int64_t c = 0;
  for (const std::int64_t end : tail.in.runs) {
    Vec sum = hn::Zero(f);
    for (; c < end; ++c) {
      const Vec code = convert<kind, noisy>(tail, adc, noise, hn::Load(f, sums + c * lanes), c, lane);
      sum = hn::MulAdd(code, hn::Set(f, weights[c]), sum);
    }
    flush(sum, tail.scale + lane, out);
  }
}

HWY_ATTR std::int64_t count_valid(const Tail& tail, Int saturated, std::int64_t lane) {
  HWY_ALIGN std::int32_t counts[lanes];
  hn::Store(saturated, i32, counts);
  const std::int64_t valid = tail.bank.valid[static_cast<std::size_t>(tail.group)] - lane;
  return std::accumulate(counts, counts + std::clamp<std::int64_t>(valid, 0, width), std::int64_t{0});
}

// Where the noise of vector `v` of a chunk that starts at `first` is, with its normals drawn.
HWY_ATTR Noise make_noise(const Tail& tail, const Block& block, std::int64_t first, std::int64_t v, std::int64_t lane,
                          Work& work) {
  const auto at = static_cast<std::size_t>(first + v);
  const Normals normals(tail.keys, block.sample[at], block.window[at], tail.bank.index,
                        static_cast<std::uint32_t>(tail.group * lanes));
  draw_all(normals, std::ssize(tail.in.conversions), lane, work);
  const float* variances = work.variances.get() + v * tail.in.cycles * lanes + lane;
  return {tail.cell_noise ? variances : nullptr, work.squares.get() + lane, work.directions.get() + lane,
          tail.in.idle_gains.data()};
}

// Returns the saturated conversions.
template <Adc kind, bool noisy>
HWY_ATTR std::int64_t finish_chunk(const Tail& tail, const Block& block, std::int64_t first, std::int64_t count,
                                   Work& work, double* out) {
  const std::int64_t output = tail.bank.first_output[static_cast<std::size_t>(tail.group)];
  std::int64_t saturated = 0;
  for (std::int64_t lane = 0; lane < lanes; lane += width) {
    Converter adc(tail, lane);
    for (std::int64_t v = 0; v < count; ++v) {
      const Noise noise = noisy ? make_noise(tail, block, first, v, lane, work) : Noise{};
      finish<kind, noisy>(tail, adc, work.sums.get() + v * tail.in.cycles * lanes + lane, noise, lane,
                          out + (first + v) * tail.bank.outputs + output + lane);
    }
    saturated += count_valid(tail, adc.saturated, lane);
  }
  return saturated;
}

template <Adc kind, bool noisy>
HWY_ATTR std::int64_t multiply_group(const Tail& tail, const Block& block, Work& work, double* out) {
  std::int64_t saturated = 0;
  for (std::int64_t first = 0; first < block.vectors; first += chunk) {
    const std::int64_t count = std::min(chunk, block.vectors - first);
    read_chunk(tail.bank, tail.in, tail.group, first, count, tail.cell_noise, work);
    saturated += finish_chunk<kind, noisy>(tail, block, first, count, work, out);
  }
  return saturated;
}

template <bool noisy>
HWY_ATTR std::int64_t multiply_noisy(const Tail& tail, const Block& block, Work& work, double* out) {
  if (tail.bank.ideal_adc) return multiply_group<Adc::ideal, noisy>(tail, block, work, out);
  if (tail.lookup.used) return multiply_group<Adc::own_edges, noisy>(tail, block, work, out);
  return multiply_group<Adc::even, noisy>(tail, block, work, out);
}

HWY_ATTR std::int64_t multiply_all(const Bank& bank, const Block& block, const Packed& in, const core::Stream& noise,
                                   Work& work, double* out) {
  const bool noisy = bank.cell_noise() || bank.adc_noise > 0.0F;
  std::int64_t saturated = 0;
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    prepare(bank, group, work);
    const Tail tail = make_tail(bank, in, group, noise, work);
    saturated += noisy ? multiply_noisy<true>(tail, block, work, out) : multiply_noisy<false>(tail, block, work, out);
  }
  return saturated;
}

HWY_ATTR void observe_all(const Bank& bank, const Block& block, const Packed& in, Work& work, const std::size_t* which,
                          Histogram* seen) {
  const std::int64_t conversions = std::ssize(in.conversions);
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    prepare(bank, group, work);
    const std::int64_t valid = bank.valid[static_cast<std::size_t>(group)];
    for (std::int64_t first = 0; first < block.vectors; first += chunk) {
      const std::int64_t count = std::min(chunk, block.vectors - first);
      read_chunk(bank, in, group, first, count, false, work);
      for (std::int64_t v = 0; v < count; ++v)
        for (std::int64_t at = v * in.cycles; at < v * in.cycles + conversions; ++at)
          for (std::int64_t lane = 0; lane < valid; ++lane)
            seen[which[group]].add(static_cast<double>(work.sums[static_cast<std::size_t>(at * lanes + lane)]));
    }
  }
}

const char* target_name() { return hwy::TargetName(HWY_TARGET); }

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wordline::crossbar {
namespace {

HWY_EXPORT(multiply_all);
HWY_EXPORT(observe_all);
HWY_EXPORT(target_name);

}  // namespace

void solve(const Bank& bank, Block& block) {
  if (!bank.solved) return;
  const std::vector<float> digits = pack_digits(bank, block);
  const std::int64_t slots = block.vectors * std::ssize(bank.code.cycles());
  block.solved.resize(static_cast<std::size_t>(slots * bank.groups * lanes));
  bank.solved->sums(digits, block.solved);
}

std::int64_t multiply(const Bank& bank, const Block& block, const core::Stream& noise, std::span<double> out) {
  const detail::Packed in = detail::pack(bank, block);
  detail::Work work = detail::make_work(bank, in.cycles);
  return HWY_DYNAMIC_DISPATCH(multiply_all)(bank, block, in, noise, work, out.data());
}

void observe(const Bank& bank, const Block& block, std::span<const std::size_t> which, std::span<Histogram> seen) {
  const detail::Packed in = detail::pack(bank, block);
  detail::Work work = detail::make_work(bank, in.cycles);
  HWY_DYNAMIC_DISPATCH(observe_all)(bank, block, in, work, which.data(), seen.data());
}

const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

}  // namespace wordline::crossbar
#endif
