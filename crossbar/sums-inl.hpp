// Sums over rows for the hot path: tables for bit-serial inputs, multiply-adds and level tables for the others.
// Included once per instruction set (see Highway's documentation on per-target includes).
#if defined(WORDLINE_CROSSBAR_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef WORDLINE_CROSSBAR_SUMS_INL
#undef WORDLINE_CROSSBAR_SUMS_INL
#else
#define WORDLINE_CROSSBAR_SUMS_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
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
constexpr std::int64_t width = static_cast<std::int64_t>(hn::MaxLanes(F()));

// Entry m of a table is the sum of the rows whose bit is set in m, built from the entry without its highest row.
HWY_ATTR void build_table(const float* HWY_RESTRICT rows, std::int64_t count, float* HWY_RESTRICT table) {
  for (std::int64_t lane = 0; lane < lanes; lane += width) {
    hn::Store(hn::Zero(f), f, table + lane);
    for (std::int64_t row = 0; row < 4; ++row)
      for (std::int64_t m = std::int64_t{1} << row; m < std::int64_t{2} << row; ++m) {
        const Vec below = hn::Load(f, table + (m - (std::int64_t{1} << row)) * lanes + lane);
        const Vec added = row < count ? hn::LoadU(f, rows + row * lanes + lane) : hn::Zero(f);
        hn::Store(hn::Add(below, added), f, table + m * lanes + lane);
      }
  }
}

HWY_ATTR void build_tables(const float* rows, std::int64_t count, float* tables) {
  for (std::int64_t row = 0; row < count; row += 4)
    build_table(rows + row * lanes, count - row, tables + row / 4 * 16 * lanes);
}

// Sums in flight: they hide the latency of an addition and fit the registers of every width. A narrow vector covers a
// group of columns in several parts, which share what was read about their cycle.
inline constexpr std::int64_t in_flight = 8, parts = lanes / width, together = in_flight / parts;

// Up to eight cycles of one vector: one table entry per four rows and cycle. `sums` [8][lanes].
HWY_ATTR void add_planes(const float* HWY_RESTRICT tables, const Planes& planes, std::int64_t vector,
                         std::int64_t count, float* HWY_RESTRICT sums) {
  const std::uint64_t* HWY_RESTRICT words = planes.words.data() + vector * count;
  for (std::int64_t plane = 0; plane < planes.cycles; plane += together) {
    Vec s[in_flight];
    for (Vec& sum : s) sum = hn::Zero(f);
    const float* HWY_RESTRICT table = tables;
    for (std::int64_t i = 0; i < count; ++i, table += 16 * lanes) {
      const std::uint64_t w = words[i] >> (8 * plane);
      for (std::int64_t p = 0; p < together; ++p) {
        const float* HWY_RESTRICT entry = table + (w >> (8 * p) & 255U);
        for (std::int64_t k = 0; k < parts; ++k)
          s[p * parts + k] = hn::Add(s[p * parts + k], hn::Load(f, entry + k * width));
      }
    }
    for (std::int64_t k = 0; k < in_flight; ++k) hn::Store(s[k], f, sums + plane * lanes + k * width);
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

// As many slots side by side as leave registers for what they share of a row; a part of slot_block.
inline constexpr std::int64_t side_by_side = parts == 1 ? slot_block : in_flight / parts;

// sums[slot] = sum over rows of term(digit, row), one row after the other. Slots are packed in blocks; those after the
// last are in the slack of `sums`.
template <class Term>
HWY_ATTR void sum_slots(const float* HWY_RESTRICT digits, std::int64_t rows, std::int64_t slots, const Term& term,
                        float* HWY_RESTRICT sums) {
  for (std::int64_t slot = 0; slot < slots; slot += side_by_side) {
    const float* HWY_RESTRICT d = digits + slot / slot_block * rows * slot_block + slot % slot_block;
    Vec s[side_by_side * parts];
    for (Vec& sum : s) sum = hn::Zero(f);
    for (std::int64_t row = 0; row < rows; ++row, d += slot_block)
      for (std::int64_t t = 0; t < side_by_side; ++t)
        for (std::int64_t k = 0; k < parts; ++k) s[t * parts + k] = term(s[t * parts + k], d[t], row, k * width);
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
