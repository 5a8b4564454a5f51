#!/bin/sh
# Explore the fuzz targets with libFuzzer, under ASan and UBSan.
#
#   tests/fuzz/explore.sh [fuzz_x ...]    all targets when none is named
#   FUZZ_SECONDS   CPU time for each target, default 60: however busy the
#                  machine is, a target gets the work that is asked for
#   FUZZ_JOBS      targets at a time, default 2
#   FUZZ_KEEP=1    afterwards add to the committed seeds what reaches more
#
# Inputs found go to build-fuzz/corpus/fuzz_x, and the next run starts from
# them.  What crashes is kept in build-fuzz/crashes; put it into
# tests/fuzz/fuzz_x.in together with the mend, and make check replays it.
set -u
cd "$(dirname "$0")/../.." || exit 2
out="build-fuzz"
crashes=$out/crashes

# One target: $1.
if [ "${EXPLORE_ONE-}" = 1 ]; then
	name=$1
	seeds=tests/fuzz/$name.in
	found=$out/corpus/$name
	log=$out/$name.log
	dict=
	[ ! -e "tests/fuzz/$name.dict" ] || dict=-dict=tests/fuzz/$name.dict
	mkdir -p "$found" "$seeds"
	"$out/fuzz/$name" ${dict:+"$dict"} -timeout=60 -rss_limit_mb=2048 \
	    -print_final_stats=1 -artifact_prefix="$crashes/$name-" \
	    "$found" "$seeds" >"$log" 2>&1 </dev/null &
	pid=$!
	cpu=0
	while kill -0 $pid 2>/dev/null; do
		cpu=$(ps -o cputimes= -p $pid | tr -d ' ')
		if [ "${cpu:-0}" -ge "${FUZZ_SECONDS:-60}" ]; then
			kill -USR1 $pid # libFuzzer ends orderly
			break
		fi
		sleep 2
	done
	if wait $pid; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "ok    $name: $cpu s CPU, $runs runs, $(find "$found" -type f | wc -l) inputs"
	else
		echo "FAIL  $name: $log"
		grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$log" |
		    sed 's/^/      /'
		exit 1
	fi
	[ -z "${FUZZ_KEEP-}" ] || "$out/fuzz/$name" -merge=1 "$seeds" \
	    "$found" >>"$log" 2>&1
	exit 0
fi

command -v clang >/dev/null || {
	echo 'fuzz: clang is missing: tests/deps.sh lint installs it' >&2
	exit 2
}
CFLAGS=-fsanitize=fuzzer-no-link make --no-print-directory -j2 CC=clang SAN=address,undefined \
    BUILD=$out fuzzers || exit 1
mkdir -p $crashes
if [ $# -eq 0 ]; then
	for f in tests/fuzz/fuzz_*.c; do
		set -- "$@" "$(basename "$f" .c)"
	done
fi
export EXPLORE_ONE=1
export ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=1
printf '%s\n' "$@" | xargs -n 1 -P "${FUZZ_JOBS:-2}" tests/fuzz/explore.sh
