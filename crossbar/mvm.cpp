// The hot path. Everything else in this room is plain; this file is allowed to be clever.
//
// Bit-serial inputs select rows: the sixteen partial sums of every four rows are tabulated once per group of columns,
// and each cycle then adds one table entry per four rows instead of multiplying four times. Tables and sums of one
// group of 16 columns and 128 rows fit the first-level cache. The order of additions is the same for every vector
// width, hence so are the bits of noiseless bit-serial results.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crossbar/mvm.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "crossbar/convert-inl.hpp"
#include "crossbar/mvm.hpp"
#include "crossbar/noise-inl.hpp"
#include "crossbar/noise.hpp"
#include "crossbar/pack.hpp"
#include "crossbar/sums-inl.hpp"
#include "crossbar/variance-inl.hpp"
#include "crossbar/work.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using detail::chunk;
using detail::Packed;
using detail::Work;

// Up to eight planes of one vector, of the currents or of their variances.
HWY_ATTR void add_any(const Work& work, const Planes& planes, std::int64_t vector, std::int64_t words, bool variance,
                      float* sums) {
  if (variance)
    add_variances(work, planes, vector, words, sums);
  else
    add_planes<float>(work.table.get(), planes, planes.cycles, vector, words, sums);
}

// Planes of a vector's own cycles go straight to their place: what they write past it is written again by the next
// planes or vector, or lies in the slack of the buffer.
HWY_ATTR void sum_bits(const Bank& bank, const Packed& in, std::int64_t first, std::int64_t count, const Work& work,
                       bool variance, float* HWY_RESTRICT sums) {
  HWY_ALIGN float eight[detail::slack * lanes];
  const std::int64_t words = core::block_count(bank.rows, 4);
  for (std::int64_t v = 0; v < count; ++v, sums += in.cycles * lanes)
    for (const Planes& planes : in.planes) {
      float* own = sums + planes.first_cycle * lanes;
      add_any(work, planes, first + v, words, variance, planes.subtract ? eight : own);
      if (planes.subtract) merge_planes(eight, planes.cycles, !variance, own);
    }
}

// `direct`: sums are converted as they are, so that whole ones may be.
HWY_ATTR void prepare(const Bank& bank, std::int64_t group, bool direct, bool noise, Work& work) {
  if (bank.kernel != Kernel::bits) return;
  const float* rows = bank.current.data() + bank.entry(group, 0, 0);
  work.whole = direct && round_whole(rows, bank.rows, work.whole_rows.get());
  if (work.whole)
    build_tables<std::uint16_t>(work.whole_rows.get(), bank.rows, work.whole_table.get());
  else
    build_tables<float>(rows, bank.rows, work.table.get());
  if (noise) build_variances(bank, group, work);
}

HWY_ATTR void copy_solved(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                          std::int64_t count, float* sums) {
  const std::int64_t width_all = bank.groups * lanes;
  for (std::int64_t slot = 0; slot < count * in.cycles; ++slot)
    std::copy_n(in.solved.data() + (first * in.cycles + slot) * width_all + group * lanes, lanes, sums + slot * lanes);
}

// What `count` vectors from `first` on sum over rows, for one group of columns.
HWY_ATTR void sum_currents(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                           std::int64_t count, Work& work) {
  float* sums = work.sums.get();
  if (!in.solved.empty()) return copy_solved(bank, in, group, first, count, sums);
  if (bank.kernel == Kernel::bits) return sum_bits(bank, in, first, count, work, false, sums);
  const float* digits = in.digits.data() + first * in.cycles * bank.rows;
  if (bank.kernel == Kernel::linear) return sum_linear(bank, digits, count * in.cycles, group, sums);
  sum_levels(bank, bank.current, digits, count * in.cycles, group, false, sums);
}

// The variances of their driven cells.
HWY_ATTR void sum_variances(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                            std::int64_t count, Work& work) {
  float* sums = work.noise.get();
  if (bank.kernel == Kernel::bits) return sum_bits(bank, in, first, count, work, true, sums);
  const float* digits = in.digits.data() + first * in.cycles * bank.rows;
  if (bank.kernel == Kernel::linear) return sum_linear_variance(bank, digits, count * in.cycles, group, sums);
  sum_levels(bank, bank.slope, digits, count * in.cycles, group, true, sums);
}

