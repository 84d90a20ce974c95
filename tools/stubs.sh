#!/usr/bin/env bash
# Writes python/wordline/_core.pyi from the built module; with --check only says whether the one in the tree is current.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

tools/setup.sh
stub=build/stubs/wordline/_core.pyi
quietly .venv/bin/pybind11-stubgen wordline._core --output-dir build/stubs
quietly .venv/bin/ruff check --fix-only --exit-zero "$stub"
quietly .venv/bin/ruff format "$stub"
if [ "${1:-}" = --check ]; then
    diff -u python/wordline/_core.pyi "$stub" || { say "_core.pyi is out of date: run make stubs"; exit 1; }
else
    cp "$stub" python/wordline/_core.pyi
fi
