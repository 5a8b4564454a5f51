#!/bin/sh
# kill -9 of each program during traffic.  After a restart no finished file is
# damaged, at most one second of flows is missing, the RRDs have no gap and
# agree with the files, Debian's nfdump reads everything.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 curl nginx "$bin/nfsen-collector" \
    "$bin/nfsen-profiler" "$bin/nfsen-fcgi" "$bin/nfsen-query" \
    "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
port=$1 http=$2
step=3
write_conf "'up' => { 'port' => '$port', 'col' => '#0000ff' }" "
\$CYCLETIME = $step;
%profiles = ( 'all' => { 'description' => 'everything',
	'type' => 'continuous', 'channels' => {
		'any' => { 'filter' => 'any', 'sources' => '*',
		    'col' => '#123456', 'sign' => '+', 'order' => 1 } } } );"
nfsen reconfig -y >/dev/null
start_daemon nfsen-collector
start_daemon nfsen-profiler
start_daemon nfsen-fcgi
start_nginx "$http"

"$bin/flowgen" --to "127.0.0.1:$port" -v 9 -e 2 -d 2 -r 5000 -t 24 \
    --template-every 5 --trace "$tmp/trace.txt" -q &
sim=$!
pids="$pids $sim"

now_ms() {
	date +%s%3N
}

kill9() { # pid file
	p=$(cat "$tmp/run/$1")
	kill -9 "$p"
	while alive "$p"; do sleep 0.02; done
}

sent_by() { # ms: flows the simulator had handed over by then
	awk -v t="$1" '$1 <= t { n = $2 } END { print n + 0 }' "$tmp/trace.txt"
}

next_slot() { # wait until the middle of the next slot: files are open
	now=$(date +%s)
	until=$((now - now % step + step + 1))
	while [ "$(date +%s)" -lt $until ]; do sleep 0.05; done
}

finished() { # finished files and their check sums
	find "$tmp/data" -name 'nfcapd.[0-9]*' -exec cksum {} + | sort -k 3
}

# the collector, twice
: >"$tmp/kills.txt"
for _ in 1 2; do
	next_slot
	now_ms >>"$tmp/kills.txt"
	kill9 nfsen-collector.pid
	start_daemon nfsen-collector
	now_ms >>"$tmp/kills.txt"
done

# the profiler, down for more than a slot; what it had finished stays so
next_slot
find "$live" -name 'nfcapd.[0-9]*' | sort >"$tmp/before.lst"
xargs cksum <"$tmp/before.lst" >"$tmp/before.sum"
kill9 nfsend.pid
down_until=$(($(date +%s) + step + 1))
while [ "$(date +%s)" -lt "$down_until" ]; do sleep 0.1; done
start_daemon nfsen-profiler

# the frontend
curl -sf -o /dev/null "http://127.0.0.1:$http/" || fail "no page before"
kill9 nfsen-fcgi.pid
start_daemon nfsen-fcgi
wait_for 5 curl -sf -o /dev/null "http://127.0.0.1:$http/" ||
    fail "no page after the frontend was killed"

# reconfig, killed on its way, goes through the second time
sed -i "s/^%sources = (/&\n\t'new' => { 'port' => '0', 'col' => '#00ff00' },/" \
    "$conf"
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 &
admin=$!
sleep 0.01
kill -9 $admin 2>/dev/null || :
wait $admin 2>/dev/null || :
nfsen reconfig -y >>"$tmp/reconfig.log" 2>&1 || fail "second reconfig failed"
[ -e "$tmp/stat/live/new.rrd" ] || fail "reconfig left the source out"

wait $sim || fail "the simulator failed"
last=$(date +%s)
last=$((last - last % step))
updated() {
	[ "$(rrdtool last "$tmp/stat/live/up.rrd")" -ge "$last" ] &&
	    [ "$(rrdtool last "$tmp/stat/all/any.rrd")" -ge "$last" ]
}
wait_for 15 updated || fail "RRDs lack slot $last"

# finished files are what they were; nfdump reads all
xargs cksum <"$tmp/before.lst" | diff "$tmp/before.sum" - >&2 ||
    fail "a finished file changed"
finished | while read -r _ _ f; do
	nfdump -q -r "$f" -o fmt:%pr >/dev/null 2>"$tmp/err.txt" ||
	    fail "nfdump refuses $f: $(cat "$tmp/err.txt")"
	[ ! -s "$tmp/err.txt" ] || fail "nfdump on $f: $(cat "$tmp/err.txt")"
done
[ "$(find "$tmp/data" -name 'nfcapd.current.*' | wc -l)" -le 2 ] ||
    fail "left-over current files"

# of what was sent more than a second before each kill, nothing is missing
nfdump -q -R "$live/up" -o 'fmt:%trr' | tr -d ' ' | sort -n >"$tmp/received.txt"
before=0 missing=0
while read -r killed && read -r back; do
	stored=$(awk -v t="$killed" '$1 * 1000 <= t' "$tmp/received.txt" | wc -l)
	lost=$(($(sent_by $((killed - 1000))) - stored - before))
	[ $lost -le 0 ] || fail "killed at $killed: $lost flows older than a
second are missing"
	before=$(($(sent_by "$back") - $(awk -v t="$back" \
	    '$1 * 1000 <= t' "$tmp/received.txt" | wc -l)))
	missing=$before
done <"$tmp/kills.txt"

# no gap in the RRDs, and they agree with the files
for s in "live/up data/live/up" "all/any data/all/any"; do
	rrd=$tmp/stat/${s%% *}.rrd
	python3 "$here/_stations.py" rrd "$rrd" >"$tmp/rrd.txt"
	python3 "$here/_stations.py" nfdump-I "$tmp/${s#* }" |
	    diff "$tmp/rrd.txt" - >&2 || fail "$s: RRD and files differ"
	gaps=$(rrdtool fetch "$rrd" AVERAGE -s "$((last - 21))" -e "$last" |
	    awk -v last="$last" '/:/ && $1 + 0 <= last && /nan/' | wc -l)
	[ "$gaps" -eq 0 ] || fail "$s: the RRD has a gap of $gaps slots"
done
total=$(wc -l <"$tmp/received.txt")
echo "$total flows kept, $missing missing while the collector was away"
