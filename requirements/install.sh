#!/bin/sh
# Bring .venv to a lock of this folder: install.sh base|dev. A stamp, the lock's sha256, says when
# there is nothing to do. uv where it is on the PATH, else Python's venv and pip.
set -eu
cd "$(dirname "$0")/.."

which=$1
venv=.venv
python=${PYTHON:-python3}
export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1

stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

digest() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi <"requirements/$1.txt" | cut -c1-64
}

works() { "$venv/bin/python" -c '' >/dev/null 2>&1; }

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if works && [ "$(cat "$venv/$which.stamp" 2>/dev/null)" = "$(digest "$which")" ]; then
    exit 0
fi

for name in "$python" python3.11 python3.12 python3.13 python3.14 ''; do
    [ -n "$name" ] || break
    if recent "$name"; then break; fi
done
if [ -z "$name" ] && ! command -v uv >/dev/null 2>&1; then
    found=$("$python" --version 2>/dev/null || echo "no $python")
    stop "The hub needs Python 3.11 or newer and found $found: install one, then name it, for instance PYTHON=/path/to/python3.11."
fi

works || rm -rf "$venv"

with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    if ! works; then
        uv venv --quiet --python "${name:->=3.11}" "$venv" || return 1
    fi
    uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "requirements/$which.txt"
}

with_pip() {
    [ -n "$name" ] || return 1
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$name" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
            stop "Python's venv is incomplete here: install it (Debian, Ubuntu: apt-get install python3-venv) or install uv, then type the same command again."
        "$name" -m venv "$venv" || return 1
    fi
    "$venv/bin/python" -m pip install --quiet --require-hashes -r "requirements/$which.txt"
}

echo "Installing what the hub needs into $venv (only when the lock has changed)…"
# uv does not read pip's configuration: where packages come from a mirror, pip may still succeed.
with_uv || with_pip ||
    stop "The packages of requirements/$which.txt could not be installed: the reason is above."

digest "$which" >"$venv/$which.stamp"
# The lock for development holds the other one, pin by pin.
if [ "$which" = dev ]; then digest base >"$venv/base.stamp"; fi
