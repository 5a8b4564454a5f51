#!/bin/sh
# Ratios against Debian's nfcapd, nfprofile and nfdump:  bench/run.sh BUILD
#
# One run, the same input for both sides, one line per figure: medians, the
# other's divided by ours (above 1: we need less).  BENCH_FULL=1 adds the
# queries over 20 M flows; BENCH=collect|channels|query runs one part.
set -eu
cd "$(dirname "$0")/.."
export TZ=UTC LC_ALL=C
exec python3 bench/bench.py "$(cd "${1:-build}" && pwd)"
