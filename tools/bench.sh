#!/usr/bin/env bash
# bench.sh [PATTERN]: builds the benchmarks and runs those whose names match, one after the other; every one by default.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh
unset OMP_WAIT_POLICY  # a benchmark has the machine to itself
shopt -s nullglob

tools/setup.sh
tools/build.sh release
for program in build/release/bench/bench_${1:-*}; do
    say "$program"
    "$program"
done
for script in bench/${1:-*}.py; do
    grep -q __main__ "$script" || continue  # what others import
    case "$script" in bench/judge.py | bench/compare.py) continue ;; esac
    say "$script"
    .venv/bin/python "$script"
done
