#!/usr/bin/env bash
# All tests of the release build: C++, the installed C++ package, Python, stubs. Runs all even when one fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

tools/setup.sh
status=0
tools/build.sh release -DWORDLINE_WERROR=ON
ctest --preset release -j "$jobs" || status=1
tools/consumer.sh || status=1
.venv/bin/python -m pytest || status=1
tools/stubs.sh --check || status=1
exit "$status"
