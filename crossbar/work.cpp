#include "crossbar/work.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "crossbar/noise.hpp"

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
  if (bank.has_baseline()) in.digit_sums = digit_sums(bank, block, in.planes);
  return in;
}

bool Packed::direct() const {
  const auto takes_away = [](const Planes& p) { return p.subtract; };
  return !planes.empty() && std::none_of(planes.begin(), planes.end(), takes_away) && !accumulated() && solved.empty();
}

namespace {

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32U); }

NoiseStart make_start(const NoiseKeys& keys, const core::Event& event) {
  const std::uint64_t a0 = std::uint64_t{event[0]} * NoiseKeys::factor0;
  const std::uint64_t a1 = std::uint64_t{event[2]} * NoiseKeys::factor1;
  const std::uint64_t b0 = std::uint64_t{high(a1) ^ event[1] ^ keys.first[0][0]} * NoiseKeys::factor0;
  const std::uint64_t c1 = std::uint64_t{high(b0) ^ low(a0) ^ keys.second[1][0]} * NoiseKeys::factor1;
  return {.one = high(a0) ^ keys.second[0][0],
          .two = low(a1) ^ keys.first[1][0],
          .x0 = high(c1) ^ keys.first[2][0],
          .x1 = low(c1),
          .x2 = low(b0) ^ keys.second[2][0]};
}

}  // namespace

NoiseKeys::NoiseKeys(const core::Stream& noise, const Bank& bank, const Block& block) {
  constexpr std::uint32_t weyl0 = 0x9E3779B9U, weyl1 = 0xBB67AE85U;  // Salmon et al., table 2
  for (std::uint32_t round = 0; round < rounds; ++round)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const bool used = round + 1 < rounds || lane % 2 == 1;
      first[round][lane] = used ? noise.key()[0] + round * weyl0 : 0;
      second[round][lane] = used ? noise.key()[1] + round * weyl1 : 0;
    }
  if (!bank.noisy()) return;
  starts.reserve(block.sample.size());
  for (std::size_t v = 0; v < block.sample.size(); ++v)
    starts.push_back(make_start(*this, conversion_event(block.sample[v], block.window[v], bank.index, 0, 0)));
}

Work make_work(const Bank& bank, std::int64_t cycles) {
  const auto rows = static_cast<std::size_t>(core::block_count(bank.rows, 4) * 4 * lanes);
  const auto sums = static_cast<std::size_t>((chunk * cycles + slack) * lanes);
  Work work;
  work.table = hwy::AllocateAligned<float>(4 * rows);
  work.whole_rows = hwy::AllocateAligned<std::uint16_t>(rows);
  work.whole_table = hwy::AllocateAligned<std::uint16_t>(4 * rows);
  work.sums = hwy::AllocateAligned<float>(sums);
  work.noise = hwy::AllocateAligned<float>(sums);
  work.half_sums = hwy::AllocateAligned<std::uint16_t>(sums);
  work.found.place = hwy::AllocateAligned<std::int32_t>(static_cast<std::size_t>(cycles * lanes));
  work.found.bucket = hwy::AllocateAligned<std::uint32_t>(static_cast<std::size_t>(cycles * lanes));
  const auto words = static_cast<std::size_t>(chunk * core::block_count(cycles, 2) * lanes);
  work.radius = hwy::AllocateAligned<std::uint32_t>(words);
  work.angle = hwy::AllocateAligned<std::uint32_t>(words);
  if (!bank.cell_noise() || bank.kernel != Kernel::bits) return work;
  work.variance_table = hwy::AllocateAligned<float>(4 * rows);
  work.halves = hwy::AllocateAligned<std::uint16_t>(rows);
  work.half_table = hwy::AllocateAligned<std::uint16_t>(4 * rows);
  return work;
}

}  // namespace wordline::crossbar::detail
