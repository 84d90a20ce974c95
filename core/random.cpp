#include "core/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "core/error.hpp"

namespace wordline::core {
namespace {

// FNV-1a: any well-spread hash will do, it only has to stay the same for ever.
std::uint64_t hash(std::string_view word) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : word) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return h;
}

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32U); }

// Two rounds, since seed, place and purpose together are wider than one counter.
std::array<std::uint32_t, 2> derive_key(const StreamId& id) {
  const std::uint64_t purpose = hash(id.purpose);
  const auto place = philox({id.chip, id.layer, id.tile, low(purpose)}, {low(id.seed), high(id.seed)});
  const auto key = philox(place, {high(purpose), 0x574c4e45U});
  return {key[0], key[1]};
}

template <class Philox>
std::array<std::uint32_t, 4> rounds(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key) {
  const typename Philox::ctr_type c{{counter[0], counter[1], counter[2], counter[3]}};
  const typename Philox::key_type k{{key[0], key[1]}};
  const auto out = Philox{}(c, k);
  return {out[0], out[1], out[2], out[3]};
}

// Centre of one of 2^32 equal cells: never 0 or 1.
double open_unit(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

}  // namespace

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key) {
  return rounds<r123::Philox4x32>(counter, key);
}

std::array<std::uint32_t, 4> philox7(const std::array<std::uint32_t, 4>& counter,
                                     const std::array<std::uint32_t, 2>& key) {
  return rounds<r123::Philox4x32_R<7>>(counter, key);
}

Stream::Stream(const StreamId& id) : key_(derive_key(id)) {}

std::array<std::uint32_t, 4> Stream::words(const Event& event) const { return philox(event, key_); }

std::array<double, 4> Stream::uniforms(const Event& event) const {
  const auto w = words(event);
  return {open_unit(w[0]), open_unit(w[1]), open_unit(w[2]), open_unit(w[3])};
}

std::array<double, 4> Stream::normals(const Event& event) const {
  const auto u = uniforms(event);
  const double r0 = std::sqrt(-2.0 * std::log(u[0])), a0 = 2.0 * std::numbers::pi * u[1];
  const double r1 = std::sqrt(-2.0 * std::log(u[2])), a1 = 2.0 * std::numbers::pi * u[3];
  return {r0 * std::cos(a0), r0 * std::sin(a0), r1 * std::cos(a1), r1 * std::sin(a1)};
}

double Stream::normal(const Event& event) const {
  const auto w = words(event);
  return std::sqrt(-2.0 * std::log(open_unit(w[0]))) * std::cos(2.0 * std::numbers::pi * open_unit(w[1]));
}

std::uint32_t field32(const char* name, std::int64_t value) {
  constexpr auto limit = static_cast<std::int64_t>(std::numeric_limits<std::uint32_t>::max());
  if (value >= 0 && value <= limit) return static_cast<std::uint32_t>(value);  // no complaint is written for most calls
  require(value >= 0 && value <= limit, ErrorKind::value,
          {.rule = "a random-stream counter has 32 bits",
           .name = name,
           .value = std::to_string(value),
           .unit = "",
           .allowed = "[0, " + std::to_string(limit) + "]",
           .remedy = ""});
  return static_cast<std::uint32_t>(value);
}

}  // namespace wordline::core
