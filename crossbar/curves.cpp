#include <algorithm>
#include <cmath>

#include "crossbar/passive.hpp"

namespace wordline::crossbar {

using core::ErrorKind;

Curve sinh_curve(double v0) {
  core::require(v0 > 0.0 && std::isfinite(v0), ErrorKind::value,
                {.rule = "the voltage of a sinh curve is above 0",
                 .name = "v0",
                 .value = core::number(v0),
                 .unit = "V",
                 .allowed = "> 0",
                 .remedy = "leave it out for linear cells"});
  return [v0](const Matrix& G, const Matrix& V, Matrix& I, Matrix& slope) {
    I = G.array() * v0 * (V.array() / v0).sinh();
    slope = G.array() * (V.array() / v0).cosh();
  };
}

Curve polynomial_curve(double c2, double c3, double v_max) {
  // 1 + 2 c2 v + 3 c3 v^2 is smallest at an end or where its own slope is 0.
  const auto slope_at = [=](double v) { return 1.0 + 2.0 * c2 * v + 3.0 * c3 * v * v; };
  const double turn = c3 > 0.0 ? std::clamp(-c2 / (3.0 * c3), 0.0, v_max) : 0.0;
  const double least = std::min(slope_at(turn), slope_at(v_max));
  core::require(least > 0.0, ErrorKind::value,
                {.rule = "the current of a cell rises with its voltage",
                 .name = "c2, c3",
                 .value = core::number(c2) + ", " + core::number(c3),
                 .unit = "1/V, 1/V^2",
                 .allowed = "1 + 2 c2 V + 3 c3 V^2 > 0 up to " + core::number(v_max) + " V",
                 .remedy = "lower v_max or fit again"});
  return [=](const Matrix& G, const Matrix& V, Matrix& I, Matrix& slope) {
    const auto v = V.array();
    I = G.array() * (v + c2 * v * v.abs() + c3 * v.cube());
    slope = G.array() * (1.0 + 2.0 * c2 * v.abs() + 3.0 * c3 * v.square());
  };
}

}  // namespace wordline::crossbar
