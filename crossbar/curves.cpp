#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "crossbar/curve.hpp"

namespace wordline::crossbar {
namespace {

using core::ErrorKind;
using Conductances = Eigen::Map<const Eigen::ArrayXd>;

// One column of conductances for all drives.
Conductances cells_of(const Matrix& G) { return {G.data(), G.size()}; }

void check_positive(double value, const char* name, const char* unit, const char* remedy) {
  core::require(value > 0.0 && std::isfinite(value), ErrorKind::value,
                {.rule = "the parameters of a curve are above 0",
                 .name = name,
                 .value = core::number(value),
                 .unit = unit,
                 .allowed = "> 0",
                 .remedy = remedy});
}

// ln(1 + exp(x)) and its slope, for any x.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double logistic(double x) { return x >= 0.0 ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x) / (1.0 + std::exp(x)); }

}  // namespace

Curve linear_curve() {
  return [](const Matrix& G, const Field& V, Field& I, Field& slope) {
    I = V.colwise() * cells_of(G);
    slope = cells_of(G).replicate(1, drives_at_once);
  };
}

Curve sinh_curve(double v0) {
  check_positive(v0, "v0", "V", "leave it out for linear cells");
  return [v0](const Matrix& G, const Field& V, Field& I, Field& slope) {
    I = (V / v0).sinh().colwise() * (v0 * cells_of(G));
    slope = (V / v0).cosh().colwise() * cells_of(G);
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
  return [=](const Matrix& G, const Field& V, Field& I, Field& slope) {
    I = (V + c2 * V * V.abs() + c3 * V.cube()).colwise() * cells_of(G);
    slope = (1.0 + 2.0 * c2 * V.abs() + 3.0 * c3 * V.square()).colwise() * cells_of(G);
  };
}

Selector exponential_selector(double i0, double v0) {
  check_positive(i0, "i0", "A", "");
  check_positive(v0, "v0", "V", "");
  return [=](double V) { return SelectorPoint{.I = i0 * std::sinh(V / v0), .slope = i0 / v0 * std::cosh(V / v0)}; };
}

Selector threshold_selector(double v_th, double g_off, double g_on, double width) {
  check_positive(v_th, "v_th", "V", "");
  check_positive(g_off, "g_off", "S", "use a small one: a selector that conducts nothing has no slope to follow");
  check_positive(width, "width", "V", "");
  core::require(g_on > g_off && std::isfinite(g_on), ErrorKind::value,
                {.rule = "a threshold selector conducts more above its threshold than below",
                 .name = "g_on",
                 .value = core::number(g_on),
                 .unit = "S",
                 .allowed = "> " + core::number(g_off),
                 .remedy = ""});
  const double rest = softplus(-v_th / width);
  return [=](double V) {
    const double x = (std::abs(V) - v_th) / width;
    const double I = g_off * std::abs(V) + (g_on - g_off) * width * (softplus(x) - rest);
    return SelectorPoint{.I = std::copysign(I, V), .slope = g_off + (g_on - g_off) * logistic(x)};
  };
}

namespace {

// All cells at once on their way to a common current with their selectors: the cell's part u of a voltage V lies
// between low and high, in units of V's sign.
class Division {
 public:
  Division(const Curve& cell, const Selector& selector, const Matrix& G, const Field& V)
      : cell_(cell), selector_(selector), G_(G), V_(V.abs()), low_(Field::Zero(V.rows(), V.cols())), high_(V_) {
    u_ = 0.5 * V_;
  }

  void solve() {
    for (int k = 0; k < 200 && advance(); ++k) continue;
    evaluate();
  }
  // Current and slope of both in series, for voltages of V's sign.
  void write(const Field& V, Field& I, Field& slope) const {
    I = (V >= 0.0).select(I_, -I_);
    slope = slope_ * s_slope_ / (slope_ + s_slope_);
  }

 private:
  void evaluate() {
    cell_(G_, u_, I_, slope_);
    s_I_.resizeLike(u_);
    s_slope_.resizeLike(u_);
    for (Eigen::Index k = 0; k < u_.size(); ++k) {
      const SelectorPoint p = selector_(V_.data()[k] - u_.data()[k]);
      s_I_.data()[k] = p.I;
      s_slope_.data()[k] = p.slope;
    }
  }
  // One step of all cells; false when none moves any more.
  bool advance() {
    evaluate();
    const Field excess = I_ - s_I_;
    low_ = (excess < 0.0).select(u_, low_);
    high_ = (excess > 0.0).select(u_, high_);
    const Field newton = u_ - excess / (slope_ + s_slope_);
    const Field next = (newton > low_ && newton < high_).select(newton, 0.5 * (low_ + high_));
    const Field moved = (excess == 0.0).select(u_, next);
    const bool moves = ((moved - u_).abs() > 4e-16 * moved).any();
    u_ = moved;
    return moves;
  }

  const Curve& cell_;
  const Selector& selector_;
  const Matrix& G_;
  Field V_, low_, high_, u_, I_, slope_, s_I_, s_slope_;
};

}  // namespace

Curve in_series(Curve cell, Selector selector) {
  return [cell = std::move(cell), selector = std::move(selector)](const Matrix& G, const Field& V, Field& I,
                                                                  Field& slope) {
    Division division(cell, selector, G, V);
    division.solve();
    division.write(V, I, slope);
  };
}

}  // namespace wordline::crossbar
