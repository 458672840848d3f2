#!/bin/sh
# The test suite on every Python that is supported, each in a virtual environment of its own.
# Arguments go to pytest. An interpreter that is missing is reported, and fails the run.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=
for version in 3.11 3.12 3.13; do
    printf '\n##### Python %s\n' "$version"
    CRAWLBEAT_PYTHON="python$version" CRAWLBEAT_VENV="$PWD/.venv-$version" ./crawlbeat test "$@" ||
        failed="$failed $version"
done
[ -z "$failed" ] || { echo "FAILED on Python$failed" >&2 && exit 1; }
