#!/usr/bin/env bash
# Every check that needs no run: room order and sizes, format, ruff, mypy, clang-tidy. Cheap ones first, all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

tools/venv.sh test dev
status=0
check() {
    say "$1"
    "${@:2}" || status=1
}

# A compile database of everything, the Python bindings included; nothing is compiled.
configure() {
    quietly cmake -S . -B build/lint -G Ninja -DWORDLINE_PYTHON=ON -DWORDLINE_BENCH=ON \
        -DPython_EXECUTABLE="$PWD/.venv/bin/python" -Dpybind11_DIR="$(.venv/bin/python -m pybind11 --cmakedir)"
}

check "rooms and sizes" .venv/bin/python tools/check_rooms.py
check "format" tools/format.sh --check
check "ruff" .venv/bin/ruff check .
check "mypy" .venv/bin/python -m mypy
check "compile database" configure
check "clang-tidy" .venv/bin/python tools/tidy.py build/lint
exit "$status"
