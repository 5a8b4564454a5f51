#!/bin/sh
# Random filters of 1.7.1's language: Debian's nfdump and our engine must find
# the same flows, packets and bytes.  tests/e2e/filter_nfdump.sh BUILD
#
# SEED=n takes other filters, COUNT=n more.  Where the two differ on purpose
# is listed in filter_nfdump.differ, with the reason; those are checked to
# differ still.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3

"$bin/flowgen" --files "$tmp/live" --source up -n 20000 --start 1795000200 \
	--until 1795000500 -q
"$build/tests/tools/random_flows" "$tmp/random" lz4 2000 1 all
set -- "$tmp"/live/up/nfcapd.* "$tmp/random"
python3 "$here/_filters.py" "$build/tests/tools/filtercount" \
	"$here/filter_nfdump.differ" "${SEED:-1}" "${COUNT:-150}" "$@"
