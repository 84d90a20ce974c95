#!/usr/bin/env bash
# All tests of the release build: C++, then Python. Runs both even when the first fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

tools/setup.sh
status=0
tools/build.sh release -DWORDLINE_WERROR=ON
ctest --preset release -j "$jobs" || status=1
.venv/bin/python -m pytest || status=1
if [ -e python/wordline/_core.pyi ]; then tools/stubs.sh --check || status=1; fi
exit "$status"
