#include "mapper/lanes.hpp"

#include "mapper/assemble.hpp"

namespace wordline::mapper {

using crossbar::lanes;

std::vector<Lane> lanes_of(const Plan& plan, const Read& read, const ArrayPlace& place) {
  const Layout& l = plan.layout;
  const BankShape shape = bank_shape(plan, read);
  const std::int64_t array = place.column - read.first_array;
  std::vector<Lane> out;
  if (array < 0 || array >= read.arrays) return out;
  for (std::int64_t col = 0; col < l.array_cols; ++col) {
    const Column c = l.column_at(place.section, place.column, col);
    const std::int64_t n = c.output - read.first_output;
    if (c.holds == Column::Holds::weights && n >= 0 && n < read.outputs) {
      const bool partner = c.polarity == 1 && l.converted == 1;
      const std::int64_t group = shape.group_of(c.slice, partner ? 0 : c.polarity, n);
      out.push_back({.at = group * lanes + n % lanes,
                     .slice = c.slice,
                     .col = col,
                     .sign = partner ? -1.0 : 1.0,
                     .reference = l.subtract_reference ? c.slice : -1});
    } else if (c.holds == Column::Holds::reference && shape.references > 0) {
      out.push_back(
          {.at = shape.reference_group_of(c.slice, array) * lanes + array % lanes, .slice = c.slice, .col = col});
    }
  }
  return out;
}

}  // namespace wordline::mapper
