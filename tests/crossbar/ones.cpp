#include "crossbar/ones.hpp"

#include <bit>
#include <cstdlib>
#include <random>
#include <vector>

#include "tests/catch.hpp"

TEST_CASE("ones of codes are counted row by row, whatever the number of rows") {
  std::mt19937 random(1);
  for (const std::size_t rows : {1U, 3U, 16U, 37U, 128U}) {
    constexpr std::size_t vectors = 70;  // more than a byte can count
    std::vector<std::int32_t> codes;
    std::vector<std::uint32_t> sums(rows, 5), expected(rows, 5);
    for (std::size_t k = 0; k < vectors * rows; ++k) {
      codes.push_back(k % 3 == 0 ? -65535 : static_cast<std::int32_t>(random() % 131071) - 65535);
      expected[k % rows] +=
          static_cast<std::uint32_t>(std::popcount(static_cast<std::uint32_t>(std::abs(codes.back()))));
    }
    wordline::crossbar::count_ones(codes, sums);
    CHECK(sums == expected);
  }
  wordline::crossbar::count_ones({}, {});
}
