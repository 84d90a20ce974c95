#pragma once

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "core/random.hpp"
#include "crossbar/bank.hpp"
#include "crossbar/wires.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// A total known from a sample of its parts.
struct Estimate {
  double value = 0.0, error = 0.0;  ///< the same unit; `error` is one standard error
};

/// An input vector in the order in which a random sample takes them: by rank, a number drawn for its sample and window.
struct Ranked {
  double rank = 0.0;
  std::uint32_t sample = 0, window = 0;
  auto operator<=>(const Ranked&) const = default;
};

/// A random sample, without replacement, of the energies of input vectors: those of lowest rank. Which they are depends
/// on all vectors seen, not on their order.
class EnergySample {
 public:
  explicit EnergySample(std::int64_t size) : size_(static_cast<std::size_t>(size)) {}

  bool takes(const Ranked& vector) const;
  void add(const Ranked& vector, double joule);
  void merge(const EnergySample& other);
  /// The sum over all `vectors`, of which this is a sample: J. Exact when it holds them all.
  Estimate total(std::int64_t vectors) const;

 private:
  using Entry = std::tuple<Ranked, double>;
  std::size_t size_;
  std::multiset<Entry> entries_;
};

/// Ranks of the vectors of a study: the same for all its chips and layers.
Ranked rank(const core::Stream& stream, const crossbar::Block& block, std::int64_t vector);
core::Stream rank_stream(std::uint64_t seed);

/// J that the drivers of one read's rows give for one input vector: t_read times the sum over cycles of V' Y V, pulses
/// of different width overlapping from their start on.
double driver_energy(const Plan& plan, const crossbar::Bank& bank, const crossbar::Block& block, std::int64_t vector,
                     const crossbar::Matrix& drivers);

}  // namespace wordline::mapper
