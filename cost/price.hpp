#pragma once

#include <vector>

#include "cost/ledger.hpp"
#include "cost/technology.hpp"
#include "cost/use.hpp"

namespace wordline::cost {

/// Prices what the layers did with what the technology states; docs/methods/cost.md gives every formula. Throws
/// Error(value) for an empty list, a repeated layer name, numbers that no hardware can have, and converters of a
/// resolution the technology does not state.
Ledger price(const Technology& technology, const std::vector<LayerUse>& uses, ActivityOf activity_of = ActivityOf::run);

}  // namespace wordline::cost
