#include "mapper/curve_table.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "core/error.hpp"

namespace wordline::mapper {
namespace {

constexpr std::size_t steps = 32;

// Currents of all cells at the voltages k h, k = 0 ... steps, and slopes there.
class Table {
 public:
  Table(const devices::Cell& cell, std::span<const double> G, double v_max)
      : cells_(G.size()), h_(v_max / static_cast<double>(steps)), I_(cells_ * (steps + 1)), slope_(I_.size()) {
    std::vector<double> I(cells_);
    for (std::size_t k = 0; k <= steps; ++k) {
      cell.current(G, h_ * static_cast<double>(k), I);
      for (std::size_t c = 0; c < cells_; ++c) I_[at(c, k)] = I[c];
    }
    for (std::size_t c = 0; c < cells_; ++c)
      for (std::size_t k = 0; k <= steps; ++k) slope_[at(c, k)] = difference(c, k) / h_;
    check(cell);
  }

  // Current and slope of cell c at V.
  void follow(std::size_t c, double V, double& I, double& slope) const {
    const double x = std::abs(V) / h_;
    const std::size_t k = std::min(steps - 1, static_cast<std::size_t>(x));
    const double t = std::min(1.0, x - static_cast<double>(k)), beyond = std::max(0.0, std::abs(V) - h_ * steps);
    const double a = I_[at(c, k)], b = I_[at(c, k + 1)], da = h_ * slope_[at(c, k)], db = h_ * slope_[at(c, k + 1)];
    const double second = 3.0 * (b - a) - 2.0 * da - db, third = 2.0 * (a - b) + da + db;
    slope = (da + t * (2.0 * second + t * 3.0 * third)) / h_;
    I = std::copysign(a + t * (da + t * (second + t * third)) + slope * beyond, V);
  }

 private:
  std::size_t at(std::size_t c, std::size_t k) const { return c * (steps + 1) + k; }
  // The current at k h for any k: odd in k.
  double odd(std::size_t c, std::ptrdiff_t k) const {
    const double I = I_[at(c, static_cast<std::size_t>(std::abs(k)))];
    return k < 0 ? -I : I;
  }
  // h dI/dV by five points, one-sided at the upper end (Abramowitz and Stegun, table 25.2).
  double difference(std::size_t c, std::size_t k) const {
    const auto i = static_cast<std::ptrdiff_t>(k);
    const auto I = [&](std::ptrdiff_t d) { return odd(c, i + d); };
    if (k + 2 <= steps) return (I(-2) - 8.0 * I(-1) + 8.0 * I(1) - I(2)) / 12.0;
    if (k + 1 == steps) return (-I(-3) + 6.0 * I(-2) - 18.0 * I(-1) + 10.0 * I(0) + 3.0 * I(1)) / 12.0;
    return (3.0 * I(-4) - 16.0 * I(-3) + 36.0 * I(-2) - 48.0 * I(-1) + 25.0 * I(0)) / 12.0;
  }
  void check(const devices::Cell& cell) const {
    for (std::size_t c = 0; c < cells_; ++c)
      for (std::size_t k = 0; k < steps; ++k) {
        const bool rises = I_[at(c, k + 1)] > I_[at(c, k)] || I_[at(c, steps)] == 0.0;
        core::require(
            rises && std::isfinite(I_[at(c, k + 1)]), core::ErrorKind::value,
            {.rule = "behind lines with resistance the current of a cell rises with its voltage",
             .name = std::string(cell.name()) + ": current at " + core::number(h_ * static_cast<double>(k + 1)) + " V",
             .value = core::number(I_[at(c, k + 1)]),
             .unit = "A",
             .allowed = "> " + core::number(I_[at(c, k)]),
             .remedy = "use wires.solve = secant, or lower v_read"});
      }
  }

  std::size_t cells_;
  double h_;
  std::vector<double> I_, slope_;
};

}  // namespace

crossbar::Curve tabulated_curve(const devices::Cell& cell, std::span<const double> G, double v_max) {
  return [table = std::make_shared<const Table>(cell, G, v_max)](const crossbar::Matrix&, const crossbar::Field& V,
                                                                 crossbar::Field& I, crossbar::Field& slope) {
    I.resizeLike(V);
    slope.resizeLike(V);
    for (Eigen::Index c = 0; c < V.rows(); ++c)
      for (Eigen::Index d = 0; d < V.cols(); ++d)
        table->follow(static_cast<std::size_t>(c), V(c, d), I(c, d), slope(c, d));
  };
}

}  // namespace wordline::mapper
