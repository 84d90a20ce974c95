#pragma once

#include <functional>

#include "crossbar/wires.hpp"

namespace wordline::crossbar {

/// Drives that are solved side by side; each gives the same bits whichever others run beside it.
inline constexpr int drives_at_once = 4;

/// One number per cell or node of an array and drive, [row * cols + col][drive].
using Field = Eigen::Array<double, Eigen::Dynamic, drives_at_once, Eigen::RowMajor>;

/// Currents (A) and slopes dI/dV (S) of all cells of an array at their voltages (V). `G` is what distinguishes cells,
/// usually their slope at 0 V; a curve is odd and rises everywhere.
using Curve = std::function<void(const Matrix& G, const Field& V, Field& I, Field& slope)>;

/// I = G V.
Curve linear_curve();
/// I = G v0 sinh(V / v0), v0 in V: the usual form of tunnelling through a thin gap.
/// Throws Error(value) for a v0 that is not above 0.
Curve sinh_curve(double v0);
/// I = G (V + c2 V|V| + c3 V^3), c2 in 1/V and c3 in 1/V^2. Throws Error(value) where it would not rise up to v_max
/// (V).
Curve polynomial_curve(double c2, double c3, double v_max);

/// A two-terminal selector: its current (A) and slope (S) at a voltage (V); odd and rising everywhere.
struct SelectorPoint {
  double I = 0.0, slope = 0.0;
};
using Selector = std::function<SelectorPoint(double V)>;

/// I = i0 sinh(V / v0): a mixed conductor or a tunnel barrier, exponential in both directions. i0 in A, v0 in V.
Selector exponential_selector(double i0, double v0);
/// A switch that conducts g_off (S) below v_th (V) and g_on above, going over within `width` (V):
/// I = g_off V + (g_on - g_off) width [s(|V| - v_th) - s(-v_th)] sign V, s(x) = ln(1 + exp(x / width)). One current for
/// every voltage: the snap back and the holding current of real threshold switches are not described.
Selector threshold_selector(double v_th, double g_off, double g_on, double width);

/// Cells with a selector in series with each of them: the voltage is shared so that both carry the same current, found
/// by Newton's method between bounds. A slope of 0 at 0 V is no fault.
Curve in_series(Curve cell, Selector selector);

}  // namespace wordline::crossbar
