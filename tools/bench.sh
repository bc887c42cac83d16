#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds a release and measures the benchmark bundles: correctness, compile time, speed, memory.
# The bundles are looked for in the folder that MLGENN_SHARED_DIR names, else in ../shared beside the clone.
# Arguments go to mlgenn-compile bench, for example: tools/bench.sh --json --repeats 21
set -euo pipefail
cd "$(dirname "$0")/.."

shared=${MLGENN_SHARED_DIR:-../shared}
bundles=()
for name in mnist shd256 conv_cifar; do
    if [ -d "$shared/data/bench/$name" ]; then
        bundles+=("$shared/data/bench/$name")
    else
        echo "mlgenn: no bundle at $shared/data/bench/$name, left out" >&2
    fi
done
if [ ${#bundles[@]} -eq 0 ]; then
    echo "mlgenn: no benchmark bundles; name their folder with MLGENN_SHARED_DIR" >&2
    exit 1
fi

tools/build.sh release mlgenn-compile
exec build/release/tools/mlgenn_compile/mlgenn-compile bench "${bundles[@]}" "$@"
