#!/bin/sh
# The live ring behind the real collector: a slot's seconds sum up to what the
# databases have of it, to the unit, though the profiler is told to reload
# again and again, gets a new channel, and is killed and started anew.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need rrdtool python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
pa=$1 pb=$2
step=10
config() { # more channels
	write_conf "'a' => { 'port' => '$pa' }, 'b' => { 'port' => '$pb' }" \
	    "\$CYCLETIME = $step; %profiles = ( 'p' => { 'channels' => {
	'web' => { 'filter' => 'proto tcp and (port 80 or port 443)' },
	'dns' => { 'filter' => 'proto udp', 'sources' => 'b' },
	'none' => { 'filter' => 'proto 99' } $1 } },
    'g/sh' => { 'shadow' => 1, 'channels' => {
	'all' => { 'filter' => 'any' } } } );"
}
ask() {
	python3 "$here/_ctl.py" "$tmp/run/nfsen.comm" "$@"
}
config ''
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"
start_daemon nfsen-collector
start_daemon nfsen-profiler
for p in $pa $pb; do
	"$bin/flowgen" --to "127.0.0.1:$p" -v 9 -r 2000 -t 52 -s "$p" -q &
	pids="$pids $!"
	sims="${sims-} $!"
done

# Slots that the ring knows from their first second on.
done_slots() { # at least
	ask get-ring profile=./live channel=a >"$tmp/ring.out" &&
	    awk -F= -v n="$1" -v s=$step '{ v[$1] = $2 } END {
		exit !(v["known_from"] > 0 &&
		    v["known_to"] - v["known_from"] >= n * s) }' "$tmp/ring.out"
}
wait_for 30 done_slots 1 || fail "the ring fills with nothing"

# reload within slots, and with a channel more
for i in 1 2 3 4 5; do
	ask reload >"$tmp/reload.out" || fail "no reload: $(cat "$tmp/reload.out")"
	sleep 1.3 # to other seconds of the slot, and into the next one
done
config ", 'big' => { 'filter' => 'bytes > 5000' }"
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "second reconfig failed"
wait_for 40 done_slots 4 || fail "the ring stands still"

check() { # channels
	last=$(ask get-status | sed -n 's/^done=//p')
	python3 "$here/_ring.py" "$tmp/run/nfsen.comm" "$tmp/stat" $step \
	    "$last" "$@" || fail "ring and databases differ"
}
check ./live/a ./live/b ./p/web ./p/dns ./p/none g/sh/all

# the seconds are those of the flows: most of a slot's have some
[ "$(ask get-ring profile=g/sh channel=all seconds=10 | grep -c ^_ring)" -ge 7 ] ||
    fail "the newest seconds are not there one by one"
ask get-ring seconds=10 >"$tmp/sums"
[ "$(grep -c ^_sum "$tmp/sums")" -eq 7 ] || fail "sums: $(cat "$tmp/sums")"
awk '/^_sum=.\/live\/a / { exit !($2 > 10000 && $2 < 30000) }' "$tmp/sums" ||
    fail "ten seconds of 2000 flows a second: $(cat "$tmp/sums")"

# the same for people
nfsen top >"$tmp/top" || fail "top: $(cat "$tmp/top")"
[ "$(sed 1d "$tmp/top" | wc -l)" -eq 7 ] || fail "top: $(cat "$tmp/top")"
sed -n 2p "$tmp/top" | grep -q '^g/sh/all .* M ' || fail "top: $(cat "$tmp/top")"
python3 "$here/_top.py" "$bin/nfsen" --config "$conf" top >"$tmp/screen" ||
    fail "top on a terminal"
[ "$(sed 1,2d "$tmp/screen" | wc -l)" -eq 7 ] ||
    fail "top on a terminal: $(cat "$tmp/screen")"
nfsen top p --last 5 --json >"$tmp/top.json" || fail "top --json"
python3 - "$tmp/top.json" <<'PY' || fail "top: $(cat "$tmp/top.json")"
import json, sys
t = json.load(open(sys.argv[1]))
assert t['to'] - t['from'] == 5, t
c = {x['channel']: x for x in t['channels']}
assert sorted(c) == ['./p/big', './p/dns', './p/none', './p/web'], sorted(c)
assert c['./p/none']['any']['flows'] == 0 < c['./p/web']['tcp']['flows']
assert c['./p/web']['any'] == c['./p/web']['tcp']
PY
for bad in '--last 0' '--last 2h' '--source a' 'no-such' 'p q'; do
	# shellcheck disable=SC2086  # words
	! nfsen top $bad >"$tmp/bad.out" 2>&1 || fail "top $bad was taken"
done

# what makes no sense is refused
for bad in step=7 from=x seconds=0 seconds=99999 channel=no; do
	! ask get-ring profile=./live channel=a "$bad" >"$tmp/bad.out" ||
	    [ "$bad" = channel=no ] || fail "'$bad' was taken"
done
! ask get-ring profile=./live channel=no >"$tmp/bad.out" || fail "no channel"
grep -q '^ERR ' "$tmp/bad.out" || fail "$(cat "$tmp/bad.out")"

# killed within a slot: the rest of it and what it had are known after
kill -9 "$(cat "$tmp/run/nfsend.pid")"
while kill -0 "$(cat "$tmp/run/nfsend.pid")" 2>/dev/null; do sleep 0.01; done
start_daemon nfsen-profiler
for s in $sims; do
	wait "$s" || fail "the simulator failed"
done
wait_for 40 done_slots 3 || fail "the ring does not go on"
check ./live/a ./live/b ./p/web ./p/dns ./p/none ./p/big g/sh/all
