#!/usr/bin/env bash
# The C++ tests under the address and undefined-behaviour sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

need_packages "${build_packages[@]}"
tools/build.sh asan
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
ctest --preset asan -j "$jobs"
