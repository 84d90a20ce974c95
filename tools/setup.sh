#!/usr/bin/env bash
# Brings a fresh machine to a .venv with the built package and its test tools. Takes seconds when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

stamp=.venv/package.stamp

# What the installed package was made of: every source, and the commit that its result files will name.
fingerprint() {
    git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || true
    find CMakeLists.txt pyproject.toml README.md LICENSE cmake core devices crossbar cost mapper python -type f \
        -not -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum
}

# Names stay in for profilers. Without isolation the build directory stays valid from one build to the next, so only what changed is compiled.
install_package() {
    say "building and installing the package (minutes the first time)"
    rm -f "$stamp"
    quietly env CMAKE_BUILD_PARALLEL_LEVEL="$jobs" .venv/bin/python -m pip install -v --no-deps --no-build-isolation \
        --force-reinstall --config-settings=install.strip=false --config-settings="cmake.define.WORDLINE_WERROR=${WORDLINE_WERROR:-OFF}" .
}

tools/venv.sh test
now=$(fingerprint)
if [ "$now" != "$(cat "$stamp" 2>/dev/null)" ]; then
    install_package
    printf '%s\n' "$now" >"$stamp"
fi
say "ready"
