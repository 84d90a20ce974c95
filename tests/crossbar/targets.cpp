// Every instruction set this machine has gives the same bits, tables of converters included.
#include <hwy/targets.h>

#include <set>
#include <string>

#include "crossbar/mvm.hpp"
#include "tests/catch.hpp"
#include "tests/crossbar/cases.hpp"

using namespace wordline;
using namespace wordline::crossbar;

namespace {

// The multiply of the best instruction set among `allowed` (0: among all).
std::vector<double> multiply_with(std::int64_t allowed, const Bank& bank, const Block& block, std::string& name) {
  const core::Stream noise({.seed = 1, .chip = 0, .layer = 0, .tile = 0, .purpose = "read"});
  std::vector<double> out(static_cast<std::size_t>(block.vectors * bank.outputs), 0.0);
  hwy::SetSupportedTargetsForTest(allowed);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  multiply(bank, block, noise, out);
  name = instruction_set();
  return out;
}

}  // namespace

TEST_CASE("bit-serial reads and converters give the same bits with every instruction set") {
  std::set<std::string> names;
  for (const AdcKind kind : {AdcKind::uniform, AdcKind::flash, AdcKind::cyclic})
    for (const auto convert : {Convert::per_cycle, Convert::accumulated}) {
      const auto transfers = test::random_transfers(kind);
      const InputCode code{
          .is_signed = true, .magnitude_bits = 9, .signed_input = SignedInput::twos_complement, .convert = convert};
      const test::Case c{.rows = 50, .code = code, .transfers = &transfers};
      const Bank bank = test::random_bank(c);
      const Block block = test::random_block(c);
      std::string name;
      const auto best = multiply_with(0, bank, block, name);
      names.insert(name);
      for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
        const auto other = multiply_with(left & -left, bank, block, name);
        names.insert(name);
        INFO(name);
        CHECK(other == best);
      }
      hwy::SetSupportedTargetsForTest(0);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
#if defined(__x86_64__)
  CHECK(names.size() > 1);
#endif
}
