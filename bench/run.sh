#!/bin/sh
# Ratios against Debian's nfcapd, nfprofile and nfdump:  bench/run.sh BUILD
#
# One run, the same input for both sides, one line per figure: medians, the
# other's divided by ours (above 1: we need less).  BENCH_FULL=1 takes
# 20 M flows (1 GB under TMPDIR; 100 M, 13 GB and 8 GB of memory where groups
# go to a file) where 2 M are taken else, and 30 days of history in place of 2.
# BENCH=collect|channels|build|engine|query|day|tools|slot|ring runs one part.
set -eu
cd "$(dirname "$0")/.."
export TZ=UTC LC_ALL=C
exec python3 bench/bench.py "$(cd "${1:-build}" && pwd)"
