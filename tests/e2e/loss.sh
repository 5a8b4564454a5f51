#!/bin/sh
# No loss uncounted: on the way every seventh datagram is dropped, then the
# collector is stopped until its socket's buffer is full.  The ledger has
# exactly what is missing, over slots, restarts and kill -9; also when several
# threads receive.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen" "$bin/nfsen-collector" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
a=$1 b=$2
shared_port="'two' => { 'port' => '$b', 'IP' => '127.0.4.1' },
	'three' => { 'port' => '$b', 'IP' => '127.0.4.2' },"
configure() { # bytes of a socket's buffer
	write_conf "'one' => { 'port' => '$a' }, $shared_port" \
	    "\$CYCLETIME = 2; \$BUFFLEN = $1; \$RECEIVERS = 3;"
}
configure 8000000
mkdir -p "$live/one" "$live/two" "$live/three"

start() {
	start_daemon nfsen-collector
	collector=$(cat "$tmp/run/nfsen-collector.pid")
}

stop() { # signal
	end "$collector" "$1"
	wait_for 10 sh -c "! kill -0 $collector 2>/dev/null" ||
	    fail "the collector does not end"
}

# The sum of a counter over the accounts of a source, or of its exporter
# ("own": what is of none).
ledger() { # source counter [exporter]
	nfsen exporters --json >"$tmp/books.json" || fail "nfsen exporters"
	python3 - "$tmp/books.json" "$@" <<'PY'
import json, sys
path, source, counter, *who = sys.argv[1:]
with open(path) as f:
    accounts = json.load(f)['accounts']
print(sum(a[counter] for a in accounts if a['source'] == source and
          (not who or a.get('exporter', 'own') == who[0])))
PY
}

is() { # what want got
	[ "$2" = "$3" ] || fail "$1: $2 expected, the ledger has $3"
}

value() { # file.json expression over d
	python3 -c 'import json, sys
with open(sys.argv[1]) as f:
    d = json.load(f)
print(eval(sys.argv[2]))' "$@"
}

stored() { # source: flows in its files
	python3 "$here/_stations.py" nfdump-I "$live/$1" |
	    sed -n 's/^any \([0-9]*\) .*/\1/p'
}

# flowgen through a proxy to port $a.
through() { # version exporter name
	: >"$tmp/proxy.log"
	run_bg proxy python3 "$here/_lossy.py" "$2" "$a" 7 "$tmp/$3.lossy"
	proxy=$!
	wait_for 5 test -s "$tmp/proxy.log" || fail "no proxy"
	flowgen --to "127.0.0.1:$(cat "$tmp/proxy.log")" -v "$1" -n 6000 \
	    -r 6000 --json >"$tmp/$3.json"
	wait_for 5 udp_empty "$(cat "$tmp/proxy.log")" ||
	    fail "the proxy does not follow"
	end $proxy TERM
	is "$3: datagrams at the proxy" "$(value "$tmp/$3.json" "d['datagrams']")" \
	    "$(value "$tmp/$3.lossy" "d['came']")"
	[ "$(value "$tmp/$3.lossy" "d['dropped']")" -gt 10 ] ||
	    fail "nothing was dropped on the way"
	wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
}

# What the exporter's two runs sent is accounted for.
check() { # exporter name
	came=$(value "$tmp/$2.lossy" "d['came']")
	dropped=$(value "$tmp/$2.lossy" "d['dropped']")
	is "$2: datagrams" $((2 * (came - dropped))) \
	    "$(ledger one datagrams "$1")"
	is "$2: lost" $((2 * $(value "$tmp/$2.lossy" "d['units']"))) \
	    "$(ledger one sequence_lost "$1")"
	is "$2: malformed" 0 "$(ledger one malformed "$1")"
}

