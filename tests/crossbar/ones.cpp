#include "crossbar/ones.hpp"

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/catch.hpp"
#include "tests/crossbar/cases.hpp"

namespace {

// Every third row has ones alone, as many as a code can have.
void check_ones(std::size_t rows) {
  constexpr std::size_t vectors = 70;  // more than a byte can count
  std::mt19937 random(1);
  std::vector<std::int32_t> codes;
  std::vector<std::uint32_t> sums(rows, 5), expected(rows, 5);
  for (std::size_t k = 0; k < vectors * rows; ++k) {
    const auto magnitude = k % rows % 3 == 0 ? 65535U : static_cast<std::uint32_t>(random() % 65536);
    codes.push_back(k % 2 == 0 ? static_cast<std::int32_t>(magnitude) : -static_cast<std::int32_t>(magnitude));
    expected[k % rows] += static_cast<std::uint32_t>(std::popcount(magnitude));
  }
  wordline::crossbar::count_ones(codes, sums);
  CHECK(sums == expected);
}

}  // namespace

TEST_CASE("ones of codes are counted row by row, whatever the number of rows") {
  wordline::crossbar::test::for_each_target([] {
    for (const std::size_t rows : {1U, 3U, 16U, 37U, 128U}) check_ones(rows);
  });
  wordline::crossbar::count_ones({}, {});
}
