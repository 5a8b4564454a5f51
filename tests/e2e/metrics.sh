#!/bin/sh
# Metrics over HTTP: off unless asked for, the same numbers as the ledger,
# and clients of all kinds take nothing from the collector.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 curl "$bin/nfsen" "$bin/nfsen-collector" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 4)
a=$1 b=$2 m=$3 n=$4
sources="'one' => { 'port' => '$a' },
	'two' => { 'port' => '$b', 'IP' => '127.0.4.1' },
	'three' => { 'port' => '$b', 'IP' => '127.0.4.2' },"
mkdir -p "$live/one" "$live/two" "$live/three"

fetch() { # port
	curl -sSf -o "$tmp/metrics.txt" -D "$tmp/head.txt" \
	    "http://127.0.0.1:$1/metrics"
}

metric() { # name [label=value...]
	python3 "$here/_metrics.py" sum "$tmp/metrics.txt" "$@"
}

is() { # what want got
	[ "$2" = "$3" ] || fail "$1: $2 expected, not $3"
}

closed() { # port
	! curl -s -o /dev/null "http://127.0.0.1:$1/metrics"
}

reload() {
	python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload \
	    >"$tmp/reply.txt"
}

# ---- off, on, elsewhere, wrong ---------------------------------------------------
write_conf "$sources" ""
start_daemon nfsen-collector
collector=$(cat "$tmp/run/nfsen-collector.pid")
closed "$m" || fail "it answers without having been asked to"
write_conf "$sources" "\$METRICS = '127.0.0.1:$m';"
reload || fail "$(cat "$tmp/reply.txt")"
fetch "$m" || fail "it does not answer"
grep -qi '^content-type: text/plain; version=0.0.4' "$tmp/head.txt" ||
    fail "another content type"
write_conf "$sources" "\$METRICS = '127.0.0.1:$n';"
reload || fail "$(cat "$tmp/reply.txt")"
fetch "$n" || fail "it did not move"
closed "$m" || fail "the old port is open"
write_conf "$sources" "\$METRICS = '127.0.0.1:$a';"
run_bg holder python3 -c "import socket, time
s = socket.socket()
s.bind(('127.0.0.1', $a))
s.listen()
print('ready', flush=True)
time.sleep(600)"
wait_for 5 grep -q ready "$tmp/holder.log" || fail "no holder"
reload && fail "a port in use was taken"
grep -q "127.0.0.1:$a: Address" "$tmp/reply.txt" ||
    fail "the port in use is not named: $(cat "$tmp/reply.txt")"
fetch "$n" || fail "the old one was closed"
write_conf "$sources" "\$METRICS = '0.0.0.0:$m';"
reload && fail "an address that is not loopback was taken"
grep -q "loopback" "$tmp/reply.txt" || fail "loopback is not named"
write_conf "$sources" "\$METRICS = '127.0.0.1:$m';"
reload || fail "$(cat "$tmp/reply.txt")"

# ---- its numbers are the ledger's -------------------------------------------------
flowgen --to "127.0.0.1:$a" -v 5 -n 3000 --drop-every 7 -e 3 -q
flowgen --to "127.0.0.1:$a" -v sflow -n 1000 -q
flowgen --to "127.0.0.1:$b" -v 9 -n 1000 --from 127.0.4.1 -q
flowgen --to "127.0.0.1:$b" -v 9 -n 300 --from 127.0.4.9 -q
python3 - "$a" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for data in (b'x', b'\0\x05short', b'\0\x63not known at all'):
    s.sendto(data, ('127.0.0.1', int(sys.argv[1])))
PY
wait_for 5 udp_empty "$a" "$b" || fail "datagrams are stuck"
nfsen exporters --json >"$tmp/books.json"
sleep 1.1 # it is made at most once a second
fetch "$m" || fail "it does not answer"
python3 "$here/_metrics.py" check "$tmp/metrics.txt" || fail "no valid text"
python3 - "$tmp/books.json" >"$tmp/want.txt" <<'PY'
import json, sys
with open(sys.argv[1]) as f:
    accounts = json.load(f)['accounts']
sources = {}
for a in accounts:
    if a['source'].startswith('port:'):
        continue
    if 'exporter' in a:
        who = (f"source={a['source']} exporter={a['exporter']} "
               f"version={a['version']} id={a['id']}")
        for k in ('datagrams', 'flows', 'packets', 'bytes', 'sequence_lost'):
            print(f'nfsen_exporter_{k}_total', a[k], who)
    s = sources.setdefault(a['source'], {})
    for k in ('flows', 'bytes', 'sequence_lost', 'bad_version', 'truncated'):
        s[k] = s.get(k, 0) + a[k]
