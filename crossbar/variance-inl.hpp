// Variances of bit-serial reads for the hot path, in 16 bits where that is precise enough.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_VARIANCE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_VARIANCE_INL
#undef WORDLINE_CROSSBAR_VARIANCE_INL
#else
#define WORDLINE_CROSSBAR_VARIANCE_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "crossbar/sums-inl.hpp"
#include "crossbar/work.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Largest relative error of a variance that 16 bits may cause: below 1e-3 of sigma.
inline constexpr float most_error = 1.99e-3F;

// What rounding may do at worst, over all choices of driven rows, to a variance that has `idle` besides: errors of one
// sign add up, each beyond its own row's share.
struct RoundingError {
  Vec above, below;

  HWY_ATTR RoundingError() : above(hn::Zero(f)), below(hn::Zero(f)) {}
  HWY_INLINE HWY_ATTR void add(Vec rounded, Vec exact) {
    const Vec error = hn::Sub(rounded, exact), share = hn::Mul(exact, hn::Set(f, most_error));
    above = hn::Add(above, hn::Max(hn::Zero(f), hn::Sub(error, share)));
    below = hn::Add(below, hn::Max(hn::Zero(f), hn::Sub(hn::Neg(error), share)));
  }
  HWY_INLINE HWY_ATTR bool bearable(Vec idle) const {
    return hn::AllTrue(f, hn::Le(hn::Max(above, below), hn::Mul(idle, hn::Set(f, most_error))));
  }
};

// Variances of `width` columns as whole numbers whose sum fits 16 bits, and their unit. False if any choice of driven
// rows would err by too much.
HWY_ATTR bool halve(const float* HWY_RESTRICT rows, std::int64_t count, const float* idle,
                    std::uint16_t* HWY_RESTRICT halves, float* unit) {
  const hn::Rebind<std::uint16_t, F> u16;
  const float room = 65534.0F - 0.5F * static_cast<float>(count);  // every row may be rounded up
  Vec total = hn::Zero(f);
  for (std::int64_t row = 0; row < count; ++row) total = hn::Add(total, hn::LoadU(f, rows + row * lanes));
  const Vec used = hn::Max(total, hn::Set(f, 1e-30F));
  const Vec per_unit = hn::Div(hn::Set(f, room), used), own = hn::Div(used, hn::Set(f, room));
  RoundingError error;
  Vec sum = hn::Zero(f);  // exact, unlike `total`
  for (std::int64_t row = 0; row < count; ++row) {
    const Vec exact = hn::LoadU(f, rows + row * lanes), whole = hn::Round(hn::Mul(exact, per_unit));
    error.add(hn::Mul(whole, own), exact);
    sum = hn::Add(sum, whole);
    hn::StoreU(hn::DemoteTo(u16, hn::ConvertTo(i32, whole)), u16, halves + row * lanes);
  }
  hn::StoreU(own, f, unit);
  const bool fits = room > 0.0F && hn::AllTrue(f, hn::Le(sum, hn::Set(f, 65535.0F)));
  return fits && error.bearable(hn::LoadU(f, idle));
}

// The table of one group's variances and their units. Which of the two it is follows from the cells.
HWY_ATTR void build_variances(const Bank& bank, std::int64_t group, detail::Work& work) {
  const float* rows = bank.slope.data() + bank.entry(group, 0, 0);
  const float* idle = bank.idle.data() + group * lanes;
  work.halved = true;
  for (std::int64_t lane = 0; lane < lanes && work.halved; lane += width)
    work.halved = halve(rows + lane, bank.rows, idle + lane, work.halves.get() + lane, work.unit + lane);
  if (work.halved) return build_tables<std::uint16_t>(work.halves.get(), bank.rows, work.half_table.get());
  std::fill_n(work.unit, lanes, 1.0F);
  build_tables<float>(rows, bank.rows, work.variance_table.get());
}

// Up to eight planes of one vector, [8][lanes], in units of their columns.
HWY_ATTR void add_variances(const detail::Work& work, const Planes& planes, std::int64_t vector, std::int64_t words,
                            float* HWY_RESTRICT variances) {
  if (!work.halved)
    return add_planes<float>(work.variance_table.get(), planes, planes.cycles, vector, words, variances);
  const hn::Rebind<std::uint16_t, F> u16;
  HWY_ALIGN std::uint16_t sums[8 * lanes];
  add_planes<std::uint16_t>(work.half_table.get(), planes, planes.cycles, vector, words, sums);
  for (std::int64_t at = 0; at < planes.cycles * lanes; at += width)
    hn::Store(hn::ConvertTo(f, hn::PromoteTo(i32, hn::Load(u16, sums + at))), f, variances + at);
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
