#!/bin/sh
# Senders nobody knows become sources, and channels of live, by themselves: no
# flow is missing in files, databases or ledger; reconfig, restarts of either
# daemon and an upgrade leave them; beyond the bound they are counted.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 nfdump rrdtool "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen"

port=$(free_ports 1)
sources() { # dynamic
	write_conf "'new' => { 'port' => '$port', 'dynamic' => '$1' }," \
	    "\$CYCLETIME = 2; \$BINDADDR = '127.0.0.1';
	    %profiles = ( 'all' => { 'channels' => { 'tcp' =>
		{ 'filter' => 'any', 'sources' => '*' } } } );"
}
sources 2
nfsen reconfig -y >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
again() {
	nfsen reconfig >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
	grep -qx 'Reconfig: No changes found!' "$tmp/out.log" ||
	    fail "reconfig is not content $1: $(cat "$tmp/out.log")"
}
again "at the start"
! grep -q ':new' "$tmp/stat/live/profile.dat" || fail "a channel for nothing"
nfsen start >"$tmp/start.log" 2>&1 || fail "no start: $(cat "$tmp/start.log")"

# n datagrams of 10 flows of v5 each, from an address; nothing is lost: the
# next goes when the collector has counted the last.
send() { # from n first-sequence
	python3 - "$1" "$port" "$2" "$3" <<'PY'
import socket, struct, sys, time
frm, port, n, seq = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((frm, 0))
for i in range(n):
    rec = b''.join(struct.pack('!4s4s4sHHIIIIHHBBBBHHBBH', bytes([10, 0, 0, k]),
        bytes([10, 1, 0, k]), bytes(4), 1, 2, 1, 100, 1000, 1000, 1024 + k, 80,
        0, 16, 6, 0, 0, 0, 24, 24, 0) for k in range(10))
    s.sendto(struct.pack('!HHIIIIBBH', 5, 10, 2000, int(time.time()), 0,
        seq + 10 * i, 0, 0, 0) + rec, ('127.0.0.1', port))
    time.sleep(0.001)
PY
}
counted() { # ident key value
	nfsen status >"$tmp/status.log" 2>&1 || return 1
	python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" status |
	    tr -d '\r' | grep "source=.*ident=$1 " | grep -q " $2=$3\( \|$\)"
}
flows_of() { # ident: in complete files
	find "$live/$1" -name 'nfcapd.2*' \
	    -exec nfdump -q -N -r {} -o fmt:%pkt \; | awk '$1 == 1' | wc -l
}
in_rrd() { # profile/channel: flows
	rrdtool fetch "$tmp/stat/$1.rrd" MAX -s -120 -e +10 |
	    python3 -c '
import sys
rows = [l.split() for l in sys.stdin]
col = rows[0].index("flows") + 1
v = [float(r[col]) for r in rows[2:] if len(r) > col]
print(round(sum(x for x in v if x == x) * 2))'
}
has() { # what ident n
	[ "$("$1" "$2")" = "$3" ]
}
all_there() { # ident n
	wait_for 20 has flows_of "$1" "$2" ||
	    fail "files of $1: $(flows_of "$1") of $2 flows"
	wait_for 20 has in_rrd "live/$1" "$2" ||
	    fail "database of $1: $(in_rrd "live/$1") of $2 flows"
}

send 127.0.0.21 300 0 &
p1=$!
send 127.0.0.22 300 0 &
p2=$!
wait $p1
wait $p2
all_there 127-0-0-21 3000
all_there 127-0-0-22 3000
wait_for 20 has in_rrd all/tcp 6000 ||
    fail "a profile of all sources has $(in_rrd all/tcp) of 6000 flows"
for i in 127-0-0-21 127-0-0-22; do
	grep -q "$i" "$tmp/stat/live/profile.dat" || fail "$i is no channel"
done
again "with two that came"

# beyond the bound: nobody's, counted, said once
send 127.0.0.23 20 0
wait_for 10 counted new refused 20 || fail "refused: $(cat "$tmp/status.log")"
[ ! -e "$live/127-0-0-23" ] || fail "a third came"
[ "$(grep -c 'no new source' "$tmp"/*.log | awk -F: '{ n += $2 } END { print n }')" -le 1 ] ||
    fail "said more than once"
grep -q "2 of 2 sources came by themselves, 20 datagrams of others refused" \
    "$tmp/status.log" || fail "$(cat "$tmp/status.log")"
grep -q "'127-0-0-21': port $port (came by itself behind 'new')" \
    "$tmp/status.log" || fail "$(cat "$tmp/status.log")"

# what any stray datagram says is no exporter
python3 - "$port" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.24', 0))
s.sendto(b'\0\77hello', ('127.0.0.1', int(sys.argv[1])))
PY

# both daemons anew, and the bound holds
nfsen stop >/dev/null 2>&1 || fail "no stop"
nfsen start >"$tmp/start.log" 2>&1 || fail "no second start: $(cat "$tmp/start.log")"
again "after a restart"
wait_for 5 counted 127-0-0-21 parent new || fail "no parent after a restart"
send 127.0.0.23 5 0
wait_for 10 counted new refused 5 || fail "the bound does not survive a restart"
send 127.0.0.21 50 3000
all_there 127-0-0-21 3500

# an upgrade
nfsen upgrade >"$tmp/upgrade.log" 2>&1 || fail "$(cat "$tmp/upgrade.log")"
send 127.0.0.22 50 3000
all_there 127-0-0-22 3500
nfsen exporters --json >"$tmp/exporters.json" || fail "exporters"
python3 - "$tmp/exporters.json" <<'PY'
import json, sys
got = json.load(open(sys.argv[1]))
text = json.dumps(got)
assert '127-0-0-21' in text and '127-0-0-22' in text, text
assert text.count('"sequence_lost": 0') or '"sequence_lost"' not in text, text
PY

# the profiler is away while one more comes
sources 3
nfsen reconfig -y >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
end "$(cat "$tmp/run/nfsend.pid")" TERM
send 127.0.0.23 100 0
wait_for 20 has flows_of 127-0-0-23 1000 || fail "without a profiler: $(flows_of 127-0-0-23)"
"$bin/nfsen-profiler" -c "$conf" -D >"$tmp/start.log" 2>&1 ||
    fail "no profiler: $(cat "$tmp/start.log")"
all_there 127-0-0-23 1000

# one is forgotten, the others stay; whose parent goes, goes
! nfsen forget new -y >"$tmp/out.log" 2>&1 || fail "config's own was forgotten"
nfsen forget 127-0-0-22 -y >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
[ ! -e "$live/127-0-0-22" ] || fail "its files are still there"
! grep -q 127-0-0-22 "$tmp/stat/live/profile.dat" || fail "still a channel"
again "with one forgotten"
all_there 127-0-0-21 3500
send 127.0.0.22 10 0
all_there 127-0-0-22 100
write_conf "'new' => { 'port' => '$port' }," '$CYCLETIME = 2; $BINDADDR = "127.0.0.1";'
nfsen reconfig -y >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
for i in 21 22 23; do
	grep -q "Delete source '127-0-0-$i'" "$tmp/out.log" ||
	    fail "127-0-0-$i stays: $(cat "$tmp/out.log")"
done
[ ! -s "$tmp/stat/live/.dynamic" ] || fail "left: $(cat "$tmp/stat/live/.dynamic")"
again "with none"
