#include "core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/random.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::Execution;
using core::for_each_block;

namespace {

struct OddFailure : std::runtime_error {
  explicit OddFailure(std::int64_t b) : std::runtime_error("odd"), block(b) {}
  std::int64_t block;
};

// The way all rooms work: `items` noisy values in blocks of `size`, sums per block, added in order at the end.
double noisy_sum(std::int64_t items, std::int64_t size, int threads) {
  const core::Stream stream({.seed = 1, .chip = 0, .layer = 0, .tile = 0, .purpose = "sum"});
  std::vector<double> values(static_cast<std::size_t>(items));
  for_each_block(core::block_count(items, size), {.threads = threads, .poll = {}}, [&](std::int64_t block) {
    for (std::int64_t i = block * size; i < std::min(items, (block + 1) * size); ++i)
      values[static_cast<std::size_t>(i)] = stream.normals({core::field32("item", i), 0, 0, 0})[0];
  });
  double sum = 0.0;
  for (const double x : values) sum += x;
  return sum;
}

}  // namespace

TEST_CASE("every block runs exactly once for 1, 2, 16 and all threads", "[parallel]") {
  for (const int threads : {1, 2, 16, 0})
    for (const std::int64_t blocks : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(blocks));
      for_each_block(blocks, {.threads = threads, .poll = {}},
                     [&](std::int64_t block) { ++runs[static_cast<std::size_t>(block)]; });
      CAPTURE(threads, blocks);
      CHECK(std::all_of(runs.begin(), runs.end(), [](const auto& n) { return n == 1; }));
    }
}

TEST_CASE("a body's exception arrives outside with its type and stops the run", "[parallel]") {
  for (const int threads : {1, 2, 16}) {
    std::atomic<int> runs{0};
    const auto body = [&](std::int64_t block) {
      ++runs;
      if (block == 5) throw OddFailure(block);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    };
    std::int64_t failed = -1;
    try {
      for_each_block(2000, {.threads = threads, .poll = {}}, body);
    } catch (const OddFailure& e) {
      failed = e.block;
    }
    CHECK(failed == 5);
    CHECK(runs < 2000);
  }
}

TEST_CASE("of several failed blocks the lowest is reported", "[parallel]") {
  std::atomic<int> arrived{0};
  const auto body = [&](std::int64_t block) {
    // All three are inside before the first one throws, so that three failures race.
    ++arrived;
    while (arrived < 3) std::this_thread::yield();
    throw OddFailure(block);
  };
  std::int64_t failed = -1;
  try {
    for_each_block(3, {.threads = 3, .poll = {}}, body);
  } catch (const OddFailure& e) {
    failed = e.block;
  }
  CHECK(failed == 0);
}

TEST_CASE("core errors keep their kind across the parallel region", "[parallel]") {
  const auto run = [] {
    for_each_block(8, {.threads = 2, .poll = {}}, [](std::int64_t) { core::field32("window", -1); });
  };
  CHECK(tests::refused(ErrorKind::value, run).complaint().name == "window");
}

TEST_CASE("poll is called on the calling thread only", "[parallel]") {
  for (const int threads : {1, 2, 16}) {
    std::vector<std::thread::id> callers;  // without a lock: TSan would see a second thread here
    const auto poll = [&] { callers.push_back(std::this_thread::get_id()); };
    for_each_block(200, {.threads = threads, .poll = poll},
                   [](std::int64_t) { std::this_thread::sleep_for(std::chrono::microseconds(100)); });
    CHECK_FALSE(callers.empty());
    CHECK(std::all_of(callers.begin(), callers.end(), [](auto id) { return id == std::this_thread::get_id(); }));
  }
}

TEST_CASE("poll can stop a run", "[parallel]") {
  for (const int threads : {1, 2, 16}) {
    std::atomic<int> runs{0};
    int polls = 0;
    const auto poll = [&] {
      if (++polls == 3) throw core::Error(ErrorKind::interrupted, {"stopped", "", "", "", "", ""});
    };
    const auto body = [&](std::int64_t) {
      ++runs;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    };
    tests::refused(ErrorKind::interrupted, [&] { for_each_block(5000, {.threads = threads, .poll = poll}, body); });
    CHECK(runs < 5000);
  }
}

TEST_CASE("a thread count below zero is refused, zero means all") {
  const auto nothing = [](std::int64_t) {};
  const auto error = tests::refused(ErrorKind::value, [&] { for_each_block(1, {.threads = -1, .poll = {}}, nothing); });
  CHECK(error.complaint().name == "threads");
  CHECK(error.complaint().value == "-1");
  CHECK_NOTHROW(for_each_block(1, {.threads = 0, .poll = {}}, nothing));
  tests::refused(ErrorKind::value, [&] { for_each_block(1, {.threads = 1025, .poll = {}}, nothing); });
}

TEST_CASE("more threads than blocks do no harm", "[parallel]") {
  std::atomic<int> runs{0};
  for_each_block(2, {.threads = 1024, .poll = {}}, [&](std::int64_t) { ++runs; });
  CHECK(runs == 2);
}

TEST_CASE("random results are the same bits for any number of threads and any split", "[parallel]") {
  const double expected = noisy_sum(10007, 10007, 1);
  for (const int threads : {1, 2, 16})
    for (const std::int64_t size : {1, 64, 1000}) CHECK(noisy_sum(10007, size, threads) == expected);
}

TEST_CASE("blocks cover all items") {
  CHECK(core::block_count(0, 8) == 0);
  CHECK(core::block_count(1, 8) == 1);
  CHECK(core::block_count(8, 8) == 1);
  CHECK(core::block_count(9, 8) == 2);
}
