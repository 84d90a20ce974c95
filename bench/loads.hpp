#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "bench/timing.hpp"

/// The limit of every kernel that looks sums up: 64 bytes at a time out of the first-level cache.
namespace wordline::bench {

#if defined(__x86_64__)
__attribute__((target("avx512f"))) inline void add_loads(const float* table, std::int64_t loads) {
  using Wide = float __attribute__((vector_size(64)));
  Wide a{}, b{}, c{}, d{}, e{}, f{}, g{}, h{};
  const auto* at = reinterpret_cast<const Wide*>(table);
  for (std::int64_t i = 0; i < loads; i += 8) {
    const Wide* next = at + i % 512;
    a += next[0];
    b += next[1];
    c += next[2];
    d += next[3];
    e += next[4];
    f += next[5];
    g += next[6];
    h += next[7];
    asm volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(g), "+v"(h));
  }
}

/// Seconds that so many loads of 64 bytes from 32 KB take with an addition each; 0 on a machine without AVX-512.
inline double seconds_of_loads(std::int64_t loads) {
  alignas(64) static float table[512 * 16];
  std::fill(std::begin(table), std::end(table), 1.0F);  // untouched pages would all be one page of zeros
  if (!__builtin_cpu_supports("avx512f")) return 0.0;
  return std::min({seconds([&] { add_loads(table, loads); }), seconds([&] { add_loads(table, loads); }),
                   seconds([&] { add_loads(table, loads); })});
}
#else
inline double seconds_of_loads(std::int64_t) { return 0.0; }
#endif

}  // namespace wordline::bench
