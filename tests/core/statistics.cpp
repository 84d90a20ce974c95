#include "core/statistics.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "core/random.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::confidence_interval;
using core::ErrorKind;

namespace {

// n values of sample standard deviation exactly representable: half of them at -1, half at +1, scaled by nothing.
std::vector<double> plus_minus(std::size_t n) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = i % 2 == 0 ? 1.0 : -1.0;
  return values;
}

double t_of(const core::Interval& i) { return i.half_width / i.std * std::sqrt(static_cast<double>(i.n)); }

}  // namespace

TEST_CASE("mean and standard deviation of a list done by hand") {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};  // mean 5, squares sum to 32
  CHECK(core::mean(values) == 5.0);
  CHECK(core::sample_std(values) == Approx(std::sqrt(32.0 / 7.0)).epsilon(1e-15));
}

TEST_CASE("the standard deviation survives a large mean and equal values") {
  // One-pass formulae lose all digits here: the spread is 1e-9 of the mean.
  const std::vector<double> far{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
  CHECK(core::sample_std(far) == Approx(std::sqrt(30.0)).epsilon(1e-14));
  const std::vector<double> equal(7, 0.1);
  CHECK(core::sample_std(equal) < 1e-16);
  CHECK(confidence_interval(equal)->half_width < 1e-16);
}

TEST_CASE("Student's t of the interval agrees with printed tables") {
  CHECK(t_of(*confidence_interval(plus_minus(10))) == Approx(2.262157).epsilon(2e-7));
  CHECK(t_of(*confidence_interval(plus_minus(50))) == Approx(2.009575).epsilon(3e-7));
  CHECK(t_of(*confidence_interval(plus_minus(10), 0.99)) == Approx(3.249836).epsilon(2e-7));
}

TEST_CASE("Student's t of the interval agrees with the closed forms for one and two degrees of freedom") {
  const double p = 0.95;
  CHECK(t_of(*confidence_interval(plus_minus(2), p)) == Approx(std::tan(std::numbers::pi * p / 2.0)).epsilon(1e-12));
  CHECK(t_of(*confidence_interval(plus_minus(2), p)) == Approx(12.7062).epsilon(1e-5));
  CHECK(t_of(*confidence_interval(plus_minus(3), p)) == Approx(p * std::sqrt(2.0 / (1.0 - p * p))).epsilon(1e-12));
}

TEST_CASE("the interval reports what it was made of") {
  const std::vector<double> values{1.0, 3.0};
  const auto interval = confidence_interval(values, 0.9);
  REQUIRE(interval.has_value());
  CHECK(interval->mean == 2.0);
  CHECK(interval->std == Approx(std::sqrt(2.0)));
  CHECK(interval->n == 2);
  CHECK(interval->confidence == 0.9);
}

TEST_CASE("one value has a mean but no interval") {
  CHECK(core::mean(std::vector<double>{4.0}) == 4.0);
  CHECK_FALSE(confidence_interval(std::vector<double>{4.0}).has_value());
  tests::refused(ErrorKind::value, [] { core::sample_std(std::vector<double>{4.0}); });
}

TEST_CASE("nothing, and what is no finite number, has no statistics") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const auto& values : std::vector<std::vector<double>>{{}, {1.0, NAN}, {inf, 1.0}}) {
    tests::refused(ErrorKind::value, [&] { core::mean(values); });
    tests::refused(ErrorKind::value, [&] { core::sample_std(values); });
    tests::refused(ErrorKind::value, [&] { confidence_interval(values); });
  }
  const auto error = tests::refused(ErrorKind::value, [] { core::mean(std::vector<double>{1.0, NAN}); });
  CHECK(error.complaint().name == "values[1]");
}

TEST_CASE("sums that overflow are refused, the largest that do not are accepted") {
  const double huge = std::numeric_limits<double>::max();
  tests::refused(ErrorKind::value, [&] { core::mean(std::vector<double>{huge, huge}); });
  CHECK(core::mean(std::vector<double>{huge / 2, huge / 2}) == huge / 2);
}

TEST_CASE("a confidence lies between 0 and 1, ends excluded") {
  const auto values = plus_minus(4);
  for (const double bad : {0.0, 1.0, -0.1, 1.5, std::nan("")})
    CHECK(tests::refused(ErrorKind::value, [&] { confidence_interval(values, bad); }).complaint().name == "confidence");
  CHECK(confidence_interval(values, 1e-12)->half_width > 0.0);
  CHECK(std::isfinite(confidence_interval(values, std::nextafter(1.0, 0.0))->half_width));
}

TEST_CASE("95 % intervals of 2000 studies of 10 normal values hold the true mean in 95 % of them") {
  constexpr int studies = 2000, n = 10;
  const core::Stream stream({.seed = 20, .chip = 0, .layer = 0, .tile = 0, .purpose = "coverage"});
  int covered = 0;
  for (std::uint32_t study = 0; study < studies; ++study) {
    std::vector<double> values;
    for (std::uint32_t k = 0; values.size() < n; ++k)
      for (const double z : stream.normals({study, k, 0, 0}))
        if (values.size() < n) values.push_back(3.0 + 2.0 * z);
    const auto interval = *confidence_interval(values);
    covered += std::abs(interval.mean - 3.0) <= interval.half_width ? 1 : 0;
  }
  const double standard_error = std::sqrt(studies * 0.95 * 0.05);  // 9.7; a normal quantile would miss by 6.5 of them
  INFO("seed 20, covered " << covered);
  CHECK(std::abs(covered - 0.95 * studies) < 4.0 * standard_error);
}
