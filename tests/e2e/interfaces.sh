#!/bin/sh
# Counters of interfaces that an exporter sends as sFlow counter samples, as
# nfsen interfaces lists them; the name is of NetFlow's options from the same
# address.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 curl "$bin/nfsen-collector" "$bin/nfsen"

port=$(free_ports 1)
write_conf "'up' => { 'port' => '$port', 'col' => '#0000aa' }" \
    "\$CYCLETIME = 3600;"
mkdir -p "$live/up"
rc=0
nfsen interfaces >"$tmp/out" 2>&1 || rc=$?
[ $rc -eq 1 ] && grep -qx 'the collector is not running' "$tmp/out" ||
    fail "without a collector: $rc, $(cat "$tmp/out")"
start_daemon nfsen-collector
nfsen interfaces | grep -q '^No exporter sent counters' ||
    fail "nothing is there yet"
python3 - "$port" <<'PY'
import socket
import struct
import sys

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.9', 0))
s.connect(('127.0.0.1', int(sys.argv[1])))


def sample(index, number):
    counters = struct.pack('!IIQIIQ6IQ6I', index, 6, 10**10, 1, 3,
                           2**40 + number, 11, 12, 13, 14, 15, 16,
                           2**41 + number, 21, 22, 23, 24, 25, 0)
    record = struct.pack('!II', 1, len(counters)) + counters
    body = struct.pack('!III', number, index, 1) + record
    return struct.pack('!II', 2, len(body)) + body


for number in (1, 2):
    s.send(struct.pack('!IIIIIII', 5, 1, 0x7f000009, 3, number, 1000, 2) +
           sample(1, number) + sample(70000, number))
PY
python3 "$here/_names.py" "$port" 9 announce
counted() {
	[ "$(nfsen interfaces --json | grep -c '"samples": 2,')" -eq 2 ]
}
wait_for 5 counted || fail "samples are not counted"
wait_for 5 sh -c "'$bin/nfsen' --config '$conf' interfaces | grep -q eth0" ||
    fail "the interface has no name"
nfsen interfaces | tr -s ' ' >"$tmp/out"
cat <<EOF | diff - "$tmp/out" >&2 || fail "the table"
Source Exporter Index Name Speed State In octets Out octets In errors Out errors
up 127.0.0.9 1 eth0 10 Gbit/s up 1099511627778 2199023255554 29 49
up 127.0.0.9 70000 - 10 Gbit/s up 1099511627778 2199023255554 29 49
EOF
nfsen interfaces --source up --json | python3 -c '
import json, sys
a, b = json.load(sys.stdin)
a.pop("received_ms")
assert a == {
    "ident": "up", "ip": "127.0.0.9", "agent": "127.0.0.9", "admin": "up",
    "oper": "up", "id": 3, "index": 1, "samples": 2, "type": 6,
    "speed": 10**10, "direction": 1, "in_octets": 2**40 + 2,
    "in_unicast": 11, "in_multicast": 12, "in_broadcast": 13,
    "in_discards": 14, "in_errors": 15, "in_unknown": 16,
    "out_octets": 2**41 + 2, "out_unicast": 21, "out_multicast": 22,
    "out_broadcast": 23, "out_discards": 24, "out_errors": 25,
    "promiscuous": 0, "name": "eth0"}, a
assert b["index"] == 70000 and b["name"] == "", b
' || fail "the JSON"
nfsen interfaces --source none 2>&1 | grep -q "no source 'none'" ||
    fail "an unknown source"
nfsen interfaces --last 1d >/dev/null 2>&1 && fail "--last is not for it"

# ---- the same for Prometheus, when asked for -------------------------------------
metrics=$(free_ports 1)
write_conf "'up' => { 'port' => '$port' }," \
    "\$METRICS = '127.0.0.1:$metrics'; \$METRICS_INTERFACES = 10;"
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload >"$tmp/reply.txt" ||
    fail "$(cat "$tmp/reply.txt")"
curl -sSf -o "$tmp/metrics.txt" "http://127.0.0.1:$metrics/metrics" ||
    fail "no metrics"
python3 "$here/_metrics.py" check "$tmp/metrics.txt" || fail "no valid text"
while read -r name in out; do
	for way in "in=$in" "out=$out"; do
		got=$(python3 "$here/_metrics.py" sum "$tmp/metrics.txt" \
		    "nfsen_interface_${name}_total" source=up index=1 name=eth0 \
		    "direction=${way%=*}")
		[ "$got" = "${way#*=}" ] || fail "$name $way, not $got"
	done
done <<EOF
octets 1099511627778 2199023255554
packets 36 66
errors 15 25
discards 14 24
EOF
cat "$tmp/out"
