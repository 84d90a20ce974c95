#!/usr/bin/env bash
# build.sh PRESET [cmake options]: configures and builds one preset of CMakePresets.json.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

say "building $1"
quietly cmake --preset "$@"
quietly cmake --build --preset "$1" -j "$jobs"
