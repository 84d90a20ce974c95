#pragma once

#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "devices/registry.hpp"

/// What the device tests share: making cells and judging samples.
namespace cases {

using namespace wordline;

inline devices::CellSpec spec(const core::Value& value) { return devices::CellSpec::from_value(value, "cell"); }
inline std::unique_ptr<devices::Cell> make(const core::Value& value) { return spec(value).make(); }

/// n cells of ids 0, 1, ... that are all to become `target` (S).
inline devices::CellArray cells(std::size_t n, double target, std::uint64_t seed = 11) {
  devices::CellArray out;
  out.chip.seed = seed;
  out.id.resize(n);
  std::iota(out.id.begin(), out.id.end(), std::uint64_t{0});
  out.target.assign(n, target);
  return out;
}

inline devices::CellArray programmed(const devices::Cell& cell, std::size_t n, double target, std::uint64_t seed = 11) {
  auto out = cells(n, target, seed);
  cell.fabricate(out);
  cell.program(out);
  return out;
}

inline devices::CellArray aged(const devices::Cell& cell, devices::CellArray cells, const devices::Ageing& ageing) {
  cell.age(cells, ageing);
  return cells;
}

inline double current(const devices::Cell& cell, double G, double V) {
  double I = 0.0;
  cell.current({&G, 1}, V, {&I, 1});
  return I;
}

struct Moments {
  double mean = 0.0, std = 0.0;
};
inline Moments moments(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double squares = 0.0;
  for (const double v : x) squares += (v - mean) * (v - mean);
  return {.mean = mean, .std = std::sqrt(squares / (n - 1.0))};
}
inline double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const Moments a = moments(x), b = moments(y);
  double sum = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - a.mean) * (y[k] - b.mean);
  return sum / (static_cast<double>(x.size() - 1) * a.std * b.std);
}

/// Standard errors of the mean, of the standard deviation and of a fraction, for n normal (or binomial) samples.
inline double error_of_mean(double sigma, std::size_t n) { return sigma / std::sqrt(static_cast<double>(n)); }
inline double error_of_std(double sigma, std::size_t n) { return sigma / std::sqrt(2.0 * static_cast<double>(n)); }
inline double error_of_fraction(double p, std::size_t n) { return std::sqrt(p * (1.0 - p) / static_cast<double>(n)); }

inline double fraction_above(const std::vector<double>& x, double border) {
  double count = 0.0;
  for (const double v : x) count += v > border ? 1.0 : 0.0;
  return count / static_cast<double>(x.size());
}

/// The rule that `action` breaks; empty when it is accepted.
template <class Action>
std::string broken_rule(const Action& action) {
  try {
    action();
  } catch (const core::Error& e) {
    return e.complaint().rule;
  }
  return "";
}
/// The whole message, for tests of what it tells the user.
template <class Action>
std::string message(const Action& action) {
  try {
    action();
  } catch (const core::Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace cases
