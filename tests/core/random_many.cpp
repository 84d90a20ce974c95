// Numbers of many events against the same events one by one, on every instruction set this machine has.
#include <hwy/highway.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/random.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::Stream;
using Ids = std::vector<std::uint64_t>;
using Reals = std::vector<double>;

namespace {

Stream stream() { return Stream({.seed = 7, .chip = 3, .layer = 2, .tile = 0, .purpose = "program"}); }
constexpr std::uint32_t draw = 5;

core::Event event(std::uint64_t id) {
  return {static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(id >> 32U), draw, 0};
}

// Half of them from the whole range; counts in tests are no multiples of the lanes of a vector.
Ids ids(std::size_t n) {
  Ids out;
  for (std::uint64_t i = 0; i < n; ++i) out.push_back(i % 2 == 0 ? i : i * 0x9E3779B97F4A7C15U);
  return out;
}

Reals normal(const Ids& id) {
  Reals out(id.size());
  stream().normal(id, draw, out);
  return out;
}
Reals normals(const Ids& id) {
  Reals out(4 * id.size());
  stream().normals(id, draw, out);
  return out;
}
Reals uniform(const Ids& id) {
  Reals out(id.size());
  stream().uniform(id, draw, out);
  return out;
}

Reals with_target(std::int64_t allowed, const std::function<Reals()>& work) {
  hwy::SetSupportedTargetsForTest(allowed);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return work();
}

void check_targets(const std::function<Reals()>& work) {
  const Reals best = with_target(0, work);
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
    const std::int64_t one = left & -left;
    INFO(hwy::TargetName(one));
    CHECK(with_target(one, work) == best);
    with_target(0, [] { return Reals(); });
  }
}

}  // namespace

// Box and Muller by the C library; a million draws reach |z| = 5, where rounding of the angle alone makes 2e-15.
TEST_CASE("a million normals at once are those of their events within 1e-14") {
  const Ids id = ids(1'000'001);
  const Reals z = normal(id);
  const Stream one = stream();
  double worst = 0.0;
  for (std::size_t k = 0; k < id.size(); ++k) worst = std::max(worst, std::abs(z[k] - one.normal(event(id[k]))));
  CHECK(worst < 1e-14);
}

TEST_CASE("four normals at once are those of their events within 1e-14, the first the same bits as alone") {
  const Ids id = ids(100'003);
  const Reals z = normals(id), first = normal(id);
  double worst = 0.0;
  bool same = true;
  for (std::size_t k = 0; k < id.size(); ++k) {
    const auto expected = stream().normals(event(id[k]));
    for (std::size_t i = 0; i < 4; ++i) worst = std::max(worst, std::abs(z[4 * k + i] - expected[i]));
    same = same && z[4 * k] == first[k];
  }
  CHECK(worst < 1e-14);
  CHECK(same);
}

TEST_CASE("uniforms at once are the same bits as one by one, so the words are") {
  const Ids id = ids(100'003);
  const Reals u = uniform(id);
  std::size_t different = 0;
  for (std::size_t k = 0; k < id.size(); ++k) different += u[k] != stream().uniforms(event(id[k]))[0] ? 1U : 0U;
  CHECK(different == 0);
}

TEST_CASE("numbers of an id are the same bits in any company") {
  const Ids all = ids(2000);
  const Reals z = normal(all);
  for (const std::size_t size : {1U, 2U, 3U, 5U, 255U, 256U, 257U, 1000U})
    for (const std::size_t first : {0U, 1U, 700U}) {
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(first);
      const Reals part = normal(Ids(from, from + static_cast<std::ptrdiff_t>(size)));
      CHECK(std::equal(part.begin(), part.end(), z.begin() + static_cast<std::ptrdiff_t>(first)));
    }
  CHECK(normal({}).empty());
}

TEST_CASE("numbers at once are the same bits with every instruction set") {
  const Ids id = ids(10'001);
  check_targets([&] { return normal(id); });
  check_targets([&] { return normals(id); });
  check_targets([&] { return uniform(id); });
}

TEST_CASE("room for another number of results is refused") {
  Reals room(8);
  const Ids id(2);
  tests::refused(core::ErrorKind::value, [&] { stream().normal(id, draw, room); });
  tests::refused(core::ErrorKind::value, [&] { stream().uniform(id, draw, room); });
  CHECK_NOTHROW(stream().normals(id, draw, room));
}
