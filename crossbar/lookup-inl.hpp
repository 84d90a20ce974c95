// Codes of converters whose edges are not evenly spaced, for the hot path. Each column has tables of its own; the loads
// are plain ones, lane by lane, which every CPU does at about the speed of its gathers.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_LOOKUP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_LOOKUP_INL
#undef WORDLINE_CROSSBAR_LOOKUP_INL
#else
#define WORDLINE_CROSSBAR_LOOKUP_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "crossbar/bank.hpp"
#include "crossbar/sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {

using I = hn::RebindToSigned<F>;
using Int = hn::Vec<I>;
constexpr I i32;

/// The tables of one group of columns.
struct Lookup {
  bool used = false;
  bool even = true;        ///< no column needs `start` or `code`: bucket b holds edge b alone, code = first code + b
  std::int64_t steps = 0;  ///< most edges in one bucket of any column
  const float* edge[lanes];
  const std::int32_t* start[lanes];
  const float* code[lanes];
  HWY_ALIGN float origin[lanes], last[lanes], first_code[lanes];
};

HWY_ATTR Lookup make_lookup(const Bank& bank, std::int64_t group) {
  Lookup out;
  out.used = !bank.transfers.empty() && !bank.ideal_adc;
  if (!out.used) return out;
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    const auto column = static_cast<std::size_t>(group * lanes + lane);
    const Transfer& t = bank.transfers[static_cast<std::size_t>(bank.transfer[column])];
    out.even = out.even && t.even;
    out.steps = std::max<std::int64_t>(out.steps, t.steps);
    out.edge[lane] = t.guarded.data();
    out.start[lane] = t.start.data();
    out.code[lane] = t.code.data();
    out.origin[lane] = t.origin;
    out.last[lane] = static_cast<float>(std::ssize(t.start) - 1);
    out.first_code[lane] = t.code.front();
  }
  return out;
}

// out[l] = tables[l][index[l]] for `width` lanes.
template <class D, class T>
HWY_ATTR hn::Vec<D> pick(D d, const T* const* tables, Int index) {
  HWY_ALIGN std::int32_t at[lanes];
  HWY_ALIGN T out[lanes];
  hn::Store(index, i32, at);
  for (std::int64_t l = 0; l < width; ++l) out[l] = tables[l][at[l]];
  return hn::Load(d, out);
}

// x is brought into the buckets as a number and again as an index: a quantity that is no number must not leave them.
HWY_ATTR Int bucket(const Lookup& table, Vec x, std::int64_t lane) {
  const Vec last = hn::Load(f, table.last + lane);
  const Vec at = hn::Sub(hn::Floor(x), hn::Load(f, table.origin + lane));
  const Int index = hn::ConvertTo(i32, hn::Min(hn::Max(at, hn::Zero(f)), last));
  return hn::Min(hn::Max(index, hn::Zero(i32)), hn::ConvertTo(i32, last));
}

HWY_ATTR Vec look_up(const Lookup& table, Vec x, std::int64_t lane) {
  Int piece = bucket(table, x, lane);
  const Vec one = hn::Set(f, 1.0F);
  if (table.even) {
    const auto above = hn::Ge(x, pick(f, table.edge + lane, piece));
    const Vec code = hn::Add(hn::Load(f, table.first_code + lane), hn::ConvertTo(f, piece));
    return hn::Add(code, hn::IfThenElseZero(above, one));
  }
  piece = pick(i32, table.start + lane, piece);
  for (std::int64_t step = 0; step < table.steps; ++step) {
    const auto above = hn::Ge(x, pick(f, table.edge + lane, piece));
    piece = hn::Add(piece, hn::BitCast(i32, hn::IfThenElseZero(hn::RebindMask(i32, above), hn::Set(i32, 1))));
  }
  return pick(f, table.code + lane, piece);
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
