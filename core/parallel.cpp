#include "core/parallel.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>

#include "core/error.hpp"

namespace wordline::core {
namespace {

// Keeps the exception of the lowest block, so that what a user sees does not depend on timing more than it must.
class FirstFailure {
 public:
  void record(std::int64_t block) {
#pragma omp critical(wordline_first_failure)
    if (block < block_) {
      block_ = block;
      failure_ = std::current_exception();
    }
    failed_.store(true, std::memory_order_relaxed);
  }
  bool seen() const { return failed_.load(std::memory_order_relaxed); }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::int64_t block_ = std::numeric_limits<std::int64_t>::max();
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
};

void run_block(std::int64_t block, const Execution& execution, const std::function<void(std::int64_t)>& body,
               FirstFailure& failure) {
  if (failure.seen()) return;
  try {
    if (execution.poll && omp_get_thread_num() == 0) execution.poll();
    body(block);
  } catch (...) {
    failure.record(block);
  }
}

}  // namespace

void for_each_block(std::int64_t blocks, const Execution& execution, const std::function<void(std::int64_t)>& body) {
  // Beyond a few thousand threads the OpenMP runtime ends the process instead of reporting an error.
  constexpr int most = 1024;
  require(execution.threads >= 0 && execution.threads <= most, ErrorKind::value,
          {.rule = "a thread count is zero (all) or a number the machine can start",
           .name = "threads",
           .value = std::to_string(execution.threads),
           .unit = "",
           .allowed = "[0, " + std::to_string(most) + "]",
           .remedy = ""});
  if (blocks <= 0) return;
  const std::int64_t wanted = execution.threads > 0 ? execution.threads : omp_get_max_threads();
  const int threads = static_cast<int>(std::min(wanted, blocks));
  FirstFailure failure;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t block = 0; block < blocks; ++block) run_block(block, execution, body, failure);
  failure.rethrow();
}

}  // namespace wordline::core