all_lines() {
	cat "$tmp"/stat/live/.ledger/*/* 2>/dev/null | sort
}

# ---- lost on the way; each exporter starts again once --------------------------
start
for _ in 1 2; do
	through 5 127.0.3.5 v5
	through 9 127.0.3.9 v9
	through 10 127.0.3.10 ipfix
	through sflow 127.0.3.6 sflow
done
check 127.0.3.5 v5
check 127.0.3.9 v9
check 127.0.3.10 ipfix
check 127.0.3.6 sflow
for p in v5:127.0.3.5 ipfix:127.0.3.10; do
	flows=$(ledger one flows "${p#*:}")
	is "${p%:*}: flows and lost" 12000 \
	    $((flows + $(ledger one sequence_lost "${p#*:}")))
done

# ---- options data is numbered as well, and no loss; what is lost counts it --------
python3 - "$a" >"$tmp/options.txt" <<'PY'
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.3.20', 0))
def fields(*pairs):
    return b''.join(struct.pack('>HH', *p) for p in pairs)
def a_set(number, body):
    return struct.pack('>HH', number, 4 + len(body)) + body
templates = (
    a_set(2, struct.pack('>HH', 256, 4) +
          fields((8, 4), (12, 4), (1, 4), (2, 4))) +
    a_set(3, struct.pack('>HHH', 257, 2, 1) + fields((144, 4), (42, 8))))
flow = struct.pack('>IIII', 0x0a000001, 0x0a000002, 100, 1)
option = struct.pack('>IQ', 1, 1000)
sequence = flows = lost = 0
for i in range(200):
    body, records = templates if i % 20 == 0 else b'', 0
    if i % 3 != 2:
        body += a_set(256, flow * 2)
        records += 2
    if i % 4 == 1 or i % 3 == 2:
        body += a_set(257, option)
        records += 1
    message = struct.pack('>HHIII', 10, 16 + len(body), int(time.time()),
                          sequence, 7) + body
    sequence += records
    if i % 9 == 5:
        lost += records
        continue
    flows += 2 * (i % 3 != 2)
    s.sendto(message, ('127.0.0.1', int(sys.argv[1])))
    time.sleep(0.002)
print(flows, lost)
PY
wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
read -r flows lost <"$tmp/options.txt"
is "options: flows" "$flows" "$(ledger one flows 127.0.3.20)"
is "options: lost" "$lost" "$(ledger one sequence_lost 127.0.3.20)"

nfsen exporters >"$tmp/table.txt"
grep -q "^one *127.0.3.10 *ipfix .*20..-..-.. ..:..:.." "$tmp/table.txt" ||
    fail "nfsen exporters does not show the exporter"
grep -q "lost: .* missing in sequence$" "$tmp/table.txt" ||
    fail "nfsen exporters does not say what is lost"
stop TERM
is "flows stored" "$(stored one)" "$(ledger one flows)"

# ---- ended and killed: nothing twice -------------------------------------------
all_lines >"$tmp/before.txt"
start
stop TERM
start
stop KILL
# As if it had been killed within a line.
for f in "$tmp"/stat/live/.ledger/one/*; do
	printf 'slot=1795000000 length=2 source=one flows=99' >>"$f"
done
start
flowgen --to "127.0.0.1:$a" -v 5 -n 300 --from 127.0.3.1 -q
wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
stop TERM
is "flows after restarts" 300 "$(ledger one flows 127.0.3.1)"
all_lines | grep -v "exporter=127.0.3.1 \|flows=99" |
    diff "$tmp/before.txt" - >&2 || fail "the ledger changed"

# ---- dropped by the kernel -------------------------------------------------------
configure 65536
start
flowgen --to "127.0.0.1:$a" -v 5 -r 30000 -t 5 --from 127.0.3.2 --json \
    >"$tmp/kernel.json" &
p1=$!
flowgen --to "127.0.0.1:$a" -v 5 -r 30000 -t 5 --from 127.0.3.3 --json \
    >"$tmp/kernel2.json" &
p3=$!
flowgen --to "127.0.0.1:$b" -v 10 -r 30000 -t 5 --from 127.0.4.1 --json \
    >"$tmp/shared.json" &
p2=$!
lines() { # at least one slot's line
	all_lines | grep -q "exporter=127.0.3.2"
}
wait_for 10 lines || fail "no line in the ledger"
kill -STOP "$collector"
full() { # the kernel counts drops at this port
	awk -v p="$(printf ':%04X' "$1")" 'index($2, p) && $NF > 0 { ok = 1 }
		END { exit !ok }' /proc/net/udp
}
wait_for 5 full "$a" && wait_for 5 full "$b" || fail "no buffer is full"
kill -CONT "$collector"
wait $p1 && wait $p2 && wait $p3
wait_for 5 udp_empty "$a" "$b" || fail "datagrams are stuck"
stop TERM
drops=$(ledger one kernel_drops own)
[ "$drops" -gt 0 ] || fail "the kernel dropped nothing"
is "sent to one" $(($(value "$tmp/kernel.json" "d['datagrams']") + \
    $(value "$tmp/kernel2.json" "d['datagrams']"))) \
    $(($(ledger one datagrams 127.0.3.2) + $(ledger one datagrams 127.0.3.3) + \
	drops + $(ledger one queue_drops own)))
is "flows sent to one" "$(value "$tmp/kernel.json" "d['total']['any']['flows']")" \
    $(($(ledger one flows 127.0.3.2) + \
	$(ledger one sequence_lost 127.0.3.2)))
is "flows of the second" \
    "$(value "$tmp/kernel2.json" "d['total']['any']['flows']")" \
    $(($(ledger one flows 127.0.3.3) + \
	$(ledger one sequence_lost 127.0.3.3)))
is "flows stored" "$(stored one)" "$(ledger one flows)"
is "sent to two" "$(value "$tmp/shared.json" "d['datagrams']")" \
    $(($(ledger two datagrams 127.0.4.1) + \
	$(ledger "port:$b" kernel_drops) + $(ledger "port:$b" queue_drops)))
[ "$(ledger "port:$b" kernel_drops)" -gt 0 ] ||
    fail "the shared port dropped nothing"
is "flows sent to two" "$(value "$tmp/shared.json" "d['total']['any']['flows']")" \
    $(($(ledger two flows 127.0.4.1) + \
	$(ledger two sequence_lost 127.0.4.1)))
is "flows stored" "$(stored two)" "$(ledger two flows)"
echo "loss: every datagram and flow is accounted for"
