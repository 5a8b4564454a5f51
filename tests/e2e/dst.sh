#!/bin/sh
# Slots in the night when clocks go back, in Zurich (an hour) and on Lord Howe
# (half of one), and a clock that is set forth and back: no file is overwritten
# or mixed, names, RRDs, channels' files and queries tell the passes apart.
# Collector and profiler run on a clock that the test sets.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen-query" "$bin/nfsen" "$bin/flowgen"
fakeclock=$build/tests/fakeclock.so
[ -e "$fakeclock" ] || skip "$fakeclock is not there"
python3 -c 'import zoneinfo; zoneinfo.ZoneInfo("Australia/Lord_Howe")' \
    2>/dev/null || skip "no time zones (tzdata)"

# shellcheck disable=SC2046  # words
set -- $(free_ports 1)
port=$1
ctl=$tmp/run/nfsen-collector.ctl
step=300
# Sanitizers want to be loaded first, and need not be.
export ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0"

faked() { # command on the clock that is set
	LD_PRELOAD=$fakeclock FAKECLOCK=$tmp/clock "$@"
}

set_clock() { # epoch
	python3 "$here/_clock.py" set "$tmp/clock" "$1"
}

all_decoded() {
	python3 "$here/_ctl.py" "$ctl" status >"$tmp/status.txt" &&
	    grep -q "^_source=ident=up .* flows=$total " "$tmp/status.txt"
}

send() { # flows
	total=$((total + $1))
	faked "$bin/flowgen" --to "127.0.0.1:$port" -v 5 -n "$1" -s "$total" \
	    -r 100000 -q
	wait_for 10 all_decoded || fail "$total flows sent; $(cat "$tmp/status.txt")"
}

announced() { # slot
	read -r slot _ <"$tmp/run/collector.slot"
	[ "$slot" = "$1" ]
}

begin() { # zone, first moment
	export TZ="$1"
	total=0
	rm -rf "$tmp/data" "$tmp/stat" "$tmp/run"
	printf '\0\0\0\0\0\0\0\0' >"$tmp/clock"
	set_clock "$2"
	write_conf "'up' => { 'port' => '$port', 'col' => '#0000ff' }" "
	%profiles = ( 'all' => { 'type' => 'continuous', 'channels' => {
	    'any' => { 'filter' => 'any', 'sources' => '*' } } } );"
	faked "$bin/nfsen" --config "$conf" -y reconfig >"$tmp/reconfig.log" 2>&1 ||
	    fail "reconfig: $(cat "$tmp/reconfig.log")"
	for d in nfsen-collector nfsen-profiler; do
		faked "$bin/$d" -c "$conf" -D >>"$tmp/$d.log" 2>&1 </dev/null ||
		    fail "$d did not start"
	done
}

finish() {
	for f in nfsend.pid nfsen-collector.pid; do
		p=$(cat "$tmp/run/$f")
		end "$p" TERM
	done
}

flows_of() { # file
	nfdump -r "$1" -I | awk '/^Flows:/ { print $2 }'
}

# "name flows" of every file below a folder; all of them received in the slot.
files() { # folder
	find "$1" -name 'nfcapd.2*' | while read -r f; do
		echo "${f##*/} $(flows_of "$f")"
	done | sort
}

in_slot() { # folder: no file has flows of another slot
	while read -r start name; do
		f=$(find "$1" -name "$name")
		[ -n "$f" ] || fail "$name is not there"
		nfdump -q -r "$f" -o fmt:%trr | awk -v s="$start" -v l=$step '
		    NF && ($1 < s || $1 >= s + l) { bad = 1 }
		    END { exit bad }' || fail "$f has flows of another slot"
	done <"$tmp/names.txt"
}

queried() { # nfsen-query's options for the files
	"$bin/nfsen-query" -N "$@" -s proto/flows 2>&1 | sed -n 's/^Summary: total flows: \([0-9]*\).*/\1/p'
}

rrd_has() { # RRD
	python3 "$here/_clock.py" rrd "$1" "$first" "$n" |
	    diff "$tmp/want.rrd" - >"$tmp/rrd.diff" 2>&1
}

