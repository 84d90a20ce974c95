#include "mapper/squares.hpp"

#include <numeric>
#include <random>
#include <vector>

#include "tests/catch.hpp"
#include "tests/crossbar/cases.hpp"

using namespace wordline;

namespace {

// `count` rows of four windows, the last of which needs the last number of `in`.
template <class T>
void check_squares(std::int64_t count) {
  const std::int64_t rows = count + 3, span = 50;
  std::vector<T> in(static_cast<std::size_t>(span + mapper::side));
  std::iota(in.begin(), in.end(), T{1});
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(count), span);
  std::mt19937 random(2);
  for (std::size_t i = 1; i < offsets.size(); ++i) offsets[i] = static_cast<std::int64_t>(random() % span);
  std::vector<T> out(static_cast<std::size_t>(mapper::side * rows), T{-1});
  mapper::gather_squares(in.data(), offsets, rows, out.data());
  for (std::int64_t w = 0; w < mapper::side; ++w)
    for (std::int64_t r = 0; r < rows; ++r) {
      const T expected = r < count ? in[static_cast<std::size_t>(w + offsets[static_cast<std::size_t>(r)])] : T{-1};
      CHECK(out[static_cast<std::size_t>(w * rows + r)] == expected);
    }
}

}  // namespace

TEST_CASE("windows that lie side by side are gathered together, with every instruction set") {
  for (const std::int64_t count : {0, 4, 8, 20})
    crossbar::test::for_each_target([&] {
      check_squares<std::int32_t>(count);
      check_squares<float>(count);
    });
}
