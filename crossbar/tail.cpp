#include "crossbar/tail.hpp"

#include <cmath>

#include "core/parallel.hpp"
#include "crossbar/noise.hpp"

namespace wordline::crossbar::detail {
namespace {

std::vector<float> at_rest(const Tail& tail) {
  const Bank& bank = tail.bank;
  std::vector<float> out;
  if (!bank.noisy()) return out;
  const float adc = bank.ideal_adc ? 0.0F : bank.adc_noise, per_unit = tail.per_unit * tail.per_unit;
  for (const float gain : tail.in.idle_gains)
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      const auto column = static_cast<std::size_t>(tail.group * lanes + lane);
      out.push_back((bank.cell_noise() ? gain * per_unit * bank.idle[column] : 0.0F) + adc * adc);
    }
  return out;
}

// Whether an even converter gives code 0 for a column at rest, whatever its noise.
bool is_silent(const Tail& tail) {
  const auto group = static_cast<std::size_t>(tail.group);
  if (tail.bank.low[group] > 0.0F || tail.bank.high[group] < 0.0F) return false;
  const auto stays = [](float offset, float variance) {
    return std::abs(offset) + largest_normal * std::sqrt(variance) < 0.499F;  // less than half: codes are rounded
  };
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const float offset = tail.bank.offset[group * lanes + lane];
    if (!stays(offset, 0.0F)) return false;
    for (std::size_t at = lane; at < tail.at_rest.size(); at += lanes)
      if (!stays(offset, tail.at_rest[at])) return false;
  }
  return true;
}

}  // namespace

Adc Tail::adc() const {
  if (bank.ideal_adc) return Adc::ideal;
  if (!lookup.used) return Adc::even;
  return lookup.simple() ? Adc::simple_edges : Adc::own_edges;
}

Tail make_tail(const Bank& bank, const Packed& in, std::int64_t group, LookupStore& store) {
  const float step = bank.ideal_adc ? 1.0F : bank.step[static_cast<std::size_t>(group)];
  Tail tail{.bank = bank,
            .in = in,
            .group = group,
            .words = core::block_count(bank.rows, 4),
            .direct = in.direct(),
            .per_unit = 1.0F / step,
            .at_rest = {},
            .lookup = make_lookup(bank, group, store)};
  for (std::int64_t lane = 0; lane < lanes; ++lane)
    tail.scale[lane] = bank.worth[static_cast<std::size_t>(group * lanes + lane)] * double{step};
  tail.at_rest = at_rest(tail);
  tail.silent = tail.adc() == Adc::even && tail.direct && in.planes.size() == 1 && is_silent(tail);
  return tail;
}

}  // namespace wordline::crossbar::detail
