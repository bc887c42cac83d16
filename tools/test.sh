#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything with warnings as errors, and runs the whole test suite.
# Arguments go to ctest, for example: tools/test.sh -R tooling
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install_dependencies.sh
echo "Building build/ci"
tools/build.sh ci
echo "Testing"
# Only what is not a pass, and the closing lines with the counts.
ctest --test-dir build/ci -j2 --output-on-failure --no-tests=error "$@" 2>&1 |
    grep -vE '^(Internal ctest changing|Test project)|^ +Start +[0-9]+: | Passed +[0-9.]+ sec *$'
