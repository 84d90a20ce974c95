// How fast is a multiply with an 8-bit ADC on every conversion, against OpenBLAS sgemm of the same multiply-adds
// without one? Bit-serial inputs: slices x bits plain products; analog inputs: one. Packing and tables are ours to pay.
// One thread; the two alternate and the medians are compared; with AVX-512 where there is one, then both held to AVX2.
#include <hwy/targets.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "bench/loads.hpp"
#include "bench/report.hpp"
#include "bench/sgemm.hpp"

using namespace wordline;
using namespace wordline::bench;

namespace {

std::string target() {
  return std::string(", ") +
         (std::string(crossbar::instruction_set()) == "AVX3" ? "AVX-512" : crossbar::instruction_set());
}

// Four rows and sixteen columns for every entry of a table.
std::string share_of_limit(std::int64_t slices, double ours) {
  const bool wide = target() == ", AVX-512";
  const double limit = seconds_of_loads(bits * batch * inputs / 4 * slices * outputs / crossbar::lanes, wide);
  if (limit == 0.0 || !(wide || target() == ", AVX2")) return "";
  return ", " + std::to_string(static_cast<int>(100 * limit / ours)) + " % of the speed of bare loads";
}

void bit_serial(std::int64_t slices, bool ideal = false) {
  const auto banks = make_banks({.slices = slices, .ideal = ideal});
  const crossbar::Block block = make_block();
  Sgemm sgemm(bits * batch, slices * outputs);
  const Turns t = take_turns([&] { read(banks, block); }, sgemm);
  const std::string cells = ideal ? ", ideal cells" : "";
  report("bit-serial, " + std::to_string(slices) + (slices == 1 ? " slice" : " slices") + cells + target(),
         t.theirs / t.ours,
         milliseconds("ours", t.ours) + milliseconds(", sgemm", t.theirs) + fastest(t.least_theirs, t.least_ours) +
             ", " + sgemm.description() + (ideal ? "" : share_of_limit(slices, t.least_ours)));
}

void dense(const std::string& name, const crossbar::InputCode& code) {
  const auto banks = make_banks({.code = code, .kernel = crossbar::Kernel::linear});
  const crossbar::Block block = make_block();
  Sgemm sgemm(batch, slices * outputs);
  const Turns t = take_turns([&] { read(banks, block); }, sgemm, 15);
  report(name + target(), t.ours / t.theirs,
         milliseconds("ours", t.ours) + milliseconds(", sgemm", t.theirs) + fastest(t.least_ours, t.least_theirs) +
             ", " + sgemm.description());
}

bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

// Runs this program once more, OpenBLAS held to the kernels of a CPU: it takes AVX2's for every one it does not know.
int again_with(const char* core, const char* target) {
  setenv("OPENBLAS_CORETYPE", core, 1);
  const std::string command = "/proc/" + std::to_string(getpid()) + "/exe " + target;
  return std::system(command.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) return (has_avx512() ? again_with("SkylakeX", "best") : 0) + again_with("Haswell", "avx2");
  if (std::string(argv[1]) == "avx2") hwy::SetSupportedTargetsForTest(HWY_AVX2);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  bit_serial(slices);
  bit_serial(1);
  bit_serial(slices, true);
  dense("analog inputs", {.continuous = true});
  dense("8-bit inputs in one cycle", {.magnitude_bits = bits, .bits_per_cycle = bits});
}
