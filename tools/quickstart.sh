#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to a running network: installs what is missing, builds a release, compiles the shipped example
# and evaluates it on its test set.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install_dependencies.sh
echo "Building build/release"
tools/build.sh release mlgenn-compile

PATH=$PWD/build/release/tools/mlgenn_compile:$PATH
example=docs/examples/yin_yang
kernels=build/release/yin_yang_kernels

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

show mlgenn-compile compile "$example/network.json" --emit ir,llvm,asm,object -o "$kernels"
show mlgenn-compile evaluate "$example/network.json" --input-events "$example/test_spikes.npz" \
    --target "$example/test_labels.npy" --batch-size 128

printf '\nThe accuracy must be 97.60 %% (%s/README.md).\n' "$example"
printf 'Generated kernels: %s\n' "$PWD/$kernels"
printf 'The program:       %s\n' "$PWD/build/release/tools/mlgenn_compile/mlgenn-compile"
