#include "crossbar/line_checks.hpp"

#include <cmath>
#include <string>

#include "core/error.hpp"

namespace wordline::crossbar {

using core::ErrorKind;
using Eigen::Index;

void check_cells(const Matrix& G) {
  core::require(G.size() > 0, ErrorKind::value, {.rule = "an array has at least one cell", .name = "G"});
  for (Index i = 0; i < G.rows(); ++i)
    for (Index j = 0; j < G.cols(); ++j)
      if (!(G(i, j) >= 0.0 && std::isfinite(G(i, j))))
        throw core::Error(ErrorKind::value, {.rule = "a cell's conductance is finite and not negative",
                                             .name = "G[" + std::to_string(i) + ", " + std::to_string(j) + "]",
                                             .value = core::number(G(i, j)),
                                             .unit = "S",
                                             .allowed = ">= 0",
                                             .remedy = "use 0 for a missing cell"});
}

void check_ohm(double ohm, const std::string& name) {
  if (ohm >= 0.0) return;
  throw core::Error(ErrorKind::value, {.rule = "a resistance is not negative",
                                       .name = name,
                                       .value = core::number(ohm),
                                       .unit = "ohm",
                                       .allowed = "[0, inf]",
                                       .remedy = "use 0 for an ideal connection, inf for none"});
}

void check_terminals(const Eigen::VectorXd& ohm, Index lines, const std::string& name) {
  core::require(ohm.size() == lines, ErrorKind::value,
                {.rule = "every line has one terminal",
                 .name = name,
                 .value = std::to_string(ohm.size()) + " resistances",
                 .unit = "",
                 .allowed = std::to_string(lines),
                 .remedy = ""});
  for (Index line = 0; line < lines; ++line) check_ohm(ohm(line), name + "[" + std::to_string(line) + "]");
}

}  // namespace wordline::crossbar
