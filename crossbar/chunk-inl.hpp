// What the vectors of a chunk sum over rows, in memory, for the hot path.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_CHUNK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_CHUNK_INL
#undef WORDLINE_CROSSBAR_CHUNK_INL
#else
#define WORDLINE_CROSSBAR_CHUNK_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "crossbar/sums-inl.hpp"
#include "crossbar/variance-inl.hpp"
#include "crossbar/work.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
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

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
