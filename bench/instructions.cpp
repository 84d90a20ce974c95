// instructions [CASE REPEATS]: a fixed multiply, to be counted by bench/engine_instructions.py; without arguments every
// case once.
#include <cstdlib>
#include <string>

#include "bench/bit_serial.hpp"

using namespace wordline;
using namespace wordline::bench;

namespace {

std::vector<crossbar::Bank> banks_of(const std::string& name) {
  if (name == "noise") return make_banks({.slices = 1, .noise = true});
  if (name == "analog")
    return make_banks({.code = {.continuous = true}, .kernel = crossbar::Kernel::linear, .slices = 1});
  auto banks = make_banks({.slices = 1, .ideal = name == "ideal"});
  if (name != "dnl") return banks;
  const crossbar::AdcSpec spec{.bits = 8, .dnl = 0.1};
  const core::Stream stream({.seed = 1, .chip = 0, .layer = 0, .tile = 0, .purpose = "adc"});
  for (crossbar::Bank& bank : banks) {
    bank.transfers.push_back(make_transfer(
        spec, -128, 127, [&](std::uint32_t draw) { return stream.normals({0, draw / 4, 0, 0})[draw % 4]; }));
    bank.transfer.assign(static_cast<std::size_t>(bank.groups * crossbar::lanes), 0);
  }
  return banks;
}

void run(const std::string& name, int repeats) {
  const auto banks = banks_of(name);
  const crossbar::Block block = make_block();
  for (int i = 0; i < repeats; ++i) read(banks, block);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) run(argv[1], std::atoi(argv[2]));
  for (const char* name : {"bits", "ideal", "noise", "dnl", "analog"})
    if (argc < 3) run(name, 1);
}
