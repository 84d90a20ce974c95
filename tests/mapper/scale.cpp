// Numbers on the DAC's scale against the rule, one number at a time, with every instruction set.
#include "mapper/scale.hpp"

#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/catch.hpp"

using namespace wordline::mapper;

namespace {

double by_rule(const ToDac& dac, float x) {
  const double exact = static_cast<double>(x) * dac.inverse;
  return (dac.continuous ? exact : std::nearbyint(exact)) + dac.zero;
}

// Ties, numbers far beyond every range, and random ones.
std::vector<float> numbers() {
  std::vector<float> out{0.0F,  -0.0F,  0.25F,  0.75F, 1.25F,  -0.25F, -0.75F,
                         64.0F, 63.75F, 63.74F, 1e30F, -1e30F, 3e-39F};
  std::mt19937 random(1);
  std::uniform_real_distribution<float> some(-80.0F, 80.0F);
  while (out.size() < 300) out.push_back(some(random));
  return out;
}

template <class T>
void compare(const ToDac& dac, std::span<const float> x) {
  std::vector<T> scaled(x.size() + 1, T{77});
  const std::int64_t beyond = scale_numbers(dac, x, scaled.data());
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double q = by_rule(dac, x[i]), kept = std::clamp(q, dac.low, dac.high);
    expected += q != kept ? 1 : 0;
    CHECK(scaled[i] == static_cast<T>(kept));
  }
  CHECK(beyond == expected);
  CHECK(scaled.back() == T{77});
}

void compare_all() {
  const std::vector<float> x = numbers();
  for (std::size_t count :
       {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{8}, std::size_t{13}, x.size()}) {
    const std::span<const float> some(x.data(), count);
    compare<std::int32_t>({.inverse = 2.0, .low = -127.0, .high = 127.0}, some);
    compare<std::int32_t>({.inverse = 1.7, .zero = 100.0, .low = 0.0, .high = 255.0}, some);
    compare<float>({.continuous = true, .inverse = 1.0 / 64.0, .low = -1.0, .high = 1.0}, some);
  }
}

}  // namespace

TEST_CASE("numbers go to the nearest code, ties to even, and those beyond the range are counted") {
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    compare_all();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}
