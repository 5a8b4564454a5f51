#!/bin/sh
# The collector as a process: nothing lost over many slots, restart within a
# slot, kill -9, sources that come and go under traffic, rubbish.  Debian's
# nfdump reads what it wrote.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 3)
a=$1 b=$2 c=$3
ctl=$tmp/run/nfsen-collector.ctl
one="'one' => { 'port' => '$a', 'col' => '#aa0000' },"
two="'two' => { 'port' => '$b', 'col' => '#00aa00', 'IP' => '127.0.2.1' },
	'three' => { 'port' => '$b', 'col' => '#00aaaa', 'IP' => '127.0.2.2' },"
four="'four' => { 'port' => '$c', 'col' => '#0000aa' },"
mkdir -p "$live/one" "$live/two" "$live/three"

start() {
	start_daemon nfsen-collector
	collector=$(cat "$tmp/run/nfsen-collector.pid")
}

stop() {
	kill -TERM "$collector"
	wait_for 10 test ! -e "$tmp/run/nfsen-collector.pid" ||
	    fail "the collector does not end"
}

ask() { # command
	python3 "$here/_ctl.py" "$ctl" "$@"
}

counter() { # line pattern, key
	ask status | grep "^$1" | tr ' ' '\n' | sed -n "s/^$2=//p"
}

sent() { # totals.json...
	python3 "$here/_stations.py" want "$@"
}

holds() { # source totals.json...: its files hold exactly these flows
	s=$1
	shift
	sent "$@" >"$tmp/want.txt"
	python3 "$here/_stations.py" nfdump-I "$live/$s" |
	    diff "$tmp/want.txt" - >&2 || fail "$s: stat records differ"
	python3 "$here/_stations.py" nfdump-proto "$live/$s" |
	    diff "$tmp/want.txt" - >&2 || fail "$s: flows differ"
}

no_left_overs() {
	[ -z "$(find "$live" -name 'nfcapd.current*')" ] ||
	    fail "a current file is left"
}

fresh() {
	find "$live" -mindepth 2 -delete
	rm -f "$tmp/run/collector.slot"
}

# ---- many slots of one second, three sources, two of them on one port --------
write_conf "$one $two" "\$CYCLETIME = 1;"
start
run_bg slots python3 "$here/_slots.py" "$tmp/run/collector.slot" "$live" 1 \
    one two three
watcher=$!
flowgen --to "127.0.0.1:$a" -v 9 -e 3 -d 2 -r 20000 -t 6 --json \
    >"$tmp/one.json" &
p1=$!
flowgen --to "127.0.0.1:$b" -v 10 -e 1 -d 2 -r 10000 -t 6 -s 2 \
    --from 127.0.2.1 --json >"$tmp/two.json" &
p2=$!
flowgen --to "127.0.0.1:$b" -v 5 -r 10000 -t 6 -s 3 --from 127.0.2.2 \
    --json >"$tmp/three.json" &
p3=$!
flowgen --to "127.0.0.1:$b" -v 9 -n 500 --from 127.0.2.9 -q
wait $p1 && wait $p2 && wait $p3
wait_for 5 udp_empty "$a" "$b" || fail "datagrams are stuck"
[ "$(counter unknown_sender unknown_sender)" -gt 0 ] ||
    fail "the unknown sender was not counted"
[ "$(counter '_source=ident=one' sequence_lost)" = 0 ] || fail "one lost flows"
[ "$(ask status | grep -c '^_exporter=')" = 9 ] || fail "not 9 exporters"
kill -TERM $watcher
wait $watcher || fail "slots were announced wrongly"
[ "$(head -n 2 "$tmp/slots.log" | tail -n 1 | wc -w)" -ge 6 ] ||
    fail "fewer slots announced than passed"