HWY_ATTR void add_baseline(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                           std::int64_t count, float* HWY_RESTRICT sums) {
  if (in.digit_sums.empty()) return;
  for (std::int64_t slot = 0; slot < count * in.cycles; ++slot)
    for (std::int64_t lane = 0; lane < lanes; lane += width) {
      const float digits = in.digit_sums[static_cast<std::size_t>(first * in.cycles + slot)];
      float* at = sums + slot * lanes + lane;
      hn::Store(with_baseline(bank, group * lanes + lane, digits, hn::Load(f, at)), f, at);
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

// The converted quantities of `count` vectors from `first` on.
HWY_ATTR void read_chunk(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first, std::int64_t count,
                         Work& work) {
  sum_currents(bank, in, group, first, count, work);
  add_baseline(bank, in, group, first, count, work.sums.get());
  fold(in, count, false, work.sums.get());
}

// Turns the sum of the driven cells' variances, in their units, into the variance of a conversion in LSB squared.
struct Spread {
  Vec squared[parts];          // per unit
  std::vector<float> at_rest;  // [conversion][lane] of the other cells and the converter

  HWY_ATTR Spread(const Tail& tail, const Work& work) {
    const Bank& bank = tail.bank;
    const float per_unit = tail.per_unit * tail.per_unit, noise = bank.ideal_adc ? 0.0F : bank.adc_noise;
    const bool units = bank.cell_noise() && bank.kernel == Kernel::bits;
    for (std::int64_t k = 0; k < parts; ++k)
      squared[k] = hn::Mul(hn::Set(f, per_unit), units ? hn::Load(f, work.unit + k * width) : hn::Set(f, 1.0F));
    if (!bank.noisy()) return;
    for (const float gain : tail.in.idle_gains)
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const auto column = static_cast<std::size_t>(tail.group * lanes + lane);
        at_rest.push_back((bank.cell_noise() ? gain * per_unit * bank.idle[column] : 0.0F) + noise * noise);
      }
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

// Whether a converter gives code 0 for a column at rest, whatever its noise.
HWY_ATTR bool silent_at_rest(const Tail& tail, const Spread& spread) {
  const auto group = static_cast<std::size_t>(tail.group);
  if (tail.bank.low[group] > 0.0F || tail.bank.high[group] < 0.0F) return false;
  const auto stays = [](float offset, float variance) {
    return std::abs(offset) + largest_normal * std::sqrt(variance) < 0.499F;  // less than half: codes are rounded
  };
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const float offset = tail.bank.offset[group * lanes + lane];
    if (!stays(offset, 0.0F)) return false;
    for (std::size_t at = lane; at < spread.at_rest.size(); at += lanes)
      if (!stays(offset, spread.at_rest[at])) return false;
  }
  return true;
}

// Cycles of a vector that are read. Where columns at rest are silent, those after its last driven row give nothing.
HWY_INLINE HWY_ATTR std::int64_t cycles_of(const Packed& in, bool silent, std::int64_t vector) {
  return silent ? in.planes.front().driven[static_cast<std::size_t>(vector)] : in.cycles;
}

// Noise of all conversions of one vector, in place of variances in single precision, from these words.
template <Driven driven>
HWY_ATTR void scale_vector(const Spread& spread, std::int64_t conversions, const std::uint32_t* HWY_RESTRICT radius,
                           const std::uint32_t* HWY_RESTRICT angle, const std::uint16_t* HWY_RESTRICT halves,
                           float* HWY_RESTRICT noise) {
  const float* HWY_RESTRICT at_rest = spread.at_rest.data();
  for (std::int64_t c = 0; c < conversions; c += 2)
    for (std::int64_t k = 0; k < parts; ++k) {
      const NormalPair z(hn::Load(u32, radius + c / 2 * lanes + k * width),
                         hn::Load(u32, angle + c / 2 * lanes + k * width));
      for (std::int64_t i = 0; i < 2; ++i) {
        if (c + i == conversions) break;
        const std::int64_t at = (c + i) * lanes + k * width;
        const Vec cells = load_driven<driven>(halves + at, noise + at);
        const Vec variance = hn::MulAdd(cells, spread.squared[k], hn::LoadU(f, at_rest + at));
        hn::Store(hn::Mul(hn::Sqrt(hn::Mul(variance, z.square)), i == 0 ? z.first : z.second), f, noise + at);
      }
    }
}

// Variances in 16 bits that are converted as they are.
HWY_ATTR void sum_halves(const Tail& tail, bool silent, std::int64_t first, std::int64_t count, Work& work) {
  for (std::int64_t v = 0; v < count; ++v)
    for (const Planes& planes : tail.in.planes) {
      const std::int64_t cycles = silent ? cycles_of(tail.in, silent, first + v) : planes.cycles;
      add_planes<std::uint16_t>(work.half_table.get(), planes, cycles, first + v, tail.words,
                                work.half_sums.get() + (v * tail.in.cycles + planes.first_cycle) * lanes);
    }
}

template <Driven driven>
HWY_ATTR void scale_chunk(const Tail& tail, const Spread& spread, bool silent, std::int64_t first, std::int64_t count,
                          Work& work) {
  const std::int64_t conversions = std::ssize(tail.in.conversions), pairs = core::block_count(conversions, 2);
  for (std::int64_t v = 0; v < count; ++v)
    scale_vector<driven>(spread, std::min(conversions, cycles_of(tail.in, silent, first + v)),
                         work.radius.get() + v * pairs * lanes, work.angle.get() + v * pairs * lanes,
                         work.half_sums.get() + v * tail.in.cycles * lanes,
                         work.noise.get() + v * tail.in.cycles * lanes);
}

// The noise of all conversions of a chunk in LSB (units of the quantity without a converter). Words and normals are
// made in turn for all vectors: a processor would else wait for one normal after the other.
HWY_ATTR void draw_chunk(const Tail& tail, const Spread& spread, const detail::NoiseKeys& keys, bool silent,
                         std::int64_t first, std::int64_t count, Work& work) {
  const std::int64_t conversions = std::ssize(tail.in.conversions), pairs = core::block_count(conversions, 2);
  for (std::int64_t v = 0; v < count; ++v)
    draw_words(Start(keys.starts[static_cast<std::size_t>(first + v)]),
               static_cast<std::uint64_t>(tail.group * lanes / 2),
               core::block_count(std::min(conversions, cycles_of(tail.in, silent, first + v)), 2), keys,
               work.radius.get() + v * pairs * lanes, work.angle.get() + v * pairs * lanes);
  if (!tail.bank.cell_noise()) return scale_chunk<Driven::none>(tail, spread, silent, first, count, work);
  if (tail.in.direct() && work.halved) {
    sum_halves(tail, silent, first, count, work);
    return scale_chunk<Driven::halves>(tail, spread, silent, first, count, work);
  }
  sum_variances(tail.bank, tail.in, tail.group, first, count, work);
  fold(tail.in, count, true, work.noise.get());
  scale_chunk<Driven::floats>(tail, spread, silent, first, count, work);
}

HWY_ATTR std::int64_t count_valid(const Tail& tail, const Converter& adc) {
  HWY_ALIGN std::int32_t counts[lanes];
  for (std::int64_t k = 0; k < parts; ++k) hn::Store(adc.saturated[k], i32, counts + k * width);
  return std::accumulate(counts, counts + tail.bank.valid[static_cast<std::size_t>(tail.group)], std::int64_t{0});
}

// Returns the saturated conversions.
template <Adc kind, bool noisy>
HWY_ATTR std::int64_t multiply_group(const Tail& tail, const detail::NoiseKeys& keys, const Block& block, bool direct,
                                     Work& work, double* out) {
  out += tail.bank.first_output[static_cast<std::size_t>(tail.group)] * block.vectors;
  Converter adc(tail);
  const Spread spread(tail, work);
  const bool silent = kind == Adc::even && direct && tail.in.planes.size() == 1 && silent_at_rest(tail, spread);
  for (std::int64_t first = 0; first < block.vectors; first += chunk) {
    const std::int64_t count = std::min(chunk, block.vectors - first);
    if (noisy) draw_chunk(tail, spread, keys, silent, first, count, work);
    if (!direct) read_chunk(tail.bank, tail.in, tail.group, first, count, work);
    for (std::int64_t v = 0; v < count; ++v) {
      const std::int64_t slot = v * tail.in.cycles * lanes, cycles = cycles_of(tail.in, silent, first + v);
      Codes<kind, noisy> codes(tail, adc, work.noise.get() + slot, out + (first + v) * lanes, work.found);
      if (!direct) convert_sums(tail, work.sums.get() + slot, codes);
      if (direct)
        for (const Planes& planes : tail.in.planes) {
          const std::int64_t read = silent ? cycles : planes.cycles;
          if (work.whole)
            convert_planes(tail, planes, read, first + v, work.whole_table.get(), codes);
          else
            convert_planes(tail, planes, read, first + v, work.table.get(), codes);
        }
      if (cycles < tail.in.cycles) codes.finish_run();
    }
  }
  return count_valid(tail, adc);
}

template <bool noisy>
HWY_ATTR std::int64_t multiply_noisy(const Tail& tail, const detail::NoiseKeys& keys, const Block& block, bool direct,
                                     Work& work, double* out) {
  if (tail.bank.ideal_adc) return multiply_group<Adc::ideal, noisy>(tail, keys, block, direct, work, out);
  if (tail.lookup.simple()) return multiply_group<Adc::simple_edges, noisy>(tail, keys, block, direct, work, out);
  if (tail.lookup.used) return multiply_group<Adc::own_edges, noisy>(tail, keys, block, direct, work, out);
  return multiply_group<Adc::even, noisy>(tail, keys, block, direct, work, out);
}

HWY_ATTR std::int64_t multiply_all(const Bank& bank, const Block& block, const Packed& in, const core::Stream& noise,
                                   Work& work, double* out) {
  const bool direct = in.direct();
  const detail::NoiseKeys keys(noise, bank, block);
  std::int64_t saturated = 0;
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    prepare(bank, group, direct, bank.cell_noise(), work);
    const Tail tail = make_tail(bank, in, group, work);
    saturated += bank.noisy() ? multiply_noisy<true>(tail, keys, block, direct, work, out)
                              : multiply_noisy<false>(tail, keys, block, direct, work, out);
  }
  return saturated;
}

HWY_ATTR void observe_all(const Bank& bank, const Block& block, const Packed& in, Work& work, const std::size_t* which,
                          Histogram* seen) {
  const std::int64_t conversions = std::ssize(in.conversions);
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    prepare(bank, group, false, false, work);
    const std::int64_t valid = bank.valid[static_cast<std::size_t>(group)];
    for (std::int64_t first = 0; first < block.vectors; first += chunk) {
      const std::int64_t count = std::min(chunk, block.vectors - first);
      read_chunk(bank, in, group, first, count, work);
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
