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
#include <hwy/aligned_allocator.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "crossbar/mvm.hpp"
#include "crossbar/noise-inl.hpp"
#include "crossbar/pack.hpp"

#ifndef WORDLINE_CROSSBAR_MVM_ONCE
#define WORDLINE_CROSSBAR_MVM_ONCE
namespace wordline::crossbar::detail {

// Vectors read together; keeps several sums in flight and the buffers in cache.
inline constexpr std::int64_t chunk = 8;

// What the inputs look like to the kernels, made once per block for all groups.
struct Packed {
  std::vector<Cycle> cycles;
  std::vector<Planes> planes;      // Drive::bits
  std::vector<float> digits;       // other drives
  std::vector<float> digit_sums;   // where a baseline is converted
};

// Scratch of one group of columns.
struct Work {
  hwy::AlignedFreeUniquePtr<float[]> table, variance_table;  // [ceil(rows/4)][16][lanes]
  hwy::AlignedFreeUniquePtr<float[]> sums, variances;        // [chunk][cycle][lanes]
};

}  // namespace wordline::crossbar::detail
#endif

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using detail::chunk;
using detail::Packed;
using detail::Work;

using F = hn::CappedTag<float, lanes>;
using Vec = hn::Vec<F>;
constexpr F f;
constexpr std::int64_t width = static_cast<std::int64_t>(hn::MaxLanes(F()));

// Entry m of a table is the sum of the rows whose bit is set in m, built from the entry without its highest row.
HWY_ATTR void build_table(const float* HWY_RESTRICT rows, std::int64_t count, float* HWY_RESTRICT table) {
  for (std::int64_t lane = 0; lane < lanes; lane += width) {
    hn::Store(hn::Zero(f), f, table + lane);
    for (std::int64_t row = 0; row < 4; ++row)
      for (std::int64_t m = std::int64_t{1} << row; m < std::int64_t{2} << row; ++m) {
        const Vec below = hn::Load(f, table + (m - (std::int64_t{1} << row)) * lanes + lane);
        const Vec added = row < count ? hn::LoadU(f, rows + row * lanes + lane) : hn::Zero(f);
        hn::Store(hn::Add(below, added), f, table + m * lanes + lane);
      }
  }
}

HWY_ATTR void build_tables(const float* rows, std::int64_t count, float* tables) {
  for (std::int64_t row = 0; row < count; row += 4)
    build_table(rows + row * lanes, count - row, tables + row / 4 * 16 * lanes);
}

// Eight cycles of one vector: one table entry per four rows and cycle. `sums` [8][lanes].
HWY_ATTR void add_planes(const float* HWY_RESTRICT tables, const std::uint64_t* HWY_RESTRICT words,
                         std::int64_t count, float* HWY_RESTRICT sums) {
  for (std::int64_t lane = 0; lane < lanes; lane += width) {
    Vec s0 = hn::Zero(f), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    const float* HWY_RESTRICT table = tables + lane;
    for (std::int64_t i = 0; i < count; ++i, table += 16 * lanes) {
      const std::uint64_t w = words[i];
      const auto entry = [&](unsigned p) HWY_ATTR { return hn::Load(f, table + (w >> (8 * p) & 15U) * lanes); };
      s0 = hn::Add(s0, entry(0));
      s1 = hn::Add(s1, entry(1));
      s2 = hn::Add(s2, entry(2));
      s3 = hn::Add(s3, entry(3));
      s4 = hn::Add(s4, entry(4));
      s5 = hn::Add(s5, entry(5));
      s6 = hn::Add(s6, entry(6));
      s7 = hn::Add(s7, entry(7));
    }
    hn::Store(s0, f, sums + lane);
    hn::Store(s1, f, sums + lanes + lane);
    hn::Store(s2, f, sums + 2 * lanes + lane);
    hn::Store(s3, f, sums + 3 * lanes + lane);
    hn::Store(s4, f, sums + 4 * lanes + lane);
    hn::Store(s5, f, sums + 5 * lanes + lane);
    hn::Store(s6, f, sums + 6 * lanes + lane);
    hn::Store(s7, f, sums + 7 * lanes + lane);
  }
}

