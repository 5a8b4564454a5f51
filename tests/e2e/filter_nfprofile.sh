#!/bin/sh
# Random filters as channels: the channel files of Debian's nfprofile and of
# ours hold the same flows, or a named fault explains nfprofile's
# (filter_nfdump.differ).  AS terms are among them: nfprofile takes them.
#
#   tests/e2e/filter_nfprofile.sh BUILD     SEED=n other filters, N=n channels
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfprofile python3 "$bin/nfsen-profiler"

tools=$build/tests/tools
flowgen --files "$tmp/live" --source up -n 1000 --start 1795000200 \
    --until 1795000500 -q
mv "$tmp"/live/up/nfcapd.2* "$tmp/flowgen"
"$tools/edge_flows" "$tmp/full" lz4 600 3 full
"$tools/edge_flows" "$tmp/sparse" none 600 4 sparse
mkdir "$tmp/site"
python3 "$here/_filter_profile.py" "$build" "$tmp/site" "${SEED:-1}" \
    "${N:-120}" "$tmp/flowgen" "$tmp/full" "$tmp/sparse"
