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
#include "crossbar/noise-inl.hpp"
#include "crossbar/sums-inl.hpp"
#include "crossbar/work.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {

// Entry `index` of each column's own table, for `width` columns.
template <class D, class T>
HWY_INLINE HWY_ATTR hn::Vec<D> pick(D d, const detail::Tables<T>& tables, Int index, std::int64_t lane) {
  HWY_ALIGN std::int32_t at[lanes];
  HWY_ALIGN T out[lanes];
  hn::Store(index, i32, at);
  for (std::int64_t l = 0; l < width; ++l) out[l] = tables.column[lane + l][at[l]];
  return hn::Load(d, out);
}
template <class D, class T>
HWY_INLINE HWY_ATTR hn::Vec<D> pick_any(D d, const detail::Tables<T>& tables, Int index, std::int64_t lane) {
  if (tables.base == nullptr) return pick(d, tables, index, lane);
  return hn::GatherIndex(d, tables.base, hn::Add(index, hn::LoadU(i32, tables.offset + lane)));
}

// base[index] of every lane, for indices in memory. AMD's gathers take twice as long as single loads.
HWY_INLINE HWY_ATTR Int gather(const std::int32_t* HWY_RESTRICT base, const std::uint32_t* HWY_RESTRICT index) {
#if HWY_TARGET == HWY_AVX2
  return Int{_mm256_setr_epi32(base[index[0]], base[index[1]], base[index[2]], base[index[3]], base[index[4]],
                               base[index[5]], base[index[6]], base[index[7]])};
#else
  return hn::GatherIndex(i32, base, hn::BitCast(i32, hn::Load(u32, index)));
#endif
}

// A whole number of at most 31 bits; what ConvertTo does about larger ones takes longer than the conversion.
HWY_INLINE HWY_ATTR Int to_whole(Vec x) {
#if HWY_TARGET == HWY_AVX2
  return Int{_mm256_cvttps_epi32(x.raw)};
#else
  return hn::ConvertTo(i32, x);
#endif
}

// The place of x on the grid of edges, counted from `from`. What lies beyond the first or the last bucket falls on
// their first place, where no edge is.
HWY_INLINE HWY_ATTR Int place_of(const detail::Lookup& table, Vec x, const std::int32_t* from, std::int64_t lane) {
  const Vec place = hn::Floor(hn::Mul(x, hn::LoadU(f, table.density + lane)));
  const Vec first = hn::LoadU(f, table.first + lane), last = hn::LoadU(f, table.last + lane);
  return hn::Sub(to_whole(hn::Min(hn::Max(place, first), last)), hn::LoadU(i32, from + lane));
}

// A quantity that is no number must not leave the table on any machine.
HWY_INLINE HWY_ATTR Words bucket_of(Int place, const std::uint32_t* last, std::int64_t lane) {
  const Words bucket = hn::ShiftRight<Transfer::place_bits>(hn::BitCast(u32, place));
  return hn::Min(bucket, hn::LoadU(u32, last + lane));
}

// Number of the piece as far as the bucket and its first edge tell.
HWY_INLINE HWY_ATTR Int packed_piece(Int held, Int place) {
  return hn::ShiftRight<Transfer::edge_bits>(hn::Add(held, place));
}
HWY_INLINE HWY_ATTR Int first_piece(const detail::Lookup& table, Vec x, std::int64_t lane) {
  if (table.packed != nullptr) {
    const Int place = place_of(table, x, table.packed_from, lane);
    const Int bucket = hn::BitCast(i32, bucket_of(place, table.packed_last, lane));
    return packed_piece(hn::GatherIndex(i32, table.packed, bucket), place);
  }
  const Int place = place_of(table, x, table.from, lane);
  const Int held = pick(i32, table.bucket, hn::BitCast(i32, bucket_of(place, table.buckets, lane)), lane);
  return hn::ShiftRight<Transfer::edge_bits>(hn::Add(held, hn::And(place, hn::Set(i32, Transfer::places - 1))));
}

HWY_INLINE HWY_ATTR Vec counted(const detail::Lookup& table, Int piece, std::int64_t lane) {
  return hn::Add(hn::ConvertTo(f, piece), hn::LoadU(f, table.first_code + lane));
}

// Where the found codes of one vector are kept. Pointers that no store can change: compilers else read them anew.
struct Places {
  std::int32_t* HWY_RESTRICT place;
  std::uint32_t* HWY_RESTRICT bucket;
};
// Where one entry is all it takes, the search has two steps: where it is, and its code when many are known.
HWY_INLINE HWY_ATTR void find_code(const detail::Lookup& table, Vec x, std::int64_t lane, const Places& found,
                                   std::int64_t at) {
  const Int place = place_of(table, x, table.packed_from, lane);
  hn::Store(place, i32, found.place + at);
  hn::Store(bucket_of(place, table.packed_last, lane), u32, found.bucket + at);
}
HWY_INLINE HWY_ATTR Vec found_code(const detail::Lookup& table, const Places& found, std::int64_t at,
                                   std::int64_t lane) {
  const Int held = gather(table.packed, found.bucket + at);
  return counted(table, packed_piece(held, hn::Load(i32, found.place + at)), lane);
}

// Exact: places up to an edge's are below it, and whole.
HWY_ATTR Vec look_up(const detail::Lookup& table, Vec x, std::int64_t lane) {
  Int piece = first_piece(table, x, lane);
  for (std::int64_t step = 1; step < table.steps; ++step) {
    const auto above = hn::Ge(x, pick_any(f, table.edge, piece, lane));
    piece = hn::Sub(piece, hn::BitCast(i32, hn::VecFromMask(f, above)));
  }
  if (!table.counting) return pick_any(f, table.code, piece, lane);
  return counted(table, piece, lane);
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
