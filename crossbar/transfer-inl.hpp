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

// The index is limited as a number and again as an integer: a quantity that is no number must not leave the table.
HWY_ATTR Int bucket_index(const detail::Lookup& table, Vec whole, std::int64_t lane) {
  const Vec last = hn::LoadU(f, table.last + lane);
  const Vec at = hn::Sub(whole, hn::LoadU(f, table.origin + lane));
  const Int index = hn::ConvertTo(i32, hn::Min(hn::Max(at, hn::Zero(f)), last));
  return hn::Min(hn::Max(index, hn::Zero(i32)), hn::ConvertTo(i32, last));
}

// Exact: the place of x inside its bucket has no rounding where it matters, and places of edges are whole.
HWY_ATTR Vec look_up(const detail::Lookup& table, Vec x, std::int64_t lane) {
  const Vec one = hn::Set(f, 1.0F);
  const Vec fine = hn::Mul(x, hn::LoadU(f, table.density + lane)), whole = hn::Floor(fine);
  const Vec place = hn::Mul(hn::Sub(fine, whole), hn::Set(f, static_cast<float>(Transfer::places)));
  const Int held = pick(i32, table.bucket, bucket_index(table, whole, lane), lane);
  const Vec first_edge = hn::ConvertTo(f, hn::And(held, hn::Set(i32, Transfer::no_edge)));
  const U u;
  const Int below = hn::BitCast(i32, hn::ShiftRight<Transfer::place_bits>(hn::BitCast(u, held)));
  Vec piece = hn::Add(hn::ConvertTo(f, below), hn::IfThenElseZero(hn::Ge(place, first_edge), one));
  for (std::int64_t step = 1; step < table.steps; ++step) {
    const auto above = hn::Ge(x, pick(f, table.edge, hn::ConvertTo(i32, piece), lane));
    piece = hn::Add(piece, hn::IfThenElseZero(above, one));
  }
  if (!table.counting) return pick(f, table.code, hn::ConvertTo(i32, piece), lane);
  return hn::Add(piece, hn::LoadU(f, table.first_code + lane));
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