// Adds (or takes away) one vector's eight plane sums to its cycles.
HWY_ATTR void merge_planes(const float* HWY_RESTRICT eight, std::int64_t cycles, bool subtract,
                           float* HWY_RESTRICT sums) {
  for (std::int64_t i = 0; i < cycles * lanes; i += width) {
    const Vec before = hn::Load(f, sums + i), part = hn::Load(f, eight + i);
    hn::Store(subtract ? hn::Sub(before, part) : hn::Add(before, part), f, sums + i);
  }
}

HWY_ATTR void sum_bits(const Bank& bank, const Packed& in, std::int64_t first, std::int64_t count, const float* tables,
                       bool variance, float* sums) {
  HWY_ALIGN float eight[8 * lanes];
  const std::int64_t words = core::block_count(bank.rows, 4);
  const auto stride = static_cast<std::int64_t>(in.cycles.size()) * lanes;
  std::fill_n(sums, count * stride, 0.0F);
  for (const Planes& planes : in.planes)
    for (std::int64_t v = 0; v < count; ++v) {
      add_planes(tables, planes.words.data() + (first + v) * words, words, eight);
      merge_planes(eight, planes.cycles, planes.subtract && !variance, sums + v * stride + planes.first_cycle * lanes);
    }
}

// Eight (vector, cycle) slots at once: sums[slot] = sum over rows of term(digit, row).
template <class Term>
HWY_ATTR void sum_slots(const float* HWY_RESTRICT digits, std::int64_t rows, std::int64_t slots, const Term& term,
                        float* HWY_RESTRICT sums) {
  for (std::int64_t slot = 0; slot < slots; ++slot)
    for (std::int64_t lane = 0; lane < lanes; lane += width) {
      // Four partial sums hide the latency of an addition; their order is fixed.
      Vec s[4] = {hn::Zero(f), hn::Zero(f), hn::Zero(f), hn::Zero(f)};
      const float* HWY_RESTRICT d = digits + slot * rows;
      std::int64_t row = 0;
      for (; row + 4 <= rows; row += 4)
        for (std::int64_t i = 0; i < 4; ++i) s[i] = term(s[i], d[row + i], row + i, lane);
      for (; row < rows; ++row) s[0] = term(s[0], d[row], row, lane);
      hn::Store(hn::Add(hn::Add(s[0], s[1]), hn::Add(s[2], s[3])), f, sums + slot * lanes + lane);
    }
}

HWY_ATTR void sum_linear(const Bank& bank, const float* digits, std::int64_t slots, std::int64_t group, float* sums) {
  const float* HWY_RESTRICT table = bank.current.data() + bank.entry(group, 0, 0);
  sum_slots(digits, bank.rows, slots, [=](Vec s, float d, std::int64_t row, std::int64_t lane) HWY_ATTR {
    return hn::MulAdd(hn::Set(f, d), hn::LoadU(f, table + row * lanes + lane), s);
  }, sums);
}

HWY_ATTR void sum_linear_variance(const Bank& bank, const float* digits, std::int64_t slots, std::int64_t group,
                                  float* sums) {
  const float* HWY_RESTRICT slope = bank.slope.data() + bank.entry(group, 0, 0);
  const float* HWY_RESTRICT square = bank.square.data() + bank.entry(group, 0, 0);
  sum_slots(digits, bank.rows, slots, [=](Vec s, float d, std::int64_t row, std::int64_t lane) HWY_ATTR {
    const Vec size = hn::Set(f, d < 0.0F ? -d : d);
    const std::int64_t at = row * lanes + lane;
    const Vec per_digit = hn::MulAdd(size, hn::LoadU(f, square + at), hn::LoadU(f, slope + at));
    return hn::MulAdd(size, per_digit, s);
  }, sums);
}

