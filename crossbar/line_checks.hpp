#pragma once

#include <string>

#include "crossbar/wires.hpp"

/// What every array of cells between lines asks of its numbers. All throw Error(value) with the name of the number.
namespace wordline::crossbar {

/// At least one cell; conductances (S) finite and not negative.
void check_cells(const Matrix& G);

/// A resistance is not negative; it may be infinite.
void check_ohm(double ohm, const std::string& name);

/// One resistance per line, each as check_ohm says.
void check_terminals(const Eigen::VectorXd& ohm, Eigen::Index lines, const std::string& name);

}  // namespace wordline::crossbar
