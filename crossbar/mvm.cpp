// The hot path. This file and the -inl files it includes are allowed to be clever; the rest of the room is plain.
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
#include <numeric>

#include "crossbar/chunk-inl.hpp"
#include "crossbar/convert-inl.hpp"
#include "crossbar/draw-inl.hpp"
#include "crossbar/mvm.hpp"
#include "crossbar/pack.hpp"
#include "crossbar/tail.hpp"
#include "crossbar/work.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using detail::Adc;
using detail::chunk;
using detail::make_tail;
using detail::Packed;
using detail::Tail;
using detail::Work;

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

HWY_ATTR std::int64_t count_valid(const Tail& tail, const Converter& adc) {
  HWY_ALIGN std::int32_t counts[lanes];
  for (std::int64_t k = 0; k < parts; ++k) hn::Store(adc.saturated[k], i32, counts + k * width);
  return std::accumulate(counts, counts + tail.bank.valid[static_cast<std::size_t>(tail.group)], std::int64_t{0});
}

// Sums of a vector that are converted where they are made.
template <class Sink>
HWY_INLINE HWY_ATTR void convert_direct(const Tail& tail, std::int64_t vector, const Work& work, Sink& codes) {
  for (const Planes& planes : tail.in.planes) {
    const std::int64_t cycles = tail.cycles(planes, vector);
    if (work.whole)
      convert_planes(tail, planes, cycles, vector, work.whole_table.get(), codes);
    else
      convert_planes(tail, planes, cycles, vector, work.table.get(), codes);
  }
  if (tail.cycles(vector) < tail.in.cycles) codes.finish_run();
}

// Returns the saturated conversions.
template <Adc kind, bool noisy>
HWY_ATTR std::int64_t multiply_group(const Tail& tail, const detail::NoiseKeys& keys, const Block& block, Work& work,
                                     double* out) {
  out += tail.bank.first_output[static_cast<std::size_t>(tail.group)] * block.vectors;
  Converter adc(tail);
  for (std::int64_t first = 0; first < block.vectors; first += chunk) {
    const std::int64_t count = std::min(chunk, block.vectors - first);
    if (noisy) draw_chunk(tail, keys, first, count, work);
    if (!tail.direct) read_chunk(tail.bank, tail.in, tail.group, first, count, work);
    for (std::int64_t v = 0; v < count; ++v) {
      const std::int64_t slot = v * tail.in.cycles * lanes;
      Codes<kind, noisy> codes(tail, adc, work.noise.get() + slot, out + (first + v) * lanes, work.found);
      if (tail.direct)
        convert_direct(tail, first + v, work, codes);
      else
        convert_sums(tail, work.sums.get() + slot, codes);
    }
  }
  return count_valid(tail, adc);
}

template <bool noisy>
HWY_ATTR std::int64_t multiply_noisy(const Tail& tail, const detail::NoiseKeys& keys, const Block& block, Work& work,
                                     double* out) {
  switch (tail.adc()) {
    case Adc::ideal:
      return multiply_group<Adc::ideal, noisy>(tail, keys, block, work, out);
    case Adc::simple_edges:
      return multiply_group<Adc::simple_edges, noisy>(tail, keys, block, work, out);
    case Adc::own_edges:
      return multiply_group<Adc::own_edges, noisy>(tail, keys, block, work, out);
    case Adc::even:
      break;
  }
  return multiply_group<Adc::even, noisy>(tail, keys, block, work, out);
}

HWY_ATTR std::int64_t multiply_all(const Bank& bank, const Block& block, const Packed& in, const core::Stream& noise,
                                   Work& work, double* out) {
  const detail::NoiseKeys keys(noise, bank, block);
  std::int64_t saturated = 0;
  for (std::int64_t group = 0; group < bank.groups; ++group) {
    prepare(bank, group, in.direct(), bank.cell_noise(), work);
    const Tail tail = make_tail(bank, in, group, work.store);
    saturated += bank.noisy() ? multiply_noisy<true>(tail, keys, block, work, out)
                              : multiply_noisy<false>(tail, keys, block, work, out);
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
