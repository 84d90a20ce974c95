#include "crossbar/range.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {
namespace {

constexpr std::size_t bin_count = 8192;

// Fractions of the largest magnitude that the least-error search tries; finer steps change the error by less than
// one per cent.
constexpr int candidates = 100;

double least_error_reach(const Histogram& seen, double peak, const std::function<Codes(double)>& codes) {
  double best = peak, least = seen.squared_error(codes(peak));
  for (int i = 1; i < candidates; ++i) {
    const double reach = peak * i / candidates;
    const double error = seen.squared_error(codes(reach));
    if (error < least) {
      least = error;
      best = reach;
    }
  }
  return best;
}

}  // namespace

Histogram::Histogram(double low, double high)
    : low_(low), width_((high - low) / static_cast<double>(bin_count)), bins_(bin_count) {}

double Histogram::centre(std::size_t bin) const { return low_ + (static_cast<double>(bin) + 0.5) * width_; }

void Histogram::add(double x) {
  min_ = count_ == 0 ? x : std::min(min_, x);
  max_ = count_ == 0 ? x : std::max(max_, x);
  const double at = std::clamp((x - low_) / width_, 0.0, static_cast<double>(bin_count - 1));
  ++bins_[static_cast<std::size_t>(at)];
  ++count_;
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  for (std::size_t b = 0; b < bin_count; ++b) bins_[b] += other.bins_[b];
}

double Histogram::percentile(double percent) const {
  std::vector<std::pair<double, std::int64_t>> magnitudes;
  for (std::size_t b = 0; b < bin_count; ++b)
    if (bins_[b] > 0) magnitudes.emplace_back(std::abs(centre(b)), bins_[b]);
  std::sort(magnitudes.begin(), magnitudes.end());
  const double wanted = percent / 100.0 * static_cast<double>(count_);
  double below = 0.0;
  for (const auto& [magnitude, n] : magnitudes) {
    below += static_cast<double>(n);
    if (below >= wanted) return std::min(magnitude + width_ / 2, std::max(max_, -min_));
  }
  return std::max(max_, -min_);
}

double Histogram::squared_error(const Codes& codes) const {
  double sum = 0.0;
  for (std::size_t b = 0; b < bin_count; ++b) {
    if (bins_[b] == 0) continue;
    const double x = std::clamp(centre(b), min_, max_);
    const double back = codes.step * std::clamp(std::nearbyint(x / codes.step), codes.low, codes.high);
    sum += static_cast<double>(bins_[b]) * (x - back) * (x - back);
  }
  return sum;
}

double chosen_reach(Statistic statistic, double percentile, const Histogram& seen,
                    const std::function<Codes(double)>& codes) {
  const double peak = std::max({seen.max(), -seen.min(), 0.0});
  if (statistic == Statistic::max) return peak;
  return statistic == Statistic::mse ? least_error_reach(seen, peak, codes) : seen.percentile(percentile);
}

}  // namespace wordline::crossbar
