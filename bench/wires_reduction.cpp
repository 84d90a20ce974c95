// How much faster is the reduction of an array with line resistance than the usual way, one sparse factor of all nodes
// and one solve for every column? How does it grow, and what does it cost to program a large layer? One thread but for
// the last line.
#include <cmath>
#include <cstdio>
#include <random>

#include "bench/timing.hpp"
#include "core/parallel.hpp"
#include "crossbar/reference_wires.hpp"
#include "crossbar/wires.hpp"

using namespace wordline;
using namespace wordline::bench;
using crossbar::Lines;
using crossbar::Matrix;

namespace {

Matrix cells(Eigen::Index n) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> siemens(1e-6, 1e-4);
  Matrix G(n, n);
  for (double& g : G.reshaped()) g = siemens(random);
  return G;
}

Lines lines(Eigen::Index n) {
  return crossbar::lines_of({.row = 1.0, .col = 1.0, .driver = 100.0, .sense = 50.0}, n, n);
}

void print(const char* name, double ratio, double goal, bool ok) {
  std::printf("{\"name\": \"%s\", \"ratio\": %.2f, \"goal\": %g, \"ok\": %s}\n", name, ratio, goal,
              ok ? "true" : "false");
  std::fflush(stdout);
}

void against_nodes(const char* name, Eigen::Index n, double goal, int turns) {
  const Matrix G = cells(n);
  const Lines l = lines(n);
  const Turns t =
      take_turns([&] { reduce(G, l); }, [&] { crossbar::reference::Nodal<double>(G, l).effective(); }, turns);
  print(name, t.theirs / t.ours, goal, t.theirs / t.ours >= goal);
}

void growth() {
  const Matrix small = cells(128), large = cells(512);
  const Lines of_small = lines(128), of_large = lines(512);
  const Turns t = take_turns([&] { reduce(small, of_small); }, [&] { reduce(large, of_large); }, 5);
  const double exponent = std::log(t.theirs / t.ours) / std::log(4.0);  // of the large one and of the small one
  print("exponent of growth from 128 to 512", exponent, 3.1, exponent <= 3.1);
}

// 1024 x 1024 weights of 4 slices in pairs are 512 arrays.
void large_layer() {
  const Matrix G = cells(128);
  const Lines l = lines(128);
  const double time = seconds([&] {
    core::for_each_block(512, {.threads = 2, .poll = {}}, [&](std::int64_t) {
      reduce(G, l);
      noise_transfer(G, l);
    });
  });
  print("seconds for 512 arrays of 128 x 128 on 2 threads", time, 8.0, time < 8.0);
}

}  // namespace

int main() {
  against_nodes("reduction against sparse LDLT and 128 solves, 128 x 128", 128, 10.0, 9);
  against_nodes("reduction against sparse LDLT and 256 solves, 256 x 256", 256, 25.0, 3);
  growth();
  large_layer();
}
