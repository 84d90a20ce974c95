#include "crossbar/rail.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {
namespace {

using Eigen::Index;
using Drives = Eigen::Array<double, 1, drives_at_once>;

// Less cannot be felt, and its conductance would leave the range of a double.
bool is_none(double ohm) { return ohm < 1e-150; }
double conductance(double ohm) { return is_none(ohm) ? 0.0 : 1.0 / ohm; }

}  // namespace

Places word_lines(Index rows, Index cols) {
  return {.lines = rows, .nodes = cols, .first = 0, .to_line = cols, .to_node = 1};
}
Places bit_lines(Index rows, Index cols) {
  return {.lines = cols, .nodes = rows, .first = (rows - 1) * cols, .to_line = 1, .to_node = -cols};
}

Rail::Rail(const Places& places, double segment, const Eigen::VectorXd& terminal)
    : places_(places),
      one_node_(is_none(segment)),
      g_(conductance(segment)),
      end_(terminal.unaryExpr(&conductance)),
      held_(terminal.array() < 1e-150),
      driven_(terminal.array().isFinite()),
      largest_(std::max(g_, end_.maxCoeff())) {}

void Rail::add_leaving(const Field& V, Field& out) const {
  for (Index line = 0; line < places_.lines; ++line) {
    out.row(places_.at(line, 0)) += end_(line) * V.row(places_.at(line, 0));
    if (one_node_) continue;
    for (Index k = 1; k < places_.nodes; ++k) {
      const Index a = places_.at(line, k - 1), b = places_.at(line, k);
      const Drives along = g_ * (V.row(a) - V.row(b));
      out.row(a) += along;
      out.row(b) -= along;
    }
  }
}

void Rail::take_sources(const Field& sources, Field& out) const {
  for (Index line = 0; line < places_.lines; ++line) out.row(places_.at(line, 0)) -= end_(line) * sources.row(line);
}

void Rail::start(const Field& sources, Field& V) const {
  for (Index line = 0; line < places_.lines; ++line)
    for (Index k = 0; k < places_.nodes; ++k)
      V.row(places_.at(line, k)) = driven_(line) ? Drives(sources.row(line)) : Drives(Drives::Zero());
}

void Rail::project(Field& residual) const {
  for (Index line = 0; line < places_.lines; ++line) {
    if (!one_node_) {
      if (held_(line)) residual.row(places_.at(line, 0)).setZero();
      continue;
    }
    Drives mean = Drives::Zero();
    if (!held_(line))
      for (Index k = 0; k < places_.nodes; ++k) mean += residual.row(places_.at(line, k));
    mean /= static_cast<double>(places_.nodes);
    for (Index k = 0; k < places_.nodes; ++k) residual.row(places_.at(line, k)) = mean;
  }
}

void Rail::factor_node(Index line, const Field& load, Field& inverse) const {
  Drives sum = Drives::Constant(end_(line));
  for (Index k = 0; k < places_.nodes; ++k) sum += load.row(places_.at(line, k));
  const bool fixed = held_(line);
  inverse.row(places_.at(line, 0)) = sum.unaryExpr([=](double s) { return fixed || s <= 0.0 ? 0.0 : 1.0 / s; });
}

void Rail::factor_line(Index line, const Field& load, Field& inverse) const {
  Drives before = Drives::Zero();
  for (Index k = 0; k < places_.nodes; ++k) {
    const double neighbours = static_cast<double>((k > 0) + (k + 1 < places_.nodes));
    const bool fixed = k == 0 && held_(line);
    const Drives pivot =
        load.row(places_.at(line, k)) + (g_ * neighbours + (k == 0 ? end_(line) : 0.0)) - g_ * g_ * before;
    before = pivot.unaryExpr([=](double p) { return fixed || p <= 0.0 ? 0.0 : 1.0 / p; });
    inverse.row(places_.at(line, k)) = before;
  }
}

void Rail::factor(const Field& load, Field& inverse) const {
  for (Index line = 0; line < places_.lines; ++line)
    one_node_ ? factor_node(line, load, inverse) : factor_line(line, load, inverse);
}

// Thomas' algorithm, all lines in step: neighbouring lines of a Field lie side by side at least one way.
void Rail::solve(const Field& inverse, const Field& r, Field& z) const {
  const Index n = places_.nodes;
  for (Index line = 0; line < places_.lines; ++line) {
    if (one_node_) {
      const Drives shared = static_cast<double>(n) * r.row(places_.at(line, 0)) * inverse.row(places_.at(line, 0));
      for (Index k = 0; k < n; ++k) z.row(places_.at(line, k)) = shared;
      continue;
    }
    Drives last = r.row(places_.at(line, 0)) * inverse.row(places_.at(line, 0));
    z.row(places_.at(line, 0)) = last;
    for (Index k = 1; k < n; ++k) {
      const Index at = places_.at(line, k);
      last = (r.row(at) + g_ * last) * inverse.row(at);
      z.row(at) = last;
    }
    for (Index k = n - 2; k >= 0; --k) {
      const Index at = places_.at(line, k);
      last = z.row(at) + g_ * inverse.row(at) * last;
      z.row(at) = last;
    }
  }
}

}  // namespace wordline::crossbar
