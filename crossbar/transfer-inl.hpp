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
using U = hn::RebindToUnsigned<F>;
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

// The place of x on the grid of edges, counted from the first bucket. What lies beyond the first or the last bucket
// falls on their first place, where no edge is.
HWY_ATTR Int place_of(const detail::Lookup& table, Vec x, std::int64_t lane) {
  const Vec place = hn::Floor(hn::Mul(x, hn::LoadU(f, table.density + lane)));
  const Vec first = hn::LoadU(f, table.first + lane), last = hn::LoadU(f, table.last + lane);
  return hn::Sub(hn::ConvertTo(i32, hn::Min(hn::Max(place, first), last)), hn::ConvertTo(i32, first));
}

// Exact: places up to an edge's are below it, and whole.
HWY_ATTR Vec look_up(const detail::Lookup& table, Vec x, std::int64_t lane) {
  const U u;
  const auto place = hn::BitCast(u, place_of(table, x, lane));
  // A quantity that is no number must not leave the table on any machine.
  const auto index = hn::Min(hn::ShiftRight<Transfer::place_bits>(place), hn::LoadU(u, table.buckets + lane));
  const Int held = pick(i32, table.bucket, hn::BitCast(i32, index), lane);
  const Int inside = hn::BitCast(i32, hn::And(place, hn::Set(u, Transfer::places - 1)));
  Int piece = hn::ShiftRight<Transfer::edge_bits>(hn::Add(held, inside));
  for (std::int64_t step = 1; step < table.steps; ++step) {
    const auto above = hn::Ge(x, pick(f, table.edge, piece, lane));
    piece = hn::Sub(piece, hn::BitCast(i32, hn::VecFromMask(f, above)));
  }
  if (!table.counting) return pick(f, table.code, piece, lane);
  return hn::Add(hn::ConvertTo(f, piece), hn::LoadU(f, table.first_code + lane));
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
