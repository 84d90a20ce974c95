#pragma once

#include <span>
#include <vector>

#include "core/random.hpp"
#include "mapper/inputs.hpp"
#include "mapper/program.hpp"
#include "mapper/tally.hpp"

namespace wordline::mapper {

/// Everything that the blocks of one run share.
struct RunContext {
  const Plan& plan;
  const Origin& origin;
  const Banks& banks;
  const ScaledInputs& inputs;
  const Samples& samples;
  const Unfold& unfold;
};

/// One block of vectors on its way through all reads of a layer.
class BlockRun {
 public:
  BlockRun(const RunContext& context, std::int64_t first, std::int64_t count);

  /// Reads all arrays, adding what happened to `tally`.
  void read(const core::Stream& noise, Tally& tally);
  /// Writes the outputs, [sample][window][output], or [sample][output][window] when `channels_first`.
  void write(bool channels_first, std::span<float> out) const;

 private:
  std::int64_t multiply(std::size_t index, const crossbar::Block& block, const core::Stream& noise);
  void join(const Read& read, std::span<const double> part);
  void take_references(const Read& read, std::span<const double> part);
  double references(const Read& read, const BankShape& shape, std::span<const double> part, std::int64_t v,
                    std::int64_t n) const;
  void correct(std::size_t index, const crossbar::Block& block);
  // Vectors of one sample, from `at` on in this block.
  struct Windows {
    std::int64_t sample, window, count, at;
  };
  void write_windows(bool channels_first, const Windows& some, std::span<float> out) const;
  double& sum(std::int64_t v, std::int64_t output) { return sums_[crossbar::result_at(count_, v, output)]; }

  const RunContext& context_;
  const Plan& plan_;
  std::int64_t first_, count_;
  std::vector<double> sums_;  // [outputs / lanes][vector][lane]
};

}  // namespace wordline::mapper