# ---- the night when clocks go back ---------------------------------------------
night() { # zone, slot before the change, slots
	zone=$1 first=$2 n=$3
	begin "$zone" $((first + 5))
	python3 "$here/_clock.py" names "$zone" "$first" "$n" >"$tmp/names.txt"
	: >"$tmp/want.files"
	: >"$tmp/want.rrd"
	i=0
	while read -r start name; do
		set_clock $((start + 5))
		[ $i = 0 ] || wait_for 10 announced $((start - step)) ||
		    fail "slot $((start - step)) was not announced"
		send $((100 + i))
		echo "$name $((100 + i))" >>"$tmp/want.files"
		echo "$start $((100 + i))" >>"$tmp/want.rrd"
		i=$((i + 1))
	done <"$tmp/names.txt"
	set_clock $((first + n * step + 5))
	sort -o "$tmp/want.files" "$tmp/want.files"
	for rrd in live/up all/any; do
		wait_for 10 rrd_has "$tmp/stat/$rrd.rrd" ||
		    fail "$zone: $rrd.rrd: $(cat "$tmp/rrd.diff")"
	done
	finish
	for d in live/up all/any; do
		files "$tmp/data/$d" | awk '$2 != 0' |
		    diff "$tmp/want.files" - >&2 || fail "$zone: files of $d"
		in_slot "$tmp/data/$d"
	done
	query_second_pass
	echo "$zone: $n slots, $(grep -c '[+-]' "$tmp/names.txt") in a second pass"
}

# Ranges and single files by name, with the zone in it.
query_second_pass() {
	grep '[+-][0-9]*$' "$tmp/names.txt" | cut -d ' ' -f 2 >"$tmp/second.txt"
	a=$(head -n 1 "$tmp/second.txt")
	b=$(tail -n 1 "$tmp/second.txt")
	want=$(grep -F -f "$tmp/second.txt" "$tmp/want.files" |
	    awk '{ n += $2 } END { print n }')
	got=$(queried -M "$live/up" -R "$a:$b")
	[ "$got" = "$want" ] || fail "$zone: $a:$b has $got flows, not $want"
	plain=${a%[+-]*}
	for name in "$a" "$plain"; do
		want=$(awk -v n="$name" '$1 == n { print $2 }' "$tmp/want.files")
		got=$(queried -M "$live/up" -r "$name")
		[ "$got" = "$want" ] || fail "$zone: $name has $got flows, not $want"
	done
	# from the first pass through the second, in the order of time
	"$bin/nfsen-query" -q -M "$live/up" -R "$plain:$b" -o fmt:%trr |
	    awk 'NF { if ($1 < last - 300) bad = 1; last = $1; n++ }
		END { exit bad || !n }' || fail "$zone: not in the order of time"
}

night Europe/Zurich $((1792886400 - 600)) 28
night Australia/Lord_Howe $((1775314800 - 1800 - 600)) 16

# ---- a clock that is set forth and back -------------------------------------------
first=1792000200 n=6
begin Asia/Kathmandu $((first + 5))
send 100
set_clock $((first + 900 + 5))
wait_for 10 announced $first || fail "the slot before the step is not announced"
send 101
set_clock $((first + 20))
wait_for 10 announced $((first + 900)) || fail "no rotation on the way back"
send 102
set_clock $((first + 900 + 20))
wait_for 10 announced $first || fail "the slot that came again is not announced"
send 103
set_clock $((first + 1200 + 5))
wait_for 10 announced $((first + 900)) || fail "not back in time"
send 104
set_clock $((first + 1500 + 5))
printf '%s 104\n' $((first + 1200)) >"$tmp/want.rrd"
later=$((first + 1200))
last_slot_counted() {
	python3 "$here/_clock.py" rrd "$tmp/stat/live/up.rrd" $later 1 |
	    diff "$tmp/want.rrd" - >"$tmp/rrd.diff"
}
wait_for 10 last_slot_counted || fail "after the steps: $(cat "$tmp/rrd.diff")"
finish
python3 "$here/_clock.py" names Asia/Kathmandu $first $n >"$tmp/names.txt"
i=0
while read -r _ name; do
	case $i in
	0) echo "$name 202" ;;
	3) echo "$name 204" ;;
	4) echo "$name 104" ;;
	esac
	i=$((i + 1))
done <"$tmp/names.txt" | sort >"$tmp/want.files"
files "$live/up" | awk '$2 != 0' | diff "$tmp/want.files" - >&2 ||
    fail "files after the clock was set"
echo "clock set forth and back: nothing lost"
