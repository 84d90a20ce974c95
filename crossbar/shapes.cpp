#include "crossbar/shapes.hpp"

#include <array>
#include <cstdio>

namespace wordline::crossbar {
namespace {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;  // clang 16 does not deduce an aggregate's arguments by itself

std::string exact(double x) {
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.17g", x));
  return text.data();
}

Curve cell_of(const CellShape& shape) {
  return std::visit(
      Overload{[](std::monostate) { return linear_curve(); }, [](const SinhSpec& s) { return sinh_curve(s.v0); },
               [](const PolynomialSpec& s) { return polynomial_curve(s.c2, s.c3, s.v_max); }},
      shape.curve);
}

}  // namespace

Curve curve_of(const CellShape& shape) {
  return std::visit(Overload{[&](std::monostate) { return cell_of(shape); },
                             [&](const ExponentialSelectorSpec& s) {
                               return in_series(cell_of(shape), exponential_selector(s.i0, s.v0));
                             },
                             [&](const ThresholdSelectorSpec& s) {
                               return in_series(cell_of(shape), threshold_selector(s.v_th, s.g_off, s.g_on, s.width));
                             }},
                    shape.selector);
}

std::string spice_current(const CellShape& shape, double siemens, const std::string& v) {
  const std::string g = exact(siemens);
  return std::visit(
      Overload{[&](std::monostate) { return g + "*" + v; },
               [&](const SinhSpec& s) { return g + "*" + exact(s.v0) + "*sinh(" + v + "/" + exact(s.v0) + ")"; },
               [&](const PolynomialSpec& s) {
                 return g + "*" + v + "*(1+" + exact(s.c2) + "*abs(" + v + ")+" + exact(s.c3) + "*" + v + "*" + v + ")";
               }},
      shape.curve);
}

std::string spice_selector(const CellShape& shape, const std::string& v) {
  const auto softplus = [](const std::string& x) { return "ln(1+exp(" + x + "))"; };
  return std::visit(
      Overload{[](std::monostate) { return std::string(); },
               [&](const ExponentialSelectorSpec& s) { return exact(s.i0) + "*sinh(" + v + "/" + exact(s.v0) + ")"; },
               [&](const ThresholdSelectorSpec& s) {
                 const std::string above = softplus("(abs(" + v + ")-" + exact(s.v_th) + ")/" + exact(s.width));
                 const std::string rest = softplus(exact(-s.v_th / s.width));
                 return exact(s.g_off) + "*" + v + "+" + exact((s.g_on - s.g_off) * s.width) + "*sgn(" + v + ")*(" +
                        above + "-" + rest + ")";
               }},
      shape.selector);
}

}  // namespace wordline::crossbar
