#pragma once

#include "crossbar/curve.hpp"
#include "devices/cell.hpp"

namespace wordline::mapper {

/// The curve of cells that give their current at one voltage for all (`Cell::current`): tabulated for every cell at
/// evenly spaced voltages up to v_max (V), cubic in between with slopes from fourth-order differences, straight
/// beyond. A curve whose tenth part of v_max is smooth is met to about 1e-6 of its current at v_max.
/// Throws Error(value) where the current of a cell does not rise.
crossbar::Curve tabulated_curve(const devices::Cell& cell, std::span<const double> G, double v_max);

}  // namespace wordline::mapper
