#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/build.sh PRESET [TARGET...]: configures and builds a preset of CMakePresets.json, quietly.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:?usage: tools/build.sh PRESET [TARGET...]}
shift
folder=build/$preset
mkdir -p "$folder"
log=$folder/build.log

# A compiler process may take more than a gigabyte: fewer jobs than processors where memory is short.
jobs=$(nproc)
memory_gib=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
if [ "$memory_gib" -ge 1 ] && [ "$jobs" -gt "$memory_gib" ]; then
    jobs=$memory_gib
fi

run() {
    if ! "$@" >>"$log" 2>&1; then
        tail -n 60 "$log" >&2
        echo "mlgenn: '$*' failed; the whole log is $PWD/$log" >&2
        exit 1
    fi
}

: >"$log"
run cmake --preset "$preset"
run cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
