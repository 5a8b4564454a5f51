#!/bin/sh
# Templates late after a cold start: nothing is lost, nothing is missing by
# sequence number; after a restart or a crash none is needed again.  NetFlow
# v9 and IPFIX, several exporters and domains.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/flowgen"

port=$(free_ports 1)
write_conf "'all' => { 'port' => '$port', 'col' => '#0000aa' }" \
    "\$CYCLETIME = 3600;"
mkdir -p "$live/all"

ask() { # the source's counter $1
	python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" status |
	    grep '^_source=' | tr ' ' '\n' | sed -n "s/^$1=//p"
}

some_wait() {
	[ "$(ask waiting)" -gt 100 ]
}

start_daemon nfsen-collector
# 6 streams each; templates in the 200th datagram of a stream.
n=0 senders=
for v in 9 10; do
	n=$((n + 1))
	flowgen --to "127.0.0.1:$port" -v $v -n 60000 -r 10000 -s $n -e 3 -d 2 \
	    --from "127.0.$n.1" --template-delay 200 --json \
	    >"$tmp/sent.$n.json" &
	senders="$senders $!"
done
wait_for 10 some_wait || fail "nothing waits for templates"
for s in $senders; do
	wait "$s" || fail "flowgen failed"
done
wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
[ "$(ask waiting)" = 0 ] || fail "some still wait: $(ask waiting)"
waited=$(ask waited)
[ "$waited" -ge 2400 ] || fail "only $waited sets waited"
[ "$(ask no_template)" = 0 ] || fail "some were given up"
[ "$(ask sequence_lost)" = 0 ] || fail "lost by sequence number"
end "$(cat "$tmp/run/nfsen-collector.pid")" TERM

python3 "$here/_stations.py" want "$tmp"/sent.*.json >"$tmp/want.txt"
python3 "$here/_stations.py" nfdump-I "$live/all" |
    diff "$tmp/want.txt" - >&2 || fail "nfdump -I differs"
nfdump -R "$live/all" -I | grep -q '^Sequence failures: 0$' ||
    fail "flows are missing by sequence number"
echo "$waited data sets came before their template"

# From now on nobody announces a template: those of the same exporters are
# known after a restart, and after a crash.
send_data_only() { # n, other options
	n=$1
	shift
	senders=
	for v in 9 10; do
		n=$((n + 1))
		flowgen --to "127.0.0.1:$port" -v $v -n 10000 -r 10000 -s $n \
		    -e 3 -d 2 --from "127.0.$((v - 8)).1" --json \
		    --template-delay 1000000000 "$@" >"$tmp/sent.$n.json" &
		senders="$senders $!"
	done
	for s in $senders; do
		wait "$s" || fail "flowgen failed"
	done
	wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
}

[ -s "$tmp/stat/live/.templates" ] || fail "no file of templates"
start_daemon nfsen-collector
pid=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $pid"
send_data_only 2
[ "$(ask waiting)" = 0 ] || fail "data waits after a restart"
[ "$(ask flows)" = 20000 ] || fail "$(ask flows) flows after a restart"
sleep 1 # blocks are on the disk within one
kill -9 "$pid"
end "$pid" KILL
rm -f "$tmp/run/nfsen-collector.pid"

start_daemon nfsen-collector
pid=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $pid"
send_data_only 4
[ "$(ask waiting)" = 0 ] || fail "data waits after a crash"
[ "$(ask flows)" = 20000 ] || fail "$(ask flows) flows after a crash"
end "$pid" TERM
python3 "$here/_stations.py" want "$tmp"/sent.*.json >"$tmp/want.txt"
python3 "$here/_stations.py" nfdump-I "$live/all" |
    diff "$tmp/want.txt" - >&2 || fail "nfdump -I differs in the end"

# A damaged file: said, and left out.
printf x >>"$tmp/stat/live/.templates"
"$bin/nfsen-collector" -c "$conf" >"$tmp/damaged.log" 2>&1 &
pid=$!
pids="$pids $pid"
wait_for 5 grep -q 'templates are not known yet: .*should be' \
    "$tmp/damaged.log" || fail "a damaged file is not told"
wait_for 5 test -S "$tmp/run/nfsen-collector.ctl"
wait_for 5 grep -q ready "$tmp/damaged.log" || fail "not ready"
send_data_only 6
wait_for 5 some_wait || fail "nothing waits without a file"
end "$pid" TERM
grep -q "no_template=" "$tmp"/stat/live/.ledger/all/* ||
    fail "data without template is not in the ledger"
