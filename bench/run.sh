#!/bin/sh
# Ratios against Debian's nfcapd, nfprofile and nfdump:  bench/run.sh BUILD
#
# One run, the same input for both sides, one line per figure: medians, the
# other's divided by ours (above 1: we need less).  BENCH_FULL=1 takes
# 20 M flows (1 GB under TMPDIR) where 2 M are taken else.
# BENCH=collect|channels|engine|query runs one part.
set -eu
cd "$(dirname "$0")/.."
export TZ=UTC LC_ALL=C
exec python3 bench/bench.py "$(cd "${1:-build}" && pwd)"
