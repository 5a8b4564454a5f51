#!/bin/sh
# One port takes every protocol: NetFlow v1, v5, v7, v9, IPFIX and sFlow at
# once, each from exporters of its own; the totals by protocol of what was sent
# are those of the file, and nothing is missing by sequence number.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/flowgen"

port=$(free_ports 1)
write_conf "'all' => { 'port' => '$port', 'col' => '#0000aa',
    'type' => 'sflow' }" "\$CYCLETIME = 3600;"
mkdir -p "$live/all"
start_daemon nfsen-collector
collector=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $collector"

n=0 senders=
for v in 1 5 7 9 10 sflow; do
	n=$((n + 1))
	flowgen --to "127.0.0.1:$port" -v $v -n 20000 -r 20000 -s $n -e 2 \
	    --from "127.0.$n.1" --json >"$tmp/sent.$n.json" &
	senders="$senders $!"
done
for s in $senders; do
	wait "$s" || fail "flowgen failed"
done
wait_for 5 udp_empty "$port" || fail "datagrams are stuck"

end "$collector" TERM

python3 "$here/_stations.py" want "$tmp"/sent.*.json >"$tmp/want.txt"
python3 "$here/_stations.py" nfdump-I "$live/all" |
    diff "$tmp/want.txt" - >&2 || fail "nfdump -I differs"
nfdump -R "$live/all" -I | grep -q '^Sequence failures: 0$' ||
    fail "flows are missing by sequence number"
cat "$tmp/want.txt"
