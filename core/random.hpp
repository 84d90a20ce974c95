#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace wordline::core {

/// Where a random stream belongs. The same identity gives the same numbers on every machine, in any order and on
/// any number of threads; two identities that differ in one part give independent streams.
struct StreamId {
  std::uint64_t seed = 0;    ///< the user's seed
  std::uint32_t chip = 0;    ///< index of the chip in a study
  std::uint32_t layer = 0;   ///< index of the mapped layer
  std::uint32_t tile = 0;    ///< index of the tile where draws belong to hardware; 0 where they belong to weights
  std::string_view purpose;  ///< a word: "program", "stuck", "read", ...
};

/// The event inside a stream: four fields of 32 bits, their meaning is fixed where the purpose is used.
using Event = std::array<std::uint32_t, 4>;

/// A stream of random numbers addressed by event, not by history: Philox4x32-10 (Salmon et al., SC'11,
/// doi:10.1145/2063384.2063405) keyed by the stream's identity. Cheap to copy.
class Stream {
 public:
  explicit Stream(const StreamId& id);

  /// Four uniform 32-bit words of one event.
  std::array<std::uint32_t, 4> words(const Event& event) const;
  /// Four independent standard normals of one event (Box-Muller on two word pairs; |z| <= 6.8).
  std::array<double, 4> normals(const Event& event) const;
  /// The first of them alone, at a quarter of the work.
  double normal(const Event& event) const;
  /// Four independent uniforms in the open interval (0, 1) of one event.
  std::array<double, 4> uniforms(const Event& event) const;

  /// The same of the events {low(id), high(id), draw, 0} of many ids at once: the same uniforms, and normals that
  /// differ by rounding (1e-14) from the ones above, with the same bits for any company of ids and on every instruction
  /// set.
  void normal(std::span<const std::uint64_t> ids, std::uint32_t draw, std::span<double> out) const;
  /// Four per id, side by side.
  void normals(std::span<const std::uint64_t> ids, std::uint32_t draw, std::span<double> out) const;
  /// The first of the four.
  void uniform(std::span<const std::uint64_t> ids, std::uint32_t draw, std::span<double> out) const;

  /// The Philox key, for kernels that generate many events at once.
  std::array<std::uint32_t, 2> key() const noexcept { return key_; }

 private:
  std::array<std::uint32_t, 2> key_;
};

/// Philox4x32-10, exposed for known-answer tests and kernels.
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key);
/// Philox4x32-7, for draws by the thousand million: seven rounds are the fewest that pass all of BigCrush (Salmon et
/// al., table 2), ten keep a margin.
std::array<std::uint32_t, 4> philox7(const std::array<std::uint32_t, 4>& counter,
                                     const std::array<std::uint32_t, 2>& key);

/// A counter field of 32 bits; throws Error(value) naming `name` when `value` does not fit.
std::uint32_t field32(const char* name, std::int64_t value);

}  // namespace wordline::core
