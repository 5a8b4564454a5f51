#!/bin/sh
# Expiry beside Debian's nfexpire on copies of the same random trees.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfexpire python3 "$build/tests/tools/expire"
python3 "$here/_expire.py" "$build/tests/tools/expire" "$tmp" "${TREES:-60}"
