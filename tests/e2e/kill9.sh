#!/bin/sh
# The collector is killed at random moments under load.  Every file opens in
# Debian's nfdump, each kill costs at most what came within a second before it,
# and all flows are in the file of their slot.
#   KILLS=100 SEED=n tests/e2e/kill9.sh build
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/nfsen" "$bin/flowgen"
kills=${KILLS:-10}
seed=${SEED:-1}

port=$(free_ports 1)
pidfile=$tmp/run/nfsen-collector.pid
write_conf "'up' => { 'port' => '$port', 'col' => '#0000ff' }" \
    "\$CYCLETIME = 1;"
nfsen reconfig -y >/dev/null
start_daemon nfsen-collector

# Without templates: what a kill costs is what the collector held.
"$bin/flowgen" --to "127.0.0.1:$port" -v 5 -r 5000 -t $((kills * 3 + 30)) \
    --trace "$tmp/trace.txt" -q &
traffic=$!
pids="$pids $traffic"

now_ms() {
	date +%s%3N
}

awk -v n="$kills" -v seed="$seed" 'BEGIN {
	srand(seed)
	for (i = 0; i < n; i++)
		printf "%.3f\n", 0.05 + 2 * rand()
}' >"$tmp/moments.txt"
while read -r moment; do
	alive $traffic || fail "the traffic ended before the kills did"
	sleep "$moment"
	p=$(cat "$pidfile")
	echo "$(now_ms)" >>"$tmp/kills.txt"
	kill -9 "$p"
	while alive "$p"; do sleep 0.01; done
	start_daemon nfsen-collector
	now_ms >>"$tmp/kills.txt"
done <"$tmp/moments.txt"
sleep 1
kill -TERM $traffic
wait $traffic 2>/dev/null || :
wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
p=$(cat "$pidfile")
end "$p" TERM

[ -z "$(find "$live" -name 'nfcapd.current*')" ] || fail "a file is left open"
find "$live/up" -name 'nfcapd.2*' | sort >"$tmp/files.txt"
while read -r f; do
	nfdump -q -r "$f" -o fmt:%trr >"$tmp/times.txt" 2>"$tmp/err.txt" ||
	    fail "nfdump refuses $f: $(cat "$tmp/err.txt")"
	[ ! -s "$tmp/err.txt" ] || fail "nfdump on $f: $(cat "$tmp/err.txt")"
	# the name is UTC here: yyyymmddHHMMSS
	t=${f##*/nfcapd.}
	start=$(date -u -d "$(echo "$t" | sed \
	    's/^\(....\)\(..\)\(..\)\(..\)\(..\)\(..\)$/\1-\2-\3 \4:\5:\6/')" +%s)
	awk -v s="$start" '/[0-9]/ && ($1 < s || $1 >= s + 1) { bad = 1 }
	    END { exit bad }' "$tmp/times.txt" || fail "$f has another slot's flows"
	awk '/[0-9]/ { print $1 + 0 == $1 ? $1 : 0 }' "$tmp/times.txt" \
	    >>"$tmp/received.txt"
done <"$tmp/files.txt"
python3 "$here/_kills.py" "$tmp/trace.txt" "$tmp/kills.txt" "$tmp/received.txt"
