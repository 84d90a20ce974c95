#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

namespace wordline::bench {

inline double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> times) {
  const auto middle = times.begin() + std::ssize(times) / 2;
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// What two pieces of work took that took turns, so that a drift of the machine hits both.
struct Turns {
  double ours, theirs;              ///< medians, s
  double least_ours, least_theirs;  ///< of the fastest runs: shorter ones find a quiet moment more easily
};

inline Turns take_turns(const std::function<void()>& ours, const std::function<void()>& theirs, int turns = 9) {
  std::vector<double> a, b;
  for (int i = 0; i < turns; ++i) {
    a.push_back(seconds(ours));
    b.push_back(seconds(theirs));
  }
  return {median(a), median(b), std::ranges::min(a), std::ranges::min(b)};
}

}  // namespace wordline::bench
