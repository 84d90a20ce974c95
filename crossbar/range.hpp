#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/spec.hpp"

namespace wordline::crossbar {

/// How a statistic of sample data becomes a range.
enum class Statistic {
  max,         ///< nothing seen in the samples is clipped
  percentile,  ///< a percentile of the magnitudes
  mse,         ///< the range with the least squared quantisation error
};

/// Whole-number codes on an even grid: value = step * code.
struct Codes {
  double step = 1.0;
  double low = 0.0;   ///< smallest code
  double high = 0.0;  ///< largest code
};

/// A histogram of converted quantities on a fixed interval; exact in its extremes. Merging is exact, so the result
/// does not depend on how samples were split.
class Histogram {
 public:
  Histogram() : Histogram(-1.0, 1.0) {}
  Histogram(double low, double high);
  void add(double x);
  void merge(const Histogram& other);
  std::int64_t count() const { return count_; }
  double min() const { return min_; }
  double max() const { return max_; }
  /// The magnitude below which `percent` of the values lie.
  double percentile(double percent) const;
  /// Sum of squared quantisation errors of all values, each taken at its bin's centre.
  double squared_error(const Codes& codes) const;

 private:
  double centre(std::size_t bin) const;
  double low_, width_;
  double min_ = 0.0, max_ = 0.0;
  std::int64_t count_ = 0;
  std::vector<std::int64_t> bins_;
};

/// The reach (largest magnitude to be represented) that `statistic` chooses for the values seen; `codes` gives the
/// grid of any reach and is only asked by Statistic::mse. Never more than the largest magnitude seen.
double chosen_reach(Statistic statistic, double percentile, const Histogram& seen,
                    const std::function<Codes(double)>& codes);

}  // namespace wordline::crossbar

template <>
struct wordline::core::EnumWords<wordline::crossbar::Statistic> {
  using E = wordline::crossbar::Statistic;
  static constexpr std::array<std::pair<std::string_view, E>, 3> words{
      {{"max", E::max}, {"percentile", E::percentile}, {"mse", E::mse}}};
};