for name, s in sources.items():
    for k, v in s.items():
        print(f'nfsen_source_{k}_total', v, f'source={name}')
PY
[ "$(wc -l <"$tmp/want.txt")" -ge 30 ] || fail "too little to compare"
while read -r name want labels; do
	# shellcheck disable=SC2086  # words
	is "$name $labels" "$want" "$(metric "$name" $labels)"
done <"$tmp/want.txt"
[ "$(metric nfsen_source_sequence_lost_total source=one)" -gt 0 ] ||
    fail "nothing was lost"
is truncated 2 "$(metric nfsen_source_truncated_total source=one)"
is bad_version 1 "$(metric nfsen_source_bad_version_total source=one)"
[ "$(metric nfsen_port_unknown_sender_total port="$b")" -gt 0 ] ||
    fail "unknown senders were not counted"
is exporters "$(grep -c "^nfsen_exporter_flows_total{source=.one" "$tmp/metrics.txt")" "$(metric nfsen_source_exporters source=one)"

# ---- interfaces, when asked for --------------------------------------------------
grep -q nfsen_interface "$tmp/metrics.txt" && fail "interfaces without a word"
write_conf "$sources" "\$METRICS = '127.0.0.1:$m'; \$METRICS_INTERFACES = 3;"
reload || fail "$(cat "$tmp/reply.txt")"
python3 - "$a" <<'PY'
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def flow(i, o, packets, octets):
    return struct.pack('>IIIHHIIIIHHBBBBHHBBH', 1, 2, 0, i, o, packets, octets,
                       100, 200, 1, 2, 0, 0, 6, 0, 0, 0, 0, 0, 0)
for records in ([flow(1, 2, 10, 1000), flow(2, 1, 1, 40)],
                [flow(1, 3, 5, 500), flow(4, 1, 7, 700)]):
    head = struct.pack('>HHIIIIBBH', 5, len(records), 1000, 1795000000, 0, 0,
                       9, 9, 0)
    s.sendto(head + b''.join(records), ('127.0.0.1', int(sys.argv[1])))
PY
wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
sleep 1.1
fetch "$m" || fail "it does not answer"
python3 "$here/_metrics.py" check "$tmp/metrics.txt" || fail "no valid text"
iface() { # what index direction want
	is "interface $2 $3" "$4" \
	    "$(metric "nfsen_interface_flow_$1_total" id=2313 index="$2" direction="$3")"
}
iface octets 1 in 1500
iface octets 1 out 740
iface packets 2 in 1
iface packets 2 out 10
iface octets 3 out 500
iface octets 4 in 0 # one too many
is left_out 1 "$(metric nfsen_collector_interface_flows_unlisted_total)"
write_conf "$sources" "\$METRICS = '127.0.0.1:$m';"
reload || fail "$(cat "$tmp/reply.txt")"

# ---- more exporters than it shows ----------------------------------------------
before=$(metric nfsen_source_exporters)
python3 - "$a" <<'PY'
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for source_id in range(1500):
    data = struct.pack('>HHIIII', 9, 0, 1000, 1795000000, 1, source_id)
    s.sendto(data, ('127.0.0.1', int(sys.argv[1])))
PY
wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
sleep 1.1
fetch "$m" || fail "it does not answer"
python3 "$here/_metrics.py" check "$tmp/metrics.txt" || fail "no valid text"
is listed 1000 "$(grep -c '^nfsen_exporter_flows_total{' "$tmp/metrics.txt")"
is unlisted $((before + 500)) "$(metric nfsen_collector_exporters_unlisted)"

# ---- hostile clients under load: nothing is lost ----------------------------------
flowgen --to "127.0.0.1:$a" -v 5 -r 20000 -t 10 --from 127.0.3.3 --json \
    >"$tmp/load.json" &
p1=$!
python3 "$here/_metrics.py" bother "$m" || fail "hostile clients"
wait $p1
kill -0 "$collector" || fail "it died"
wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
sleep 1.1
fetch "$m" || fail "it does not answer"
nfsen exporters --json --source one >"$tmp/books.json"
python3 - "$tmp/load.json" "$tmp/books.json" <<'PY' || fail "flows were lost"
import json, sys
sent, books = (json.load(open(p)) for p in sys.argv[1:])
mine = [a for a in books['accounts'] if a.get('exporter') == '127.0.3.3']
assert len(mine) == 1, mine
assert mine[0]['flows'] == sent['total']['any']['flows'], (mine, sent)
PY
end "$collector" TERM
closed "$m" || fail "it outlives the collector"
echo "metrics: the ledger's numbers, and no harm"
