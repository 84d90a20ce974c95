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
#include "crossbar/sums-inl.hpp"

#ifndef WORDLINE_CROSSBAR_MVM_ONCE
#define WORDLINE_CROSSBAR_MVM_ONCE
namespace wordline::crossbar::detail {

// Vectors read together; keeps several sums in flight and the buffers in cache.
inline constexpr std::int64_t chunk = 8;

// What the inputs look like to the kernels, made once per block for all groups.
struct Packed {
  std::vector<Cycle> cycles;
  std::vector<Planes> planes;     // Drive::bits
  std::vector<float> digits;      // other drives
  std::vector<float> digit_sums;  // where a baseline is converted
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
  return {bank,
          in,
          group,
          cell,
          cell || bank.adc_noise > 0.0F,
          1.0F / bank.step[g],
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
  Vec code =
      hn::Add(hn::MulAdd(in_codes, hn::LoadU(f, &bank.gain[column]), in_codes), hn::LoadU(f, &bank.offset[column]));
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
      variance = hn::Add(hn::Load(f, variances + at),
                         hn::LoadU(f, &tail.bank.idle[static_cast<std::size_t>(tail.group * lanes + lane)]));
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
