#!/bin/sh
# Recorded flows sent again, into our collector and Debian's nfcapd: they
# come out as they were, in v5, v9 and IPFIX; the command line, the pace.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen-query" "$bin/nfsen-collector" "$bin/flowgen" \
	"$build/tests/tools/random_flows"
python3 "$here/_replay.py" "$build" "$tmp"
