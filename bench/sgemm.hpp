#pragma once

#include <cblas.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/bit_serial.hpp"

extern "C" {
void openblas_set_num_threads(int);
char* openblas_get_corename();
}

/// The same multiply-adds in OpenBLAS, without any conversion: one product over all rows, or one for each tile.
namespace wordline::bench {

class Sgemm {
 public:
  Sgemm(std::int64_t vectors, std::int64_t columns)
      : vectors_(vectors),
        columns_(columns),
        x_(static_cast<std::size_t>(vectors * inputs), 1.0F),
        w_(static_cast<std::size_t>(inputs * columns), 1.0F),
        y_(static_cast<std::size_t>(vectors * columns)) {
    openblas_set_num_threads(1);
    rows_ = seconds_of(inputs) <= seconds_of(array_rows) ? inputs : array_rows;
  }

  /// Runs whichever of the two was faster.
  void operator()() { run(rows_); }
  std::string description() const {
    return "OpenBLAS " + std::string(openblas_get_corename()) + " " + std::to_string(vectors_) + "x" +
           std::to_string(rows_) + "x" + std::to_string(columns_);
  }

 private:
  double seconds_of(std::int64_t rows) {
    return seconds_of_median([&] { run(rows); });
  }
  static double seconds_of_median(const std::function<void()>& work) {
    return median({seconds(work), seconds(work), seconds(work), seconds(work), seconds(work)});
  }
  void run(std::int64_t rows) {
    for (std::int64_t first = 0; first < inputs; first += rows)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size(vectors_), size(columns_), size(rows), 1.0F,
                  x_.data() + first, size(inputs), w_.data() + first * columns_, size(columns_),
                  first == 0 ? 0.0F : 1.0F, y_.data(), size(columns_));
  }
  static blasint size(std::int64_t n) { return static_cast<blasint>(n); }

  std::int64_t vectors_, columns_, rows_ = inputs;
  std::vector<float> x_, w_, y_;
};

}  // namespace wordline::bench
