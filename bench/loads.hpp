#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "bench/timing.hpp"

/// The limit of every kernel that looks sums up: reading the first-level cache, as many bytes at a time as a vector
/// has.
namespace wordline::bench {

#if defined(__x86_64__)
// Eight loads under way, each with an addition, over a table of 32 KB; `Wide` is the vector.
#define WORDLINE_ADD_LOADS(name, instructions, bytes, reg)                                         \
  __attribute__((target(instructions))) inline void name(const float* table, std::int64_t loads) { \
    using Wide = float __attribute__((vector_size(bytes)));                                        \
    Wide a{}, b{}, c{}, d{}, e{}, f{}, g{}, h{};                                                   \
    const auto* at = reinterpret_cast<const Wide*>(table);                                         \
    for (std::int64_t i = 0; i < loads; i += 8) {                                                  \
      const Wide* next = at + i % (32768 / bytes);                                                 \
      a += next[0];                                                                                \
      b += next[1];                                                                                \
      c += next[2];                                                                                \
      d += next[3];                                                                                \
      e += next[4];                                                                                \
      f += next[5];                                                                                \
      g += next[6];                                                                                \
      h += next[7];                                                                                \
      asm volatile("" : reg(a), reg(b), reg(c), reg(d), reg(e), reg(f), reg(g), reg(h));           \
    }                                                                                              \
  }
WORDLINE_ADD_LOADS(add_loads_512, "avx512f", 64, "+v")
WORDLINE_ADD_LOADS(add_loads_256, "avx2", 32, "+x")
#undef WORDLINE_ADD_LOADS

/// Seconds that reading so many table entries of 64 bytes takes with vectors of 64 or 32 bytes; 0 where there are none.
inline double seconds_of_loads(std::int64_t entries, bool wide) {
  alignas(64) static float table[512 * 16];
  std::fill(std::begin(table), std::end(table), 1.0F);  // untouched pages would all be one page of zeros
  if (!(wide ? __builtin_cpu_supports("avx512f") : __builtin_cpu_supports("avx2"))) return 0.0;
  const auto read = [&] { wide ? add_loads_512(table, entries) : add_loads_256(table, 2 * entries); };
  return std::min({seconds(read), seconds(read), seconds(read), seconds(read), seconds(read)});
}
#else
inline double seconds_of_loads(std::int64_t, bool) { return 0.0; }
#endif

}  // namespace wordline::bench
