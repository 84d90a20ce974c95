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

// Nodes 1 ... of all lines, each after the one before it; lines in step where their nodes lie side by side.
template <class F>
void Rail::forward(const F& visit) const {
  if (places_.to_line == 1)
    for (Index k = 1; k < places_.nodes; ++k)
      for (Index line = 0; line < places_.lines; ++line) visit(places_.at(line, k - 1), places_.at(line, k));
  else
    for (Index line = 0; line < places_.lines; ++line)
      for (Index k = 1; k < places_.nodes; ++k) visit(places_.at(line, k - 1), places_.at(line, k));
}

// The same from the far end back, each before the one it follows.
template <class F>
void Rail::backward(const F& visit) const {
  if (places_.to_line == 1)
    for (Index k = places_.nodes - 1; k > 0; --k)
      for (Index line = 0; line < places_.lines; ++line) visit(places_.at(line, k - 1), places_.at(line, k));
  else
    for (Index line = 0; line < places_.lines; ++line)
      for (Index k = places_.nodes - 1; k > 0; --k) visit(places_.at(line, k - 1), places_.at(line, k));
}

void Rail::add_leaving(const Field& V, Field& out) const {
  for (Index line = 0; line < places_.lines; ++line)
    out.row(places_.at(line, 0)) += end_(line) * V.row(places_.at(line, 0));
  if (one_node_) return;
  forward([&](Index a, Index b) {
    const Drives along = g_ * (V.row(a) - V.row(b));
    out.row(a) += along;
    out.row(b) -= along;
  });
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

namespace {

// 1/x, and 0 for a node that is held or connected to nothing.
Drives inverse_of(const Drives& x) {
  return x.unaryExpr([](double p) { return p > 0.0 ? 1.0 / p : 0.0; });
}

}  // namespace

// All of a line's nodes as one.
void Rail::factor_nodes(const Field& load, Field& inverse) const {
  for (Index line = 0; line < places_.lines; ++line) {
    Drives sum = Drives::Constant(end_(line));
    for (Index k = 0; k < places_.nodes; ++k) sum += load.row(places_.at(line, k));
    inverse.row(places_.at(line, 0)) = held_(line) ? Drives(Drives::Zero()) : inverse_of(sum);
  }
}

void Rail::factor(const Field& load, Field& inverse) const {
  if (one_node_) return factor_nodes(load, inverse);
  const double first = places_.nodes > 1 ? g_ : 0.0;
  for (Index line = 0; line < places_.lines; ++line) {
    const Index at = places_.at(line, 0);
    inverse.row(at) = held_(line) ? Drives(Drives::Zero()) : inverse_of(load.row(at) + (first + end_(line)));
  }
  const Index last = places_.nodes - 1;
  const auto is_last = [&](Index at) { return places_.to_line == 1 ? at < places_.lines : at % places_.nodes == last; };
  forward([&](Index a, Index b) {
    const double neighbours = is_last(b) ? g_ : 2.0 * g_;
    inverse.row(b) = inverse_of(load.row(b) + neighbours - g_ * g_ * inverse.row(a));
  });
}

void Rail::solve_nodes(const Field& inverse, const Field& r, Field& z) const {
  for (Index line = 0; line < places_.lines; ++line) {
    const Index first = places_.at(line, 0);
    const Drives shared = static_cast<double>(places_.nodes) * r.row(first) * inverse.row(first);
    for (Index k = 0; k < places_.nodes; ++k) z.row(places_.at(line, k)) = shared;
  }
}

// Thomas' algorithm.
void Rail::solve(const Field& inverse, const Field& r, Field& z) const {
  if (one_node_) return solve_nodes(inverse, r, z);
  for (Index line = 0; line < places_.lines; ++line) {
    const Index at = places_.at(line, 0);
    z.row(at) = r.row(at) * inverse.row(at);
  }
  forward([&](Index a, Index b) { z.row(b) = (r.row(b) + g_ * z.row(a)) * inverse.row(b); });
  backward([&](Index a, Index b) { z.row(a) += g_ * inverse.row(a) * z.row(b); });
}

}  // namespace wordline::crossbar
