// Does the thread sanitizer work on this machine? With RACE defined the sum is a race, else it is a reduction.
#include <vector>

namespace {

double fill_and_sum(std::vector<double>& values) {
  const int n = static_cast<int>(values.size());
  double sum = 0;
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < n; ++i) values[static_cast<unsigned>(i)] = i;
#ifdef RACE
#pragma omp parallel for num_threads(4)
#else
#pragma omp parallel for num_threads(4) reduction(+ : sum)
#endif
  for (int i = 0; i < n; ++i) sum += values[static_cast<unsigned>(n - 1 - i)];
  return sum;
}

}  // namespace

int main() {
  std::vector<double> values(100000);
  return fill_and_sum(values) < 0;
}
