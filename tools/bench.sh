#!/usr/bin/env bash
# Builds and runs every benchmark, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh
unset OMP_WAIT_POLICY  # a benchmark has the machine to itself

tools/setup.sh
tools/build.sh release
for program in build/release/bench/bench_*; do
    say "$program"
    "$program"
done
