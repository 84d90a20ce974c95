#!/usr/bin/env bash
# bench_compare.sh BASE [PROGRAM...]: runs benchmarks of the commit BASE and of this tree in turns, five times each, and
# prints how each figure changed (medians). PROGRAM: names in bench/ without ending; the multiply by default.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh
unset OMP_WAIT_POLICY  # a benchmark has the machine to itself

base=$(git rev-parse --verify "$1^{commit}")
shift
[ $# -gt 0 ] || set -- engine_multiply
old=$(mktemp -d)
trap 'git worktree remove --force "$old/tree" || true; rm -rf "$old"' EXIT
git worktree add --quiet --detach "$old/tree" "$base"
say "building both"
quietly tools/build.sh release
(cd "$old/tree" && quietly tools/build.sh release)
for _ in 1 2 3 4 5; do
    for program in "$@"; do
        "$old/tree/build/release/bench/bench_$program" >>"$old/base.jsonl"
        "build/release/bench/bench_$program" >>"$old/change.jsonl"
    done
done
python3 bench/compare.py "$old/base.jsonl" "$old/change.jsonl"
