#pragma once

#include <string>
#include <variant>

#include "core/spec.hpp"
#include "crossbar/curve.hpp"

/// Curves of nonlinear cells and selectors as settings: what people name, and what both our solver and SPICE are told.
namespace wordline::crossbar {

struct SinhSpec {
  double v0 = 0.25;  ///< V

  static constexpr std::string_view spec_name = "Sinh";
  static constexpr auto fields() {
    return std::make_tuple(
        core::field("v0", &SinhSpec::v0, "V", core::positive(), "I = G v0 sinh(V / v0): linear far below v0"));
  }
};

struct PolynomialSpec {
  double c2 = 0.0, c3 = 0.0, v_max = 1.0;

  static constexpr std::string_view spec_name = "Polynomial";
  static constexpr auto fields() {
    using S = PolynomialSpec;
    return std::make_tuple(
        core::field("c2", &S::c2, "1/V", core::any(), "I = G (V + c2 V|V| + c3 V^3)"),
        core::field("c3", &S::c3, "1/V^2", core::any(), "as above"),
        core::field("v_max", &S::v_max, "V", core::positive(), "voltage up to which the current must rise"));
  }
  void check() const { static_cast<void>(polynomial_curve(c2, c3, v_max)); }
};

struct ExponentialSelectorSpec {
  double i0 = 1e-9, v0 = 0.1;

  static constexpr std::string_view spec_name = "ExponentialSelector";
  static constexpr auto fields() {
    using S = ExponentialSelectorSpec;
    return std::make_tuple(core::field("i0", &S::i0, "A", core::positive(), "I = i0 sinh(V / v0)"),
                           core::field("v0", &S::v0, "V", core::positive(), "as above"));
  }
};

struct ThresholdSelectorSpec {
  double v_th = 0.3, g_off = 1e-9, g_on = 1e-3, width = 0.01;

  static constexpr std::string_view spec_name = "ThresholdSelector";
  static constexpr auto fields() {
    using S = ThresholdSelectorSpec;
    return std::make_tuple(core::field("v_th", &S::v_th, "V", core::positive(), "voltage above which it conducts g_on"),
                           core::field("g_off", &S::g_off, "S", core::positive(), "slope below v_th"),
                           core::field("g_on", &S::g_on, "S", core::positive(), "slope above v_th"),
                           core::field("width", &S::width, "V", core::positive(), "of the transition"));
  }
  void check() const { static_cast<void>(threshold_selector(v_th, g_off, g_on, width)); }
};

/// What stands at every crossing: a cell of one curve, and perhaps a selector in series with it.
struct CellShape {
  std::variant<std::monostate, SinhSpec, PolynomialSpec> curve;
  std::variant<std::monostate, ExponentialSelectorSpec, ThresholdSelectorSpec> selector;

  bool linear() const { return curve.index() == 0 && selector.index() == 0; }
};

/// Throws Error(value) as the curves do.
Curve curve_of(const CellShape& shape);

/// The same as SPICE's expression for a current, `volts` one for the voltage; `siemens` is the cell's.
std::string spice_current(const CellShape& shape, double siemens, const std::string& volts);
std::string spice_selector(const CellShape& shape, const std::string& volts);

}  // namespace wordline::crossbar
