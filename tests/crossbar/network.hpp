#pragma once

#include <Eigen/Sparse>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <vector>

/// Any network of resistors between nodes at given potentials, by one sparse factor in long double: slow and obvious.
namespace wordline::test {

class Network {
 public:
  explicit Network(int nodes) : same_(static_cast<std::size_t>(nodes)) { std::iota(same_.begin(), same_.end(), 0); }

  void resistor(int a, int b, double ohm) {
    if (ohm == 0.0)
      same_[at(root(a))] = root(b);
    else if (std::isfinite(ohm))
      parts_.emplace_back(a, b, 1.0L / ohm);
  }
  void conductance(int a, int b, double siemens) { parts_.emplace_back(a, b, siemens); }
  void hold(int node, double volt) { held_.emplace_back(node, volt); }

  /// Solves for all potentials; parts that no held node reaches are at 0 V and carry nothing.
  void solve() {
    const int n = static_cast<int>(same_.size());
    std::vector<char> fixed(same_.size(), 0);
    volt_.assign(same_.size(), 0.0L);
    for (const auto& [node, volt] : held_) {
      fixed[at(root(node))] = 1;
      volt_[at(root(node))] = volt;
    }
    const auto live = reached(fixed);
    std::vector<Eigen::Triplet<long double>> entries;
    Eigen::Matrix<long double, Eigen::Dynamic, 1> into = Eigen::Matrix<long double, Eigen::Dynamic, 1>::Zero(n);
    for (int k = 0; k < n; ++k)
      if (root(k) != k || fixed[at(k)] || !live[at(k)]) entries.emplace_back(k, k, 1.0L);
    for (const auto& [a, b, g] : parts_)
      for (const auto& [x, y] : {std::pair{root(a), root(b)}, std::pair{root(b), root(a)}}) {
        if (x == y || fixed[at(x)] || !live[at(x)] || g == 0.0L) continue;
        entries.emplace_back(x, x, g);
        if (fixed[at(y)])
          into(x) += g * volt_[at(y)];
        else
          entries.emplace_back(x, y, -g);
      }
    Eigen::SparseMatrix<long double> Y(n, n);
    Y.setFromTriplets(entries.begin(), entries.end());
    const Eigen::SimplicialLDLT<Eigen::SparseMatrix<long double>> factor(Y);
    const Eigen::Matrix<long double, Eigen::Dynamic, 1> v = factor.solve(into);
    for (int k = 0; k < n; ++k)
      if (!fixed[at(k)]) volt_[at(k)] = v(k);
  }

  double volt(int node) const { return static_cast<double>(volt_[at(root(node))]); }

  /// A, that leaves the node at its held potential; one held node per group of nodes that 0 ohm connects.
  double current(int node) const {
    long double sum = 0.0L;
    for (const auto& [a, b, g] : parts_) {
      const long double flow = g * (volt_[at(root(a))] - volt_[at(root(b))]);
      if (root(a) == root(node)) sum += flow;
      if (root(b) == root(node)) sum -= flow;
    }
    return static_cast<double>(sum);
  }

  /// W, lost in all resistors.
  double heat() const {
    long double sum = 0.0L;
    for (const auto& [a, b, g] : parts_) {
      const long double drop = volt_[at(root(a))] - volt_[at(root(b))];
      sum += g * drop * drop;
    }
    return static_cast<double>(sum);
  }

 private:
  static std::size_t at(int node) { return static_cast<std::size_t>(node); }
  int root(int node) const {
    while (same_[at(node)] != node) node = same_[at(node)];
    return node;
  }
  std::vector<char> reached(std::vector<char> live) const {
    for (bool grows = true; grows;) {
      grows = false;
      for (const auto& [a, b, g] : parts_)
        if (g > 0.0L && live[at(root(a))] != live[at(root(b))]) live[at(root(a))] = live[at(root(b))] = grows = true;
    }
    return live;
  }

  std::vector<int> same_;
  std::vector<std::tuple<int, int, long double>> parts_;
  std::vector<std::pair<int, double>> held_;
  std::vector<long double> volt_;
};

}  // namespace wordline::test