stop
holds one "$tmp/one.json"
holds two "$tmp/two.json"
holds three "$tmp/three.json"
no_left_overs
find "$live" -name 'nfcapd.2*' >"$tmp/files.txt"
while read -r f; do
	nfdump -r "$f" -I >"$tmp/info.txt" 2>&1 || fail "$f cannot be read"
	grep -q "^Ident: $(basename "${f%/????/*}")$" "$tmp/info.txt" ||
	    fail "$f has another ident"
done <"$tmp/files.txt"

# ---- restart within a slot: the flows are added --------------------------------
fresh
write_conf "$one" "\$CYCLETIME = 3600;"
for n in 1 2; do
	start
	flowgen --to "127.0.0.1:$a" -v 9 -n 5000 -r 50000 -s $n --json \
	    >"$tmp/restart$n.json"
	wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
	stop
done
read -r announced _ <"$tmp/run/collector.slot"
[ $((announced + 3600)) -le "$(date +%s)" ] ||
    fail "an unfinished slot was announced"
[ "$(find "$live/one" -type f | wc -l)" -le 2 ] || fail "not one file"
holds one "$tmp/restart1.json" "$tmp/restart2.json"

# ---- kill -9: what was written a second ago is there ------------------------------
fresh
start
flowgen --to "127.0.0.1:$a" -v 10 -n 20000 -r 50000 --json >"$tmp/killed.json"
written() {
	python3 - "$live/one/nfcapd.current.$collector" <<'PY'
import struct, sys
data = open(sys.argv[1], 'rb').read()
pos, records = 40, 0
while pos + 12 <= len(data):
    n, size = struct.unpack_from('<II', data, pos)
    pos, records = pos + 12 + size, records + n
sys.exit(records < 20000)
PY
}
wait_for 2 written || fail "no complete blocks within a second"
kill -9 "$collector"
wait_for 5 sh -c "! kill -0 $collector 2>/dev/null"
: >"$live/one/nfcapd.current.99999" # died before the first byte
start
wait_for 5 test ! -e "$live/one/nfcapd.current.$collector.1"
stop
no_left_overs
holds one "$tmp/killed.json"

# ---- sources come and go under traffic ----------------------------------------------
fresh
write_conf "$one $two" "\$CYCLETIME = 2;"
start
socket_of() { # port: inode
	awk -v p="$(printf ':%04X' "$1")" 'index($2, p) { print $10 }' \
	    /proc/net/udp
}
closed() { # port
	[ -z "$(socket_of "$1")" ]
}
inode=$(socket_of "$a")
[ -n "$inode" ] || fail "port $a is not open"
flowgen --to "127.0.0.1:$a" -v 9 -e 2 -r 20000 -t 5 --json >"$tmp/one.json" &
p1=$!
flowgen --to "127.0.0.1:$b" -v 9 -n 3000 -r 20000 --from 127.0.2.1 \
    --json >"$tmp/two.json"

write_conf "$one $two $four" "\$CYCLETIME = 2;"
ask reload >"$tmp/reply.txt" && fail "a source without folder was taken"
grep -q "nfsen reconfig" "$tmp/reply.txt" || fail "reconfig is not named"
mkdir -p "$live/four"
ask reload >"$tmp/reply.txt" || fail "reload: $(cat "$tmp/reply.txt")"
flowgen --to "127.0.0.1:$c" -v 10 -n 3000 -r 20000 --json >"$tmp/four.json"

wait_for 5 udp_empty "$b" || fail "datagrams are stuck"
write_conf "$one $four" "\$CYCLETIME = 2;"
kill -HUP "$collector"
wait_for 5 closed "$b" ||
    fail "the port of removed sources stays open"
wait_for 5 sh -c "! ls '$live'/two/nfcapd.current* 2>/dev/null" ||
    fail "the removed source's file was not finished"
holds two "$tmp/two.json"

write_conf "$one 'four' => { 'port' => 'x' }" ""
ask reload >"$tmp/reply.txt" && fail "a bad config was taken"
grep -q "nfsen.conf:[0-9]*:[0-9]*: " "$tmp/reply.txt" ||
    fail "the bad config's place is not named"

wait $p1
wait_for 5 udp_empty "$a" "$c" || fail "datagrams are stuck"
[ "$(socket_of "$a")" = "$inode" ] || fail "a socket that stays was opened anew"
[ "$(counter '_source=ident=one' sequence_lost)" = 0 ] || fail "one lost flows"
stop
holds one "$tmp/one.json"
holds four "$tmp/four.json"

# ---- rubbish is counted and survived ---------------------------------------------------
fresh
write_conf "$one" "\$CYCLETIME = 3600;"
start
python3 - "$a" <<'PY'
import random, socket, struct, sys
r = random.Random(1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(2000):
    body = r.randbytes(r.randrange(0, 300))
    head = struct.pack('>H', r.choice([5, 9, 10, 1, 8, 65535]))
    s.sendto(head + body if i % 10 else body, ('127.0.0.1', int(sys.argv[1])))
s.sendto(b'', ('127.0.0.1', int(sys.argv[1])))
PY
wait_for 5 udp_empty "$a" || fail "datagrams are stuck"
kill -0 "$collector" || fail "it died"
[ "$(counter '_source=ident=one' malformed)" -gt 0 ] ||
    fail "malformed datagrams were not counted"
stop
no_left_overs
echo "collector: nothing lost"
