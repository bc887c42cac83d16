#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a build, moves what was installed, builds the consumer project against it and runs that on the shipped
# example.   run.sh BUILD SOURCE SCRATCH CXX CXX_FLAGS EXPECTED_OUTPUT
set -euo pipefail
build=$1 source=$2 scratch=$3 cxx=$4 cxx_flags=$5 expected=$6

fail() {
    echo "$1" >&2
    exit 1
}

rm -rf "$scratch"
mkdir -p "$scratch"
cmake --install "$build" --prefix "$scratch/first" >"$scratch/install.log" || fail "$(cat "$scratch/install.log")"
mv "$scratch/first" "$scratch/prefix"

if grep -rlF -e "$source" -e "$build" -e "$scratch" "$scratch/prefix" --include='*.cmake' --include='*.h'; then
    fail "these installed files name the folders that they were built in"
fi
unexpected=$(cd "$scratch/prefix" && find . -type f ! -path './include/mlgenn/*.h' ! -path './lib*/lib*.a' \
    ! -path './lib*/cmake/mlgenn/*.cmake' ! -path './bin/*' ! -path './share/mlgenn/*')
[ -z "$unexpected" ] || fail "installed, but not a public header, library, package file or tool: $unexpected"

cmake -G Ninja -S "$source/tests/package/consumer" -B "$scratch/build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$scratch/prefix" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_FLAGS="$cxx_flags" \
    >"$scratch/build.log" 2>&1 || fail "$(cat "$scratch/build.log")"
cmake --build "$scratch/build" >>"$scratch/build.log" 2>&1 || fail "$(cat "$scratch/build.log")"

output=$(MLGENN_CACHE_DIR="$scratch/cache" "$scratch/build/consumer" "$source/docs/examples/yin_yang")
[ "$output" = "$expected" ] || fail "the consumer printed '$output', expected '$expected'"
