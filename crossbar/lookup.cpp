#include "crossbar/lookup.hpp"

#include <algorithm>
#include <array>

namespace wordline::crossbar::detail {
namespace {

// Copying pays while the copies stay in the second-level cache and cost less than reading a block.
constexpr std::size_t most_copied = 1U << 16U;

using Columns = std::array<const Transfer*, static_cast<std::size_t>(lanes)>;

// Columns of one converter share one copy.
template <class T, class Of>
void place(const Columns& columns, const Of& of, std::vector<T>& store, Tables<T>& tables) {
  store.clear();
  for (std::size_t lane = 0; lane < columns.size(); ++lane) {
    const std::vector<T>& own = of(*columns[lane]);
    tables.column[lane] = own.data();
    const auto same =
        static_cast<std::size_t>(std::find(columns.begin(), columns.end(), columns[lane]) - columns.begin());
    tables.offset[lane] = same < lane ? tables.offset[same] : static_cast<std::int32_t>(store.size());
    if (same == lane && store.size() <= most_copied) store.insert(store.end(), own.begin(), own.end());
  }
  if (store.size() <= most_copied) tables.base = store.data();
}

// Buckets of one group in one place, addressed by places counted from one start.
void pack(LookupStore& store, Lookup& out) {
  if (out.bucket.base == nullptr || store.bucket.size() >= (std::size_t{1} << (31 - Transfer::place_bits))) return;
  for (std::size_t i = 0; i < store.bucket.size(); ++i)
    store.bucket[i] -= static_cast<std::int32_t>(i << Transfer::place_bits);
  out.packed = store.bucket.data();
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    out.packed_from[lane] = out.from[lane] - (out.bucket.offset[lane] << Transfer::place_bits);
    out.packed_last[lane] = out.buckets[lane] + static_cast<std::uint32_t>(out.bucket.offset[lane]);
  }
}

}  // namespace

Lookup make_lookup(const Bank& bank, std::int64_t group, LookupStore& store) {
  Lookup out;
  out.used = !bank.transfers.empty() && !bank.ideal_adc;
  if (!out.used) return out;
  Columns columns;
  for (std::size_t lane = 0; lane < columns.size(); ++lane) {
    const auto column = static_cast<std::size_t>(group * lanes) + lane;
    const Transfer& t = bank.transfers[static_cast<std::size_t>(bank.transfer[column])];
    columns[lane] = &t;
    out.counting = out.counting && t.counting;
    out.steps = std::max<std::int64_t>(out.steps, t.steps);
    constexpr auto places = static_cast<float>(Transfer::places);
    out.density[lane] = t.density * places;
    out.buckets[lane] = static_cast<std::uint32_t>(t.bucket.size() - 1);
    out.first[lane] = t.origin * places;
    out.from[lane] = static_cast<std::int32_t>(out.first[lane]);
    out.last[lane] = (t.origin + static_cast<float>(out.buckets[lane])) * places;
    out.first_code[lane] = t.code.front();
  }
  place(columns, [](const Transfer& t) -> const auto& { return t.bucket; }, store.bucket, out.bucket);
  pack(store, out);
  if (out.steps > 1) place(columns, [](const Transfer& t) -> const auto& { return t.guarded; }, store.edge, out.edge);
  if (!out.counting) place(columns, [](const Transfer& t) -> const auto& { return t.code; }, store.code, out.code);
  return out;
}

}  // namespace wordline::crossbar::detail
