#include "crossbar/adc.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {
namespace {

constexpr std::size_t bin_count = 8192;

// Fractions of the largest magnitude that the least-error search tries; finer steps change the error by less than
// one per cent.
constexpr int candidates = 100;

Codes least_error(const AdcSpec& spec, const Histogram& seen, double peak, Converted kind) {
  Codes best = codes_for(peak, *spec.bits, kind);
  double least = seen.squared_error(best);
  for (int i = 1; i < candidates; ++i) {
    const Codes codes = codes_for(peak * i / candidates, *spec.bits, kind);
    const double error = seen.squared_error(codes);
    if (error < least) {
      least = error;
      best = codes;
    }
  }
  return best;
}

}  // namespace

void AdcSpec::check() const {
  const bool plain = offset == 0.0 && gain == 0.0 && noise == 0.0;
  core::require(bits.has_value() || plain, core::ErrorKind::value,
                {.rule = "an ideal ADC (bits = None) has no offset, gain error or noise", .name = "adc.bits",
                 .value = "None", .unit = "bit", .allowed = "[1, 16] with these errors",
                 .remedy = "give bits, or set offset, gain and noise to 0"});
}

Codes codes_for(double reach, std::int64_t bits, Converted kind) {
  const double largest = std::ldexp(1.0, static_cast<int>(kind.two_sided ? bits - 1 : bits)) - 1.0;
  const double smallest = kind.two_sided ? -largest - 1.0 : 0.0;
  // A 1-bit two-sided converter has the codes -1 and 0: its step must still cover the reach.
  const double step = reach / std::max(1.0, largest);
  const bool widen = step <= 0.0 || (kind.whole && step < 1.0);
  return {.step = widen ? 1.0 : step, .low = smallest, .high = largest};
}

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
  for (const auto& [magnitude, n] : magnitudes)
    if ((below += static_cast<double>(n)) >= wanted) return std::min(magnitude + width_ / 2, std::max(max_, -min_));
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

Codes calibrated_codes(const AdcSpec& spec, const Histogram& seen, Converted kind) {
  const double peak = std::max({seen.max(), -seen.min(), 0.0});
  if (spec.statistic == Statistic::mse) return least_error(spec, seen, peak, kind);
  const double reach = spec.statistic == Statistic::max ? peak : seen.percentile(spec.percentile);
  return codes_for(reach, *spec.bits, kind);
}

}  // namespace wordline::crossbar
