# Shared by the scripts beside it, which start with: cd "$(dirname "$0")/.." && . tools/lib.sh
jobs=$(nproc)

say() { printf 'wordline: %s\n' "$*"; }

# Says now and then how far a build is, by the last [n/N] in its log, for as long as this script lives.
watch_build() {
    local step before=
    while sleep 20 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
        step=$(grep -aoE '\[[0-9]+/[0-9]+\]' "$1" 2>/dev/null | tail -1) || continue
        [ "$step" = "$before" ] || say "$step compiled or linked"
        before=$step
    done
}

# Runs a command; of its output only the steps of a long build are shown, all of it when it fails.
quietly() {
    local log watch status=0
    log=$(mktemp)
    watch_build "$log" &
    watch=$!
    "$@" >"$log" 2>&1 </dev/null || status=$?
    kill "$watch" && wait "$watch" 2>/dev/null || true
    [ "$status" = 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

installed() {
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# Installs those of the named Debian packages that are missing; asks the network for nothing when none is.
need_packages() {
    command -v dpkg-query >/dev/null || { say "no apt here: make sure you have $*"; return 0; }
    local package missing=()
    for package in "$@"; do installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing system packages: ${missing[*]}"
    quietly as_root apt-get update
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

build_packages=(cmake ninja-build g++ catch2 libeigen3-dev libhwy-dev librandom123-dev libtomlplusplus-dev
    nlohmann-json3-dev libhdf5-dev libboost-math-dev libopenblas-dev ngspice ccache git pkg-config)

# The package's build and the tests' build must name the compiler alike to share ccache.
export CXX="${CXX:-g++}"

# Two tests at a time, each with OpenMP threads: waiting threads must sleep, not spin, or they starve the others.
export OMP_WAIT_POLICY=passive
