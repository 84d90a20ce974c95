// Codes of converters whose edges are not evenly spaced, for the hot path.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_TRANSFER_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_TRANSFER_INL
#undef WORDLINE_CROSSBAR_TRANSFER_INL
#else
#define WORDLINE_CROSSBAR_TRANSFER_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "crossbar/bank.hpp"
#include "crossbar/lookup.hpp"
#include "crossbar/sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {

using I = hn::RebindToSigned<F>;
using Int = hn::Vec<I>;
constexpr I i32;

// Entry `index` of each column's own table, for `width` columns.
template <class D, class T>
HWY_ATTR hn::Vec<D> pick(D d, const detail::Tables<T>& tables, Int index, std::int64_t lane) {
  if (tables.base != nullptr)
    return hn::GatherIndex(d, tables.base, hn::Add(index, hn::LoadU(i32, tables.offset + lane)));
  HWY_ALIGN std::int32_t at[lanes];
  HWY_ALIGN T out[lanes];
  hn::Store(index, i32, at);
  for (std::int64_t l = 0; l < width; ++l) out[l] = tables.column[lane + l][at[l]];
  return hn::Load(d, out);
}

// x is brought into the buckets as a number and again as an index: a quantity that is no number must not leave them.
HWY_ATTR Int bucket(const detail::Lookup& table, Vec x, std::int64_t lane) {
  const Vec last = hn::LoadU(f, table.last + lane);
  const Vec fine = hn::Mul(x, hn::LoadU(f, table.density + lane));
  const Vec at = hn::Sub(hn::Floor(fine), hn::LoadU(f, table.origin + lane));
  const Int index = hn::ConvertTo(i32, hn::Min(hn::Max(at, hn::Zero(f)), last));
  return hn::Min(hn::Max(index, hn::Zero(i32)), hn::ConvertTo(i32, last));
}

HWY_ATTR Vec look_up(const detail::Lookup& table, Vec x, std::int64_t lane) {
  Int piece = bucket(table, x, lane);
  if (!table.even) piece = pick(i32, table.start, piece, lane);
  Vec number = hn::ConvertTo(f, piece);
  for (std::int64_t step = 0; step < table.steps; ++step) {
    const auto above = hn::Ge(x, pick(f, table.edge, piece, lane));
    number = hn::Add(number, hn::IfThenElseZero(above, hn::Set(f, 1.0F)));
    piece = hn::ConvertTo(i32, number);
  }
  return table.counting ? hn::Add(number, hn::LoadU(f, table.first_code + lane)) : pick(f, table.code, piece, lane);
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
