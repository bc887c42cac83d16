#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that building mlgenn needs and that are missing. Says nothing when none is.
# MLGENN_SKIP_INSTALL=1: trust that everything is there, on systems that are not Debian.
set -euo pipefail

packages=(
    g++ cmake ninja-build ccache mold binutils python3            # build
    llvm-19-dev libzstd-dev zlib1g-dev nettle-dev                 # code generation, compressed arrays, cache keys
    nlohmann-json3-dev libfmt-dev libspdlog-dev libcli11-dev      # descriptions, log, command line
    libgtest-dev libgmock-dev python3-numpy                       # tests
)

fail() {
    printf 'mlgenn: %s\n' "$1" >&2
    shift
    printf '    %s\n' "$@" >&2
    exit 1
}

# Prints those of "$@" that are not installed, in one line.
missing_of() {
    local package
    for package in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]; then
            printf '%s ' "$package"
        fi
    done
}

if [ "${MLGENN_SKIP_INSTALL:-0}" = 1 ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail "this system has no apt-get; install the equivalents of these Debian 12 packages:" \
        "${packages[*]}" "then run again with MLGENN_SKIP_INSTALL=1"
fi

read -r -a missing <<<"$(missing_of "${packages[@]}")"
if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi

as_root=(env DEBIAN_FRONTEND=noninteractive)
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && [ ! -t 0 ]; }; then
        fail "these packages are missing: ${missing[*]}" \
            "installing them needs root, and sudo cannot be used here; as root, run" \
            "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    fi
    as_root=(sudo "${as_root[@]}")
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt=("${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300)

echo "Installing ${missing[*]}"
if ! "${apt[@]}" update -o APT::Update::Error-Mode=any >"$log" 2>&1; then
    echo "mlgenn: 'apt-get update' failed, trying with the package lists that are here:" >&2
    grep -E '^(E|W|Err)' "$log" | head -5 >&2 || true
fi

# A package that no source offers would make apt refuse the others too; name it first.
not_offered=()
for package in "${missing[@]}"; do
    if ! apt-cache show "$package" >/dev/null 2>&1; then
        not_offered+=("$package")
    fi
done
if [ "${#not_offered[@]}" -gt 0 ]; then
    fail "cannot install ${not_offered[*]}: no package source of this system offers it" \
        "Debian 12 (bookworm) has it in 'main': check /etc/apt/sources.list and the network, then run again"
fi

if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    read -r -a missing <<<"$(missing_of "${missing[@]}")"
    fail "cannot install ${missing[*]:-the packages}: apt-get failed, its last lines are above"
fi
