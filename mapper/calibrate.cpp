#include "mapper/calibrate.hpp"

#include <algorithm>
#include <mutex>

#include "crossbar/mvm.hpp"
#include "mapper/program.hpp"

namespace wordline::mapper {
namespace {

using crossbar::Histogram;
using crossbar::Scope;

using Seen = std::vector<Histogram>;  // one per slice

// Both partners of a digitally subtracted pair share their slice's range.
std::vector<std::size_t> slices_of_groups(const Layout& layout) {
  std::vector<std::size_t> out;
  for (std::int64_t g = 0; g < layout.groups(); ++g) out.push_back(static_cast<std::size_t>(layout.group_slice(g)));
  return out;
}

Seen empty_histograms(const Plan& plan) {
  Seen seen;
  for (std::size_t s = 0; s < plan.slices.size(); ++s) {
    const double reach = full_reach(plan, s);
    seen.emplace_back(-reach, reach);
  }
  return seen;
}

Seen observe_tile(const Plan& plan, std::int64_t tile, const ScaledInputs& inputs, const Samples& samples,
                  const Unfold& unfold, const core::Execution& execution) {
  const crossbar::Bank bank = nominal_tile(plan, tile).bank;
  const auto which = slices_of_groups(plan.layout);
  const std::int64_t vectors = samples.count * unfold.windows;
  Seen all = empty_histograms(plan);
  std::mutex mutex;
  core::for_each_block(core::block_count(vectors, block_vectors), execution, [&](std::int64_t b) {
    const std::int64_t first = b * block_vectors;
    Seen seen = empty_histograms(plan);
    const auto block = gather(plan, inputs, unfold, samples, tile, first, std::min(block_vectors, vectors - first));
    crossbar::observe(bank, block, which, seen);
    const std::lock_guard lock(mutex);
    for (std::size_t s = 0; s < seen.size(); ++s) all[s].merge(seen[s]);
  });
  return all;
}

void merge_tiles(std::vector<Seen>& tiles) {
  Seen all = tiles.front();
  for (std::size_t t = 1; t < tiles.size(); ++t)
    for (std::size_t s = 0; s < all.size(); ++s) all[s].merge(tiles[t][s]);
  std::fill(tiles.begin(), tiles.end(), all);
}

// Reaches of one tile's slices, level units. A range shared by a layer is one current: the largest of its slices'.
std::vector<double> reaches(const Plan& plan, const Seen& seen) {
  std::vector<double> out;
  for (std::size_t s = 0; s < seen.size(); ++s)
    out.push_back(crossbar::calibrated_reach(plan.chip.adc, seen[s], converted(plan, s)));
  if (plan.chip.adc.scope != Scope::layer) return out;
  double current = 0.0;
  for (std::size_t s = 0; s < out.size(); ++s) current = std::max(current, out[s] * plan.units[s].current);
  for (std::size_t s = 0; s < out.size(); ++s) out[s] = current / plan.units[s].current;
  return out;
}

}  // namespace

void calibrate_adc(Plan& plan, const Samples& samples, const Unfold& unfold, const core::Execution& execution) {
  const ScaledInputs inputs = scale_inputs(plan, samples, unfold, execution);
  std::vector<Seen> tiles;
  for (std::int64_t t = 0; t < plan.layout.row_tiles(); ++t)
    tiles.push_back(observe_tile(plan, t, inputs, samples, unfold, execution));
  if (plan.chip.adc.scope != Scope::tile) merge_tiles(tiles);
  for (const Seen& seen : tiles) {
    const std::vector<double> reach = reaches(plan, seen);
    std::vector<crossbar::Codes> codes;
    for (std::size_t s = 0; s < reach.size(); ++s)
      codes.push_back(crossbar::codes_for(reach[s], *plan.chip.adc.bits, converted(plan, s)));
    plan.adc.push_back(codes);
  }
}

}  // namespace wordline::mapper