// Digits select tabulated currents; a negative digit takes its current away (odd extension), variances always add.
HWY_ATTR void sum_levels(const Bank& bank, const std::vector<float>& values, const float* digits, std::int64_t slots,
                         std::int64_t group, bool variance, float* sums) {
  const float* HWY_RESTRICT table = values.data() + bank.entry(group, 0, 0);
  const std::int64_t rows = bank.rows;
  sum_slots(digits, rows, slots, [=](Vec s, float d, std::int64_t row, std::int64_t lane) HWY_ATTR {
    if (d == 0.0F) return s;
    const auto level = static_cast<std::int64_t>(d < 0.0F ? -d : d) - 1;
    const Vec value = hn::LoadU(f, table + (level * rows + row) * lanes + lane);
    return d < 0.0F && !variance ? hn::Sub(s, value) : hn::Add(s, value);
  }, sums);
}

HWY_ATTR void prepare(const Bank& bank, std::int64_t group, Work& work) {
  if (bank.drive != Drive::bits) return;
  build_tables(bank.current.data() + bank.entry(group, 0, 0), bank.rows, work.table.get());
  if (bank.cell_noise())
    build_tables(bank.slope.data() + bank.entry(group, 0, 0), bank.rows, work.variance_table.get());
}

// Sums and variances of `count` vectors from `first` on, for one group of columns.
HWY_ATTR void accumulate(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first, std::int64_t count,
                         bool noise, Work& work) {
  const auto cycles = static_cast<std::int64_t>(in.cycles.size());
  if (bank.drive == Drive::bits) {
    sum_bits(bank, in, first, count, work.table.get(), false, work.sums.get());
    if (noise) sum_bits(bank, in, first, count, work.variance_table.get(), true, work.variances.get());
    return;
  }
  const float* digits = in.digits.data() + first * cycles * bank.rows;
  const std::int64_t slots = count * cycles;
  if (bank.drive == Drive::linear) {
    sum_linear(bank, digits, slots, group, work.sums.get());
    if (noise) sum_linear_variance(bank, digits, slots, group, work.variances.get());
  } else {
    sum_levels(bank, bank.current, digits, slots, group, false, work.sums.get());
    if (noise) sum_levels(bank, bank.slope, digits, slots, group, true, work.variances.get());
  }
}

HWY_ATTR void add_baseline(const Bank& bank, const Packed& in, std::int64_t group, std::int64_t first,
                           std::int64_t count, float* HWY_RESTRICT sums) {
  const float baseline = bank.baseline[static_cast<std::size_t>(group)];
  if (baseline == 0.0F) return;
  const auto cycles = static_cast<std::int64_t>(in.cycles.size());
  for (std::int64_t slot = 0; slot < count * cycles; ++slot) {
    const Vec shift = hn::Set(f, baseline * in.digit_sums[static_cast<std::size_t>(first * cycles + slot)]);
    for (std::int64_t lane = 0; lane < lanes; lane += width) {
      float* at = sums + slot * lanes + lane;
      hn::Store(hn::Add(hn::Load(f, at), shift), f, at);
    }
  }
}

// Everything of one group of columns that does not change from vector to vector.
struct Tail {
  const Bank& bank;
  const Packed& in;
  std::int64_t group;
  bool cell_noise, any_noise;
  float inverse_step;
  double scale;  // level units per summed code
};

HWY_ATTR Tail make_tail(const Bank& bank, const Packed& in, std::int64_t group) {
  const auto g = static_cast<std::size_t>(group);
  const bool cell = bank.cell_noise();
  return {bank, in, group, cell, cell || bank.adc_noise > 0.0F, 1.0F / bank.step[g],
          bank.worth[g] * (bank.ideal_adc ? 1.0 : static_cast<double>(bank.step[g]))};
}

