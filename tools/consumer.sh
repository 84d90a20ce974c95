#!/usr/bin/env bash
# Does the C++ package work for others? Installs the release build, builds and runs examples/cpp with find_package alone,
# then with Wordline as a subproject, and compares what the two print. Takes what tools/build.sh release has built.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

work=$PWD/build/consumer
prefix=$work/prefix

# Every installed header compiles with no other include directory than the package's own, Eigen's and the compiler's.
headers_stand_alone() {
    (cd "$prefix/include/wordline" && find . -name '*.hpp' -printf '#include "%P"\n' | sort) >"$work/headers.cpp"
    local -a eigen
    read -ra eigen <<<"$(pkg-config --cflags-only-I eigen3)"
    quietly "$CXX" -std=c++20 -Wall -Wextra -Werror -fsyntax-only "${eigen[@]/#-I/-isystem}" \
        -I "$prefix/include/wordline" "$work/headers.cpp"
}

# A package that names a path of this tree breaks once the tree is gone.
names_no_path() {
    ! grep -rnF -e "$PWD" "$prefix" --include='*.cmake' || { say "the package names a path of this tree"; return 1; }
}

# build_and_run NAME SOURCE PROGRAM [cmake options]: leaves in NAME.txt what the program prints.
build_and_run() {
    quietly cmake -S "$2" -B "$work/$1" -G Ninja -DCMAKE_BUILD_TYPE=Release "${@:4}"
    quietly cmake --build "$work/$1" -j "$jobs"
    "$work/$1/$3" >"$work/$1.txt"
}

[ -e build/release/cmake_install.cmake ] || { say "no release build here: run tools/build.sh release"; exit 1; }
rm -rf "$work"
say "installing the C++ package"
quietly cmake --install build/release --prefix "$prefix"
names_no_path
headers_stand_alone
say "building examples/cpp against it"
build_and_run installed examples/cpp one_layer -DCMAKE_PREFIX_PATH="$prefix"
cat "$work/installed.txt"
say "building examples/cpp with Wordline as a subproject"
# The flags of the release build of tools/test.sh, so that ccache has every file.
build_and_run subproject tests/from_source example/one_layer -DWORDLINE_WERROR=ON
cmp "$work/installed.txt" "$work/subproject.txt"
