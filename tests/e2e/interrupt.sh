#!/bin/sh
# Queries that are watched and interrupted: progress as JSON lines and on a
# terminal, Ctrl-C and SIGTERM, what is said of an answer that is partial.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen-query" "$bin/flowgen"

"$bin/flowgen" --files "$tmp" --source a -n 20000 -q --start 1795392000 \
    --until 1795398000 || fail "the simulator failed"
python3 "$(dirname "$0")/_interrupt.py" "$bin/nfsen-query" "$tmp/a" "$tmp" ||
    fail "see above"
