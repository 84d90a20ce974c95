#!/usr/bin/env bash
# The [parallel] C++ tests under the thread sanitizer.
#
# clang, because GCC's OpenMP does not tell the sanitizer about its barriers and every loop looks like a race; clang's
# does, through the Archer library. 16 at least: older ones refuse C++20 that GCC 12 accepts.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

clang_packages() { echo "clang-$1" "libomp-$1-dev" "libclang-rt-$1-dev" "llvm-$1"; }

# The version we have, else the newest one of the distribution that we know to work.
find_clang() {
    local version
    for version in 19 18 17 16; do
        if installed "clang-$version" && installed "libomp-$version-dev"; then echo "$version"; return; fi
    done
    quietly as_root apt-get update
    for version in 18 19 17 16; do
        if apt-cache show "libomp-$version-dev" >/dev/null 2>&1; then echo "$version"; return; fi
    done
    say "no clang from 16 to 19 in this distribution" >&2
    return 1
}

# The sanitizer needs its fixed address ranges free; where the kernel shuffles too far, ask it not to.
in_fixed_addresses() {
    if setarch -R true 2>/dev/null; then setarch -R "$@"; else "$@"; fi
}

# Proves the instrument before using it: a real race is found, the same sum without a race is not.
self_test() {
    local flags=(-O1 -g -fopenmp -fsanitize=thread)
    mkdir -p build/tsan
    "$clang" "${flags[@]}" tools/tsan_probe.cpp -o build/tsan/clean
    "$clang" "${flags[@]}" -DRACE tools/tsan_probe.cpp -o build/tsan/race
    quietly in_fixed_addresses build/tsan/clean || { say "tsan: a correct program is reported"; return 1; }
    if in_fixed_addresses build/tsan/race >/dev/null 2>&1; then say "tsan: a race goes unseen"; return 1; fi
}

version=$(find_clang)
need_packages "${build_packages[@]}" $(clang_packages "$version")
clang=clang++-$version
export OMP_TOOL_LIBRARIES=/usr/lib/llvm-$version/lib/libarcher.so
# The OpenMP runtime itself is not instrumented; what it does inside must not be taken for a race.
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 external_symbolizer_path=/usr/lib/llvm-$version/bin/llvm-symbolizer"
self_test
in_fixed_addresses tools/build.sh tsan -DCMAKE_CXX_COMPILER="$clang"
in_fixed_addresses ctest --preset tsan -j "$jobs"
