// Windows are gathered row by row and read window by window: a transposition that every input of every window passes.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mapper/squares.cpp"
#include "core/vector_targets.hpp"
// After the choice of targets.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "mapper/squares.hpp"

HWY_BEFORE_NAMESPACE();
namespace wordline::mapper::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Four rows of four windows: a row is loaded for all windows, a window is stored with all rows.
template <class T>
HWY_INLINE HWY_ATTR void gather_square(const T* HWY_RESTRICT first, const std::int64_t* HWY_RESTRICT offset,
                                       std::int64_t rows, T* HWY_RESTRICT out) {
  const hn::CappedTag<T, side> four;
  const hn::Repartition<std::uint64_t, decltype(four)> two;
  const auto r0 = hn::LoadU(four, first + offset[0]), r1 = hn::LoadU(four, first + offset[1]);
  const auto r2 = hn::LoadU(four, first + offset[2]), r3 = hn::LoadU(four, first + offset[3]);
  const auto lower01 = hn::BitCast(two, hn::InterleaveLower(four, r0, r1));
  const auto lower23 = hn::BitCast(two, hn::InterleaveLower(four, r2, r3));
  const auto upper01 = hn::BitCast(two, hn::InterleaveUpper(four, r0, r1));
  const auto upper23 = hn::BitCast(two, hn::InterleaveUpper(four, r2, r3));
  hn::StoreU(hn::BitCast(four, hn::InterleaveLower(two, lower01, lower23)), four, out);
  hn::StoreU(hn::BitCast(four, hn::InterleaveUpper(two, lower01, lower23)), four, out + rows);
  hn::StoreU(hn::BitCast(four, hn::InterleaveLower(two, upper01, upper23)), four, out + 2 * rows);
  hn::StoreU(hn::BitCast(four, hn::InterleaveUpper(two, upper01, upper23)), four, out + 3 * rows);
}

template <class T>
HWY_INLINE HWY_ATTR void gather_all(const T* first, const std::int64_t* offset, std::int64_t count, std::int64_t rows,
                                    T* out) {
  for (std::int64_t r = 0; r < count; r += side) gather_square(first, offset + r, rows, out + r);
}

HWY_ATTR void gather_codes(const std::int32_t* first, const std::int64_t* offset, std::int64_t count, std::int64_t rows,
                           std::int32_t* out) {
  gather_all(first, offset, count, rows, out);
}
HWY_ATTR void gather_amplitudes(const float* first, const std::int64_t* offset, std::int64_t count, std::int64_t rows,
                                float* out) {
  gather_all(first, offset, count, rows, out);
}

}  // namespace wordline::mapper::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wordline::mapper {

namespace {
HWY_EXPORT(gather_codes);
HWY_EXPORT(gather_amplitudes);
}  // namespace

void gather_squares(const std::int32_t* first, std::span<const std::int64_t> offset, std::int64_t rows,
                    std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(gather_codes)(first, offset.data(), std::ssize(offset), rows, out);
}

void gather_squares(const float* first, std::span<const std::int64_t> offset, std::int64_t rows, float* out) {
  HWY_DYNAMIC_DISPATCH(gather_amplitudes)(first, offset.data(), std::ssize(offset), rows, out);
}

}  // namespace wordline::mapper
#endif
