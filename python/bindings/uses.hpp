#pragma once

#include "core/value.hpp"
#include "cost/use.hpp"

namespace wordline::bindings {

/// What a layer did, as plain settings and back: Python keeps and adds them up between run and price.
core::Value to_value(const core::Activity& activity);
core::Value to_value(const cost::LayerUse& use);
cost::LayerUse to_use(const core::Value& value);

}  // namespace wordline::bindings
