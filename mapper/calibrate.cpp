#include "mapper/calibrate.hpp"

#include <algorithm>
#include <mutex>

#include "crossbar/mvm.hpp"
#include "mapper/gather.hpp"
#include "mapper/program.hpp"

namespace wordline::mapper {
namespace {

using crossbar::Histogram;
using crossbar::Scope;

using Seen = std::vector<Histogram>;  // one per slice

// Both partners of a digitally subtracted pair and references share their slice's range.
std::vector<std::size_t> slices_of_groups(const BankShape& shape) {
  std::vector<std::size_t> out(static_cast<std::size_t>(shape.groups()));
  for (std::int64_t s = 0; s < shape.slices; ++s) {
    for (std::int64_t sign = 0; sign < shape.signs; ++sign)
      for (std::int64_t n = 0; n < shape.outputs; n += crossbar::lanes)
        out[static_cast<std::size_t>(shape.group_of(s, sign, n))] = static_cast<std::size_t>(s);
    for (std::int64_t a = 0; a < shape.references; a += crossbar::lanes)
      out[static_cast<std::size_t>(shape.reference_group_of(s, a))] = static_cast<std::size_t>(s);
  }
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

// Adds what one read converts to the histograms of its tile.
void observe_read(const Plan& plan, std::int64_t index, const ScaledInputs& inputs, const Samples& samples,
                  const Unfold& unfold, const core::Execution& execution, Seen& all) {
  const Read& read = plan.reads[static_cast<std::size_t>(index)];
  const crossbar::Bank bank = nominal_bank(plan, index, execution);
  const auto which = slices_of_groups(bank_shape(plan, read));
  const std::int64_t vectors = samples.count * unfold.windows;
  std::mutex mutex;
  const std::int64_t each = block_vectors(plan);
  core::for_each_block(core::block_count(vectors, each), execution, [&](std::int64_t b) {
    const std::int64_t first = b * each;
    Seen seen = empty_histograms(plan);
    auto block = gather(plan, inputs, unfold, samples, read, first, std::min(each, vectors - first));
    crossbar::solve(bank, block);
    crossbar::observe(bank, block, which, seen);
    const std::lock_guard lock(mutex);
    for (std::size_t s = 0; s < seen.size(); ++s) all[s].merge(seen[s]);
  });
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
  double most = 0.0;
  for (std::size_t s = 0; s < out.size(); ++s) most = std::max(most, out[s] * physical_unit(plan, s));
  for (std::size_t s = 0; s < out.size(); ++s) out[s] = most / physical_unit(plan, s);
  return out;
}

}  // namespace

void calibrate_adc(Plan& plan, const Samples& samples, const Unfold& unfold, const core::Execution& execution) {
  const ScaledInputs inputs = scale_inputs(plan, samples, unfold, execution);
  std::vector<Seen> tiles(static_cast<std::size_t>(plan.layout.tiles()), empty_histograms(plan));
  for (std::int64_t i = 0; i < std::ssize(plan.reads); ++i)
    observe_read(plan, i, inputs, samples, unfold, execution,
                 tiles[static_cast<std::size_t>(plan.tile(plan.reads[static_cast<std::size_t>(i)]))]);
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
