#!/bin/sh
# Templates late after a cold start: nothing is lost, nothing is missing by
# sequence number; NetFlow v9 and IPFIX, several exporters and domains.
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