// One conversion of `width` columns: a code, or the quantity itself on an ideal ADC. The noise is the square root of
// variance x square, in `direction`.
HWY_ATTR Vec convert(const Tail& tail, Vec x, Vec variance, Vec square, Vec direction, std::int64_t lane,
                     Vec& unclipped) {
  const Bank& bank = tail.bank;
  if (bank.ideal_adc)
    return unclipped = tail.cell_noise ? hn::MulAdd(hn::Sqrt(hn::Mul(variance, square)), direction, x) : x;
  const auto g = static_cast<std::size_t>(tail.group);
  const auto column = static_cast<std::size_t>(tail.group * lanes + lane);
  const Vec inverse = hn::Set(f, tail.inverse_step);
  const Vec in_codes = hn::Mul(x, inverse);
  Vec code = hn::Add(hn::MulAdd(in_codes, hn::LoadU(f, &bank.gain[column]), in_codes),
                     hn::LoadU(f, &bank.offset[column]));
  if (tail.any_noise) {
    const Vec own = hn::Set(f, bank.adc_noise * bank.adc_noise);
    const Vec in_codes_squared = hn::MulAdd(variance, hn::Mul(inverse, inverse), own);
    code = hn::MulAdd(hn::Sqrt(hn::Mul(in_codes_squared, square)), direction, code);
  }
  unclipped = hn::Round(code);
  return hn::Min(hn::Max(unclipped, hn::Set(f, bank.low[g])), hn::Set(f, bank.high[g]));
}

// Adds sum * scale to `out`, in double.
HWY_ATTR void flush(Vec sum, double scale, double* HWY_RESTRICT out) {
  HWY_ALIGN float parts[lanes];
  hn::Store(sum, f, parts);
  for (std::int64_t i = 0; i < width; ++i) out[i] += scale * static_cast<double>(parts[i]);
}

// Shift-and-add of all cycles of `width` columns of one vector. Single precision holds eight cycles of 16-bit codes
// exactly, so the sum moves to double every eight cycles of a pass.
HWY_ATTR std::int64_t finish(const Tail& tail, const float* HWY_RESTRICT sums, const float* HWY_RESTRICT variances,
                             std::int64_t lane, const Normals& normals, double* HWY_RESTRICT out) {
  const auto& cycles = tail.in.cycles;
  const std::int64_t valid = tail.bank.valid[static_cast<std::size_t>(tail.group)] - lane;
  const auto mask = hn::FirstN(f, static_cast<std::size_t>(std::clamp<std::int64_t>(valid, 0, width)));
  std::int64_t saturated = 0;
  Vec sum = hn::Zero(f), variance = hn::Zero(f), unclipped = hn::Zero(f);
  NormalParts<Vec> z{{sum, sum}, {sum, sum, sum, sum}};
  for (std::size_t c = 0; c < cycles.size(); ++c) {
    const auto at = static_cast<std::int64_t>(c) * lanes + lane;
    if (tail.any_noise && c % 4 == 0) normals.draw(static_cast<std::uint32_t>(c / 4), lane, z);
    if (tail.cell_noise)
      variance = hn::Add(hn::Load(f, variances + at), hn::LoadU(f, &tail.bank.idle[static_cast<std::size_t>(
                                                                       tail.group * lanes + lane)]));
    const Vec code =
        convert(tail, hn::Load(f, sums + at), variance, z.square[c % 4 / 2], z.direction[c % 4], lane, unclipped);
    saturated += static_cast<std::int64_t>(hn::CountTrue(f, hn::And(mask, hn::Ne(code, unclipped))));
    sum = hn::MulAdd(code, hn::Set(f, static_cast<float>(cycles[c].weight)), sum);
    const bool last = c + 1 == cycles.size() || cycles[c + 1].shift == 0;
    if (last || c % 8 == 7) {
      flush(sum, tail.scale, out + lane);
      sum = hn::Zero(f);
    }
  }
  return saturated;
}

