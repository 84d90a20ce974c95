#pragma once

#include <Eigen/Core>

/// Elimination of the inner nodes of a resistor network without one subtraction.
///
/// A network is the matrix of conductances (S) between its nodes: symmetric, nothing below zero, its diagonal
/// without meaning. What an inner node adds to the others is a product of conductances, and its pivot is their sum
/// (the idea of W. K. Grassmann, M. I. Taksar, D. P. Heyman, Operations Research 33 (1985) 1107, for Markov chains).
/// Every result is therefore accurate relative to itself, however small a segment's resistance is against a cell's,
/// and a pivot is 0 exactly where nothing is connected.
namespace wordline::crossbar {

/// Eliminates K nodes, adding the paths through them to the conductances between N ports. Islands that reach no port
/// carry no current and add nothing.
///
/// nodes: K x K, between the nodes (lower triangle); overwritten. couplings: K x N, from nodes to ports; overwritten.
/// ports: N x N, lower triangle.
void eliminate(Eigen::MatrixXd& nodes, Eigen::MatrixXd& couplings, Eigen::MatrixXd& ports);

}  // namespace wordline::crossbar
