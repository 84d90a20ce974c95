#!/usr/bin/env bash
# Formats every C++ and Python file; with --check only says which would change.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

tools/venv.sh test dev
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' | xargs -r ls 2>/dev/null)
if [ "${1:-}" = --check ]; then
    status=0
    .venv/bin/clang-format --dry-run --Werror "${files[@]}" || status=1
    .venv/bin/ruff format --check . || status=1
    exit "$status"
fi
.venv/bin/clang-format -i "${files[@]}"
.venv/bin/ruff format .
.venv/bin/ruff check --fix-only --exit-zero .
