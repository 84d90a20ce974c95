#!/usr/bin/env bash
# Writes the stubs of what C++ gives Python: python/wordline/_core.pyi from the built module, specs.pyi from the
# descriptions of settings in it. With --check only says whether those in the tree are current.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

stubs=(_core.pyi specs.pyi)
new=build/stubs/wordline

# By `python -m`: the scripts of a copied .venv run in the one it was copied from, whose module is another.
# --exit-code: else a type that the generator cannot name becomes "..." and nobody hears of it.
generate() {
    rm -rf "$new"
    mkdir -p "$new"
    quietly .venv/bin/python -m pybind11_stubgen wordline._core --exit-code --output-dir build/stubs
    quietly .venv/bin/ruff check --fix-only --exit-zero "$new/_core.pyi"
    quietly .venv/bin/ruff format "$new/_core.pyi"
    .venv/bin/python -m wordline._stubs >"$new/specs.pyi"
}

check() {
    local stub status=0
    for stub in "${stubs[@]}"; do
        diff -uN "python/wordline/$stub" "$new/$stub" || { say "$stub is out of date: run make stubs"; status=1; }
    done
    return "$status"
}

tools/setup.sh
generate
if [ "${1:-}" = --check ]; then check; else cp "${stubs[@]/#/$new/}" python/wordline/; fi
