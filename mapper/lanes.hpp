#pragma once

#include <cstdint>
#include <vector>

#include "mapper/cells.hpp"
#include "mapper/plan.hpp"

namespace wordline::mapper {

/// One conversion column of a read: its place in the bank and the columns of the array that it is made of.
struct Lane {
  std::int64_t at = 0;  ///< group * lanes + lane
  std::int64_t slice = 0;
  std::int64_t col = 0;  ///< of the array; its converter is the one used
  double sign = 1.0;
  std::int64_t reference = -1;  ///< column that is taken away as a current
};

/// The columns of one array that a read converts; none where the array is not part of the read.
std::vector<Lane> lanes_of(const Plan& plan, const Read& read, const ArrayPlace& place);

}  // namespace wordline::mapper
