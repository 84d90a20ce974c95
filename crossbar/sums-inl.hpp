// Sums over rows for the hot path: table entries of selected rows, products with digits, tabulated levels.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_SUMS_INL
#undef WORDLINE_CROSSBAR_SUMS_INL
#else
#define WORDLINE_CROSSBAR_SUMS_INL
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <vector>

#include "crossbar/bank.hpp"
#include "crossbar/pack.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::crossbar::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F = hn::CappedTag<float, lanes>;
using Vec = hn::Vec<F>;
constexpr F f;
using I = hn::RebindToSigned<F>;
using Int = hn::Vec<I>;
constexpr I i32;
constexpr std::int64_t width = static_cast<std::int64_t>(hn::MaxLanes(F()));
constexpr std::int64_t parts = lanes / width;  // vectors of a group of columns

// Table entries of one type. Sums in flight hide the latency of an addition and fit the registers of every width; a
// narrow vector covers a group of columns in several parts, which share what was read about their plane.
inline constexpr std::int64_t in_flight = 8;
template <class T>
struct Entries {
  using D = hn::CappedTag<T, lanes>;
  using V = hn::Vec<D>;
  static constexpr std::int64_t width = static_cast<std::int64_t>(hn::MaxLanes(D()));
  static constexpr std::int64_t parts = lanes / width;
  static constexpr std::int64_t together = in_flight / parts;  ///< planes
};

// Entry m of a table is the sum of the rows whose bit is set in m, built from the entry without its highest row.
template <class T>
HWY_ATTR void build_table(const T* HWY_RESTRICT rows, std::int64_t count, T* HWY_RESTRICT table) {
  using E = Entries<T>;
  const typename E::D d;
  for (std::int64_t lane = 0; lane < lanes; lane += E::width) {
    hn::Store(hn::Zero(d), d, table + lane);
    for (std::int64_t row = 0; row < 4; ++row)
      for (std::int64_t m = std::int64_t{1} << row; m < std::int64_t{2} << row; ++m) {
        const auto below = hn::Load(d, table + (m - (std::int64_t{1} << row)) * lanes + lane);
        const auto added = row < count ? hn::LoadU(d, rows + row * lanes + lane) : hn::Zero(d);
        hn::Store(hn::Add(below, added), d, table + m * lanes + lane);
      }
  }
}

template <class T>
HWY_ATTR void build_tables(const T* rows, std::int64_t count, T* tables) {
  for (std::int64_t row = 0; row < count; row += 4)
    build_table(rows + row * lanes, count - row, tables + row / 4 * 16 * lanes);
}

// Currents that are whole numbers, as those of ideal cells, are summed exactly in 16 bits, twice as many at a time.
// False where they are not or their sum would not fit.
HWY_ATTR bool round_whole(const float* HWY_RESTRICT rows, std::int64_t count, std::uint16_t* HWY_RESTRICT whole) {
  const hn::Rebind<std::int16_t, F> i16;
  for (std::int64_t lane = 0; lane < lanes; lane += width) {
    Vec sum = hn::Zero(f), error = hn::Zero(f);
    for (std::int64_t at = lane; at < count * lanes; at += lanes) {
      const Vec exact = hn::LoadU(f, rows + at), nearest = hn::Round(exact);
      error = hn::Add(error, hn::Abs(hn::Sub(exact, nearest)));
      sum = hn::Add(sum, hn::Abs(nearest));
      const auto narrow = hn::DemoteTo(i16, hn::ConvertTo(i32, nearest));
      hn::StoreU(hn::BitCast(hn::Rebind<std::uint16_t, F>(), narrow), hn::Rebind<std::uint16_t, F>(), whole + at);
    }
    const bool fits = hn::AllTrue(f, hn::Le(sum, hn::Set(f, 32767.0F)));
    if (!fits || !hn::AllTrue(f, hn::Eq(error, hn::Zero(f)))) return false;
  }
  return true;
}

// Keeps a word in its register: compilers else write a chain of shifts as shifts of its first word, each of a copy,
// which takes seven more instructions per eight planes than the loads leave time for.
HWY_INLINE void hold(std::uint64_t& word) { asm("" : "+r"(word)); }

// Adds the table entry of one plane, whose place is the lowest byte of `at`.
template <class T>
HWY_INLINE HWY_ATTR void add_entry(const T* HWY_RESTRICT table, std::uint64_t at, typename Entries<T>::V* s) {
  const typename Entries<T>::D d;
  const T* HWY_RESTRICT entry = table + (at & 255U);
  for (std::int64_t k = 0; k < Entries<T>::parts; ++k) s[k] = hn::Add(s[k], hn::Load(d, entry + k * Entries<T>::width));
}

// Sums of `together` planes of one vector from `plane` on: one table entry per four rows and plane. [plane][part]
template <class T>
HWY_INLINE HWY_ATTR void add_entries(const T* HWY_RESTRICT table, const std::uint64_t* HWY_RESTRICT words,
                                     std::int64_t count, std::int64_t plane, typename Entries<T>::V* s) {
  using E = Entries<T>;
  for (std::int64_t k = 0; k < in_flight; ++k) s[k] = hn::Zero(typename E::D());
  HWY_UNROLL(2)
  for (std::int64_t i = 0; i < count; ++i, table += 16 * lanes) {
    std::uint64_t w = words[i] >> (8 * plane);
    for (std::int64_t p = 0; p < E::together; p += 2, w >>= 16U) {
      hold(w);
      add_entry(table, w, s + p * E::parts);
      add_entry(table, w >> 8U, s + (p + 1) * E::parts);
    }
  }
}

