#include "crossbar/reference_adc.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace wordline::crossbar::reference {
namespace {

using Draw = std::function<double(std::uint32_t)>;

double power(std::int64_t k) { return std::pow(2.0, static_cast<double>(k)); }

double size(double sigma, double z) { return 1.0 + sigma * z < 0.1 ? 0.1 : 1.0 + sigma * z; }

// u counts the edges at or below the input, in any order.
double count_fired(const std::vector<double>& levels, double u) {
  return static_cast<double>(std::count_if(levels.begin(), levels.end(), [u](double level) { return u >= level; }));
}

double uniform_code(const AdcSpec& s, double u, const Draw& z) {
  const auto edges = static_cast<std::int64_t>(power(*s.bits)) - 1;
  const auto errors_before = [&](std::int64_t k) {
    double sum = 0.0;
    for (std::int64_t i = 1; i < k; ++i) sum += s.dnl * z(static_cast<std::uint32_t>(i));
    return sum;
  };
  std::vector<double> levels;
  for (std::int64_t k = 1; k <= edges; ++k) {
    const double t = edges == 1 ? 0.0 : static_cast<double>(k - 1) / static_cast<double>(edges - 1);
    double level = static_cast<double>(k) - 0.5 + errors_before(k) - t * errors_before(edges);
    level += s.inl * z(0) * (1.0 - (2.0 * t - 1.0) * (2.0 * t - 1.0));
    if (!s.inl_table.empty()) level += s.inl_table[static_cast<std::size_t>(k - 1)];
    levels.push_back(level);
  }
  return count_fired(levels, u);
}

double sar_code(const AdcSpec& s, double u, const Draw& z) {
  std::vector<double> capacitor;
  for (std::int64_t k = 0; k < *s.bits; ++k)
    capacitor.push_back(power(k) * size(s.mismatch / std::sqrt(power(k)), z(static_cast<std::uint32_t>(k))));
  double total = size(s.mismatch, z(static_cast<std::uint32_t>(*s.bits)));
  for (const double c : capacitor) total += c;
  const double offset = s.comparator_offset * z(static_cast<std::uint32_t>(*s.bits + 1));
  double code = 0.0, switched = 0.0;
  for (std::int64_t k = *s.bits; k-- > 0;) {
    const double tried = switched + capacitor[static_cast<std::size_t>(k)];
    if (u + 0.5 < tried / total * power(*s.bits) + offset) continue;
    switched = tried;
    code += power(k);
  }
  return code;
}

double ramp_code(const AdcSpec& s, double u, const Draw& z) {
  double code = 0.0, level = 0.0;
  while (code < power(*s.bits) - 1.0) {
    level += size(s.mismatch, z(static_cast<std::uint32_t>(code) + 1));
    if (level + s.comparator_offset * z(0) > u + 0.5) break;
    code += 1.0;
  }
  return code;
}

double flash_code(const AdcSpec& s, double u, const Draw& z) {
  const auto resistors = static_cast<std::uint32_t>(power(*s.bits));
  double ladder = 0.0, tap = 0.0;
  for (std::uint32_t i = 0; i < resistors; ++i) ladder += size(s.mismatch, z(i));
  std::vector<double> levels;
  for (std::uint32_t i = 0; i + 1 < resistors; ++i) {
    tap += size(s.mismatch, z(i));
    levels.push_back(power(*s.bits) * tap / ladder + s.comparator_offset * z(resistors + i));
  }
  return count_fired(levels, u + 0.5);
}

// The residue v spans -1 .. 1; digits are worth half the full scale, a quarter, ...
double stages_code(const AdcSpec& s, double u, const Draw& z) {
  const std::int64_t stages = *s.bits - 1;
  const bool same = s.kind == AdcKind::cyclic;
  const double lsb = 2.0 / power(*s.bits);
  double v = (u + 0.5) * lsb - 1.0, code = power(stages);
  for (std::int64_t i = 0; i < stages; ++i) {
    const auto first = static_cast<std::uint32_t>(same ? 0 : 4 * i);
    const double lower = -0.25 + s.comparator_offset * lsb * z(first + 2);
    const double upper = 0.25 + s.comparator_offset * lsb * z(first + 3);
    const int d = (v >= lower ? 1 : 0) + (v >= upper ? 1 : 0) - 1;
    code += d * power(stages - 1 - i);
    const double sampling = size(s.mismatch, z(first)), feedback = size(s.mismatch, z(first + 1));
    const double part = feedback / (sampling + feedback);
    const double settled = s.amplifier_gain ? *s.amplifier_gain * part / (1.0 + *s.amplifier_gain * part) : 1.0;
    v = settled * ((sampling + feedback) * v - sampling * d) / feedback;
  }
  const double zero = s.comparator_offset * lsb * z(same ? 4 : static_cast<std::uint32_t>(4 * stages));
  return v >= zero ? code : code - 1.0;
}

}  // namespace

double adc_code(const AdcSpec& spec, double low, double x, const Draw& normal) {
  const double u = x - low;
  switch (spec.kind) {
    case AdcKind::uniform:
      return low + uniform_code(spec, u, normal);
    case AdcKind::sar:
      return low + sar_code(spec, u, normal);
    case AdcKind::ramp:
      return low + ramp_code(spec, u, normal);
    case AdcKind::flash:
      return low + flash_code(spec, u, normal);
    default:
      return low + stages_code(spec, u, normal);
  }
}

}  // namespace wordline::crossbar::reference