HWY_ATTR std::int64_t finish_chunk(const Tail& tail, const Block& block, const core::Stream& noise, std::int64_t first,
                                   std::int64_t count, const Work& work, double* out) {
  const auto stride = static_cast<std::int64_t>(tail.in.cycles.size()) * lanes;
  const std::int64_t output = tail.bank.first_output[static_cast<std::size_t>(tail.group)];
  std::int64_t saturated = 0;
  for (std::int64_t v = 0; v < count; ++v) {
    const auto at = static_cast<std::size_t>(first + v);
    const Normals normals{noise.key(), block.sample[at], block.window[at], tail.bank.tile,
                          static_cast<std::uint32_t>(tail.group * lanes)};
    for (std::int64_t lane = 0; lane < lanes; lane += width)
      saturated += finish(tail, work.sums.get() + v * stride, work.variances.get() + v * stride, lane, normals,
                          out + (first + v) * tail.bank.outputs + output);
  }
  return saturated;
}

HWY_ATTR std::int64_t multiply_all(const Bank& bank, const Block& block, const Packed& in, const core::Stream& noise,
                                   Work& work, double* out) {
  std::int64_t saturated = 0;
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    prepare(bank, group, work);
    const Tail tail = make_tail(bank, in, group);
    for (std::int64_t first = 0; first < block.vectors; first += chunk) {
      const std::int64_t count = std::min(chunk, block.vectors - first);
      accumulate(bank, in, group, first, count, tail.cell_noise, work);
      add_baseline(bank, in, group, first, count, work.sums.get());
      saturated += finish_chunk(tail, block, noise, first, count, work, out);
    }
  }
  return saturated;
}

HWY_ATTR void observe_all(const Bank& bank, const Block& block, const Packed& in, Work& work, const std::size_t* which,
                          Histogram* seen) {
  const auto cycles = static_cast<std::int64_t>(in.cycles.size());
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    prepare(bank, group, work);
    const std::int64_t valid = bank.valid[static_cast<std::size_t>(group)];
    for (std::int64_t first = 0; first < block.vectors; first += chunk) {
      const std::int64_t count = std::min(chunk, block.vectors - first);
      accumulate(bank, in, group, first, count, false, work);
      add_baseline(bank, in, group, first, count, work.sums.get());
      for (std::int64_t slot = 0; slot < count * cycles; ++slot)
        for (std::int64_t lane = 0; lane < valid; ++lane)
          seen[which[group]].add(static_cast<double>(work.sums[static_cast<std::size_t>(slot * lanes + lane)]));
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

detail::Packed pack(const Bank& bank, const Block& block) {
  detail::Packed in{.cycles = bank.code.cycles(), .planes = {}, .digits = {}, .digit_sums = {}};
  if (bank.drive == Drive::bits) in.planes = pack_planes(bank, block);
  if (bank.drive != Drive::bits) in.digits = pack_digits(bank, block);
  if (bank.has_baseline()) in.digit_sums = digit_sums(bank, block);
  return in;
}

detail::Work make_work(const Bank& bank, std::size_t cycles) {
  const auto table = static_cast<std::size_t>(core::block_count(bank.rows, 4) * 16 * lanes);
  const auto sums = static_cast<std::size_t>(detail::chunk * lanes) * cycles;
  return {hwy::AllocateAligned<float>(table), hwy::AllocateAligned<float>(table), hwy::AllocateAligned<float>(sums),
          hwy::AllocateAligned<float>(sums)};
}

}  // namespace

std::int64_t multiply(const Bank& bank, const Block& block, const core::Stream& noise, std::span<double> out) {
  const detail::Packed in = pack(bank, block);
  detail::Work work = make_work(bank, in.cycles.size());
  return HWY_DYNAMIC_DISPATCH(multiply_all)(bank, block, in, noise, work, out.data());
}

void observe(const Bank& bank, const Block& block, std::span<const std::size_t> which, std::span<Histogram> seen) {
  const detail::Packed in = pack(bank, block);
  detail::Work work = make_work(bank, in.cycles.size());
  HWY_DYNAMIC_DISPATCH(observe_all)(bank, block, in, work, which.data(), seen.data());
}

const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

}  // namespace wordline::crossbar
#endif