// The same for the first `cycles` planes into memory, [8][lanes].
template <class T>
HWY_ATTR void add_planes(const T* table, const Planes& planes, std::int64_t cycles, std::int64_t vector,
                         std::int64_t count, T* HWY_RESTRICT sums) {
  using E = Entries<T>;
  for (std::int64_t plane = 0; plane < cycles; plane += E::together) {
    typename E::V s[in_flight];
    add_entries(table, planes.words.data() + vector * count, count, plane, s);
    for (std::int64_t k = 0; k < in_flight; ++k) hn::Store(s[k], typename E::D(), sums + plane * lanes + k * E::width);
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

// The quantity with the baseline that is converted with it: that of `column` for digits of this sum.
HWY_INLINE HWY_ATTR Vec with_baseline(const Bank& bank, std::int64_t column, float digits, Vec x) {
  const Vec baseline = hn::LoadU(f, &bank.baseline[static_cast<std::size_t>(column)]);
  return hn::Add(x, hn::Mul(baseline, hn::Set(f, digits)));
}

// As many slots side by side as leave registers for what they share of a row; a part of slot_block.
inline constexpr std::int64_t side_by_side = parts == 1 ? slot_block : parts == 2 ? 6 : 2;
static_assert(slot_block % side_by_side == 0);

// sums[slot] = sum over rows of term(digit, row), one row after the other. Slots are packed in blocks; those after the
// last are in the slack of `sums`.
template <class Term>
HWY_ATTR void sum_slots(const float* HWY_RESTRICT digits, std::int64_t rows, std::int64_t slots, const Term& term,
                        float* HWY_RESTRICT sums) {
  for (std::int64_t slot = 0; slot < slots; slot += side_by_side) {
    const float* HWY_RESTRICT d = digits + slot / slot_block * rows * slot_block + slot % slot_block;
    Vec s[side_by_side * parts];
    HWY_UNROLL(24)
    for (std::int64_t k = 0; k < side_by_side * parts; ++k) s[k] = hn::Zero(f);
    for (std::int64_t row = 0; row < rows; ++row, d += slot_block) {
      HWY_UNROLL(24)
      for (std::int64_t t = 0; t < side_by_side; ++t)
        for (std::int64_t k = 0; k < parts; ++k) s[t * parts + k] = term(s[t * parts + k], d[t], row, k * width);
    }
    HWY_UNROLL(24)
    for (std::int64_t k = 0; k < side_by_side * parts; ++k) hn::Store(s[k], f, sums + slot * lanes + k * width);
  }
}

HWY_ATTR void sum_linear(const Bank& bank, const float* digits, std::int64_t slots, std::int64_t group, float* sums) {
  const float* HWY_RESTRICT table = bank.current.data() + bank.entry(group, 0, 0);
  sum_slots(
      digits, bank.rows, slots,
      [=](Vec s, float d, std::int64_t row, std::int64_t lane)
          HWY_ATTR { return hn::MulAdd(hn::Set(f, d), hn::LoadU(f, table + row * lanes + lane), s); },
      sums);
}

HWY_ATTR void sum_linear_variance(const Bank& bank, const float* digits, std::int64_t slots, std::int64_t group,
                                  float* sums) {
  const float* HWY_RESTRICT slope = bank.slope.data() + bank.entry(group, 0, 0);
  const float* HWY_RESTRICT square = bank.square.data() + bank.entry(group, 0, 0);
  sum_slots(
      digits, bank.rows, slots,
      [=](Vec s, float d, std::int64_t row, std::int64_t lane) HWY_ATTR {
        const Vec size = hn::Set(f, d < 0.0F ? -d : d);
        const std::int64_t at = row * lanes + lane;
        const Vec per_digit = hn::MulAdd(size, hn::LoadU(f, square + at), hn::LoadU(f, slope + at));
        return hn::MulAdd(size, per_digit, s);
      },
      sums);
}

// Digits select tabulated currents; a negative digit takes its current away (odd extension), variances always add.
HWY_ATTR void sum_levels(const Bank& bank, const std::vector<float>& values, const float* digits, std::int64_t slots,
                         std::int64_t group, bool variance, float* sums) {
  const float* HWY_RESTRICT table = values.data() + bank.entry(group, 0, 0);
  const std::int64_t rows = bank.rows;
  sum_slots(
      digits, rows, slots,
      [=](Vec s, float d, std::int64_t row, std::int64_t lane) HWY_ATTR {
        if (d == 0.0F) return s;
        const auto level = static_cast<std::int64_t>(d < 0.0F ? -d : d) - 1;
        const Vec value = hn::LoadU(f, table + (level * rows + row) * lanes + lane);
        return d < 0.0F && !variance ? hn::Sub(s, value) : hn::Add(s, value);
      },
      sums);
}

}  // namespace wordline::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
