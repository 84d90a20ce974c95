#include "core/random.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "tests/core/support.hpp"

using namespace wordline;
using core::Stream;
using core::StreamId;
using Words = std::array<std::uint32_t, 4>;

namespace {

constexpr std::size_t n = 100000;
constexpr StreamId home{.seed = 7, .chip = 3, .layer = 2, .tile = 1, .purpose = "program"};

// n normals of one stream in the order of events.
std::vector<double> normals(const Stream& stream, std::uint32_t first = 0) {
  std::vector<double> out;
  out.reserve(n);
  for (std::uint32_t e = first; out.size() < n; ++e)
    for (const double z : stream.normals({e, 0, 0, 0})) out.push_back(z);
  return out;
}

double moment(const std::vector<double>& z, int power) {
  double sum = 0.0;
  for (const double x : z) sum += std::pow(x, power);
  return sum / static_cast<double>(z.size());
}

double mean_product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / static_cast<double>(a.size());
}

// Every identity that differs from home by one step in one part, and the ones that sums of seed and index confuse.
std::vector<StreamId> neighbours() {
  std::vector<StreamId> ids(10, home);
  ids[0].seed = 8;
  ids[1].seed = 7 + (std::uint64_t{1} << 32U);
  ids[2].chip = 4;
  ids[3].layer = 3;
  ids[4].tile = 2;
  ids[5].purpose = "read";
  ids[6].purpose = "prograM";
  ids[7].seed = 8, ids[7].chip = 2;
  ids[8].layer = 1, ids[8].tile = 2;
  ids[9].chip = 2, ids[9].layer = 3;
  return ids;
}

}  // namespace

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  CHECK(core::philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(core::philox({ones, ones, ones, ones}, {ones, ones}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(core::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Philox4x32-7 gives the known answers of Random123") {
  CHECK(core::philox7({0, 0, 0, 0}, {0, 0}) == Words{0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(core::philox7({ones, ones, ones, ones}, {ones, ones}) == Words{0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662});
  CHECK(core::philox7({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a});
}

// From the rule in docs/seeds.md, computed by a second implementation of Philox and FNV-1a (in Python): a change here
// breaks every seed that was ever published.
TEST_CASE("the key of a stream is what docs/seeds.md says, for ever") {
  const Stream plain({.seed = 7, .chip = 0, .layer = 0, .tile = 0, .purpose = "program"});
  CHECK(plain.key() == std::array<std::uint32_t, 2>{0xcdf178e0, 0x6b2c3c1a});
  CHECK(plain.words({1, 2, 3, 4}) == Words{0x4c324aa7, 0x41ad6857, 0x0bd1f0d6, 0xc1783998});
  const Stream last({.seed = ~std::uint64_t{0}, .chip = 3, .layer = 2, .tile = 1, .purpose = "read"});
  CHECK(last.key() == std::array<std::uint32_t, 2>{0x1a27c983, 0x517782fa});
  CHECK(last.words({1, 2, 3, 4}) == Words{0x9be9483e, 0x6027064d, 0xe0132b7c, 0xee7409f0});
  CHECK(Stream({}).key() == std::array<std::uint32_t, 2>{0xd04d03dd, 0xf3442d59});
}

TEST_CASE("uniforms are the centres of 2^32 cells, normals their Box-Muller transform") {
  const Stream stream(home);
  for (std::uint32_t e = 0; e < 100; ++e) {
    const auto w = stream.words({e, 1, 2, 3});
    const auto u = stream.uniforms({e, 1, 2, 3});
    const auto z = stream.normals({e, 1, 2, 3});
    for (std::size_t i = 0; i < 4; ++i) CHECK(u[i] == std::ldexp(2.0 * w[i] + 1.0, -33));
    for (std::size_t i = 0; i < 4; i += 2) {
      CHECK(std::hypot(z[i], z[i + 1]) == Approx(std::sqrt(-2.0 * std::log(u[i]))).epsilon(1e-13));
      CHECK(std::remainder(std::atan2(z[i + 1], z[i]) / (2.0 * std::numbers::pi) - u[i + 1], 1.0) ==
            Approx(0.0).margin(1e-14));
    }
  }
}

TEST_CASE("the same identity and event give the same bits, in any order of asking") {
  const Stream a(home), b(home);
  const auto late = a.normals({5, 0, 0, 9});
  const auto early = a.normals({4, 0, 0, 9});
  CHECK(b.normals({4, 0, 0, 9}) == early);
  CHECK(b.normals({5, 0, 0, 9}) == late);
}

TEST_CASE("each part of an identity and each field of an event changes the numbers") {
  const Words here = Stream(home).words({0, 0, 0, 0});
  for (const StreamId& id : neighbours()) CHECK(Stream(id).words({0, 0, 0, 0}) != here);
  for (std::size_t field = 0; field < 4; ++field) {
    core::Event event{0, 0, 0, 0};
    event[field] = 1;
    CHECK(Stream(home).words(event) != here);
  }
}

// For independent normals the mean product has standard error 1/sqrt(n); all streams here are fixed, so a pass stays.
TEST_CASE("normals of neighbouring streams are uncorrelated within 4 standard errors") {
  const auto here = normals(Stream(home));
  for (const StreamId& id : neighbours()) {
    INFO("seed " << id.seed << " chip " << id.chip << " layer " << id.layer << " tile " << id.tile << " "
                 << id.purpose);
    CHECK(std::abs(mean_product(here, normals(Stream(id)))) < 4.0 / std::sqrt(n));
  }
}

TEST_CASE("normals inside one stream are uncorrelated at every short lag within 4 standard errors") {
  const auto z = normals(Stream(home));
  for (std::ptrdiff_t lag = 1; lag <= 8; ++lag) {
    const std::vector<double> ahead(z.begin() + lag, z.end()), behind(z.begin(), z.end() - lag);
    CHECK(std::abs(mean_product(ahead, behind)) < 4.0 / std::sqrt(static_cast<double>(ahead.size())));
  }
}

TEST_CASE("normals have the moments of the normal distribution within 4 standard errors") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto z = normals(Stream({.seed = seed, .chip = 0, .layer = 0, .tile = 0, .purpose = "moments"}));
    INFO("seed " << seed);
    CHECK(std::abs(moment(z, 1)) < 4.0 * std::sqrt(1.0 / n));
    CHECK(std::abs(moment(z, 2) - 1.0) < 4.0 * std::sqrt(2.0 / n));
    CHECK(std::abs(moment(z, 3)) < 4.0 * std::sqrt(15.0 / n));
    CHECK(std::abs(moment(z, 4) - 3.0) < 4.0 * std::sqrt(96.0 / n));
  }
}

TEST_CASE("normals beyond 3 sigma are as frequent as they should be within 4 standard errors") {
  const auto z = normals(Stream(home));
  const double p = std::erfc(3.0 / std::sqrt(2.0));  // 0.0027
  double far = 0.0;
  for (const double x : z) far += std::abs(x) > 3.0 ? 1.0 : 0.0;
  CHECK(std::abs(far - p * n) < 4.0 * std::sqrt(n * p * (1.0 - p)));
}

TEST_CASE("a counter field holds 32 bits and nothing more") {
  CHECK(core::field32("window", 0) == 0);
  CHECK(core::field32("window", 4294967295) == 4294967295);
  for (const std::int64_t bad :
       {std::int64_t{-1}, std::int64_t{4294967296}, std::numeric_limits<std::int64_t>::max()}) {
    const auto error = tests::refused(core::ErrorKind::value, [&] { core::field32("window", bad); });
    CHECK(error.complaint().name == "window");
    CHECK(error.complaint().value == std::to_string(bad));
    CHECK(error.complaint().allowed == "[0, 4294967295]");
  }
}
