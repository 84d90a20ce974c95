#!/usr/bin/env bash
# Makes .venv with everything the package needs to be built and run, and the extras of pyproject.toml named as arguments.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

usable() {
    "$1" -c 'import ensurepip, os, sys, sysconfig, venv
header = os.path.join(sysconfig.get_path("include"), "Python.h")
sys.exit(sys.version_info < (3, 11) or not os.path.exists(header))' 2>/dev/null
}

find_python() {
    local python
    for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if usable "$python"; then command -v "$python"; return; fi
    done
    say "no Python >= 3.11 with its headers found" >&2
    return 1
}

make_venv() {
    usable .venv/bin/python && return
    local python
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    quietly "$python" -m venv .venv
}

install_requirements() {
    local stamp=".venv/requirements-$*.stamp" wanted
    wanted=$(.venv/bin/python tools/requirements.py "$@")
    [ "$wanted" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
    say "installing Python packages (extras: $*)"
    quietly .venv/bin/python -m pip install --upgrade -r <(printf '%s\n' "$wanted")
    printf '%s\n' "$wanted" >"$stamp"
}

need_packages "${build_packages[@]}" python3 python3-venv python3-dev
make_venv
install_requirements "$@"
