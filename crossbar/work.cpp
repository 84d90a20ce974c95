#include "crossbar/work.hpp"

#include <cmath>
#include <numeric>

namespace wordline::crossbar::detail {
namespace {

// Single precision holds a sum of 16-bit codes whose weights span eight bits; then it moves to double.
void plan_runs(Packed& in) {
  double smallest = std::abs(in.conversions.front().weight);
  for (std::size_t c = 0; c < in.conversions.size(); ++c) {
    in.weights.push_back(static_cast<float>(in.conversions[c].weight));
    const bool last = c + 1 == in.conversions.size();
    const double next = last ? 0.0 : std::abs(in.conversions[c + 1].weight);
    if (next >= smallest && next < 256 * smallest) continue;
    in.runs.push_back(static_cast<std::int64_t>(c) + 1);
    smallest = next;
  }
}

}  // namespace

Packed pack(const Bank& bank, const Block& block) {
  const std::vector<Cycle> cycles = bank.code.cycles();
  Packed in{.cycles = std::ssize(cycles), .conversions = bank.code.conversions()};
  for (const Cycle& cycle : cycles) in.gains.push_back(static_cast<float>(bank.code.gain(cycle)));
  for (const Conversion& conversion : in.conversions) {
    const auto first = in.gains.begin() + conversion.first;
    in.idle_gains.push_back(std::inner_product(first, first + conversion.count, first, 0.0F));
  }
  plan_runs(in);
  if (bank.kernel == Kernel::bits) in.planes = pack_planes(bank, block);
  if (bank.kernel != Kernel::bits) in.digits = pack_slots(bank, block);
  in.solved = block.solved;
  if (bank.has_baseline()) in.digit_sums = digit_sums(bank, block);
  return in;
}

Work make_work(const Bank& bank, std::int64_t cycles) {
  const auto table = static_cast<std::size_t>(core::block_count(bank.rows, 4) * 16 * lanes);
  const auto normals = static_cast<std::size_t>(core::block_count(cycles, 4) * 4 * lanes);
  const auto sums = static_cast<std::size_t>((chunk * cycles + slack) * lanes);
  return {hwy::AllocateAligned<float>(table),
          hwy::AllocateAligned<float>(table),
          hwy::AllocateAligned<float>(sums),
          hwy::AllocateAligned<float>(sums),
          hwy::AllocateAligned<float>(normals),
          hwy::AllocateAligned<float>(normals),
          {}};
}

}  // namespace wordline::crossbar::detail
