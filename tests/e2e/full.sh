#!/bin/sh
# No room: flows that cannot be written are counted, it is logged once, the
# collector goes on by itself when there is room again, and what it had
# written is intact.  A limit on the size of files stands for a full disk; root
# fills one as well.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 prlimit "$bin/nfsen-collector" "$bin/nfsen" "$bin/flowgen"

port=$(free_ports 1)
ctl=$tmp/run/nfsen-collector.ctl
log=$tmp/collector.log
step=2

counter() { # key of the source
	python3 "$here/_ctl.py" "$ctl" status | grep '^_source=ident=up' |
	    tr ' ' '\n' | sed -n "s/^$1=//p"
}

# In the foreground, and what it logs goes through a pipe: a limit on files is
# none for that.
mkfifo "$tmp/pipe"
start() {
	write_conf "'up' => { 'port' => '$port', 'col' => '#0000ff' }" \
	    "\$CYCLETIME = $step; \$ZIPcollected = '-z=lz4';"
	nfsen reconfig -y >/dev/null 2>&1 || fail "no reconfig"
	: >"$log"
	cat "$tmp/pipe" >"$log" &
	"$bin/nfsen-collector" -c "$conf" >"$tmp/pipe" 2>&1 </dev/null &
	collector=$!
	pids="$pids $collector"
	wait_for 10 test -S "$ctl" || fail "the collector does not start"
}

send() { # seed
	flowgen --to "127.0.0.1:$port" -v 5 -n 20000 -r 20000 -s "$1" -q
	sent=$((sent + 20000))
	wait_for 5 all_decoded || fail "not all decoded"
}

all_decoded() {
	[ "$(counter flows)" = "$sent" ]
}

stored() {
	n=0
	find "$live/up" -name 'nfcapd.2*' >"$tmp/files.txt"
	while read -r f; do
		nfdump -q -r "$f" -o fmt:%pr >"$tmp/out.txt" 2>"$tmp/err.txt" ||
		    fail "nfdump refuses $f: $(cat "$tmp/err.txt")"
		[ ! -s "$tmp/err.txt" ] || fail "nfdump on $f: $(cat "$tmp/err.txt")"
		k=$(nfdump -r "$f" -I | awk '/^Flows:/ { print $2 }')
		n=$((n + k))
	done <"$tmp/files.txt"
	echo "$n"
}

next_slot() {
	read -r before _ <"$tmp/run/collector.slot"
	wait_for 10 slot_after "$before" || fail "no rotation"
}
slot_after() { # slot
	read -r now _ <"$tmp/run/collector.slot"
	[ "$now" -gt "$1" ]
}

finished() { # files and their check sums
	find "$live/up" -name 'nfcapd.2*' -exec cksum {} + | sort -k 3
}

# no_room and room_again make and end the shortage.
shortage() { # what
	sent=0
	start
	send 1
	next_slot
	next_slot
	finished >"$tmp/before.sum"
	[ -s "$tmp/before.sum" ] || fail "$1: nothing was written before"
	no_room
	send 2
	send 3
	next_slot
	next_slot
	send 4
	lost=$(counter unwritten)
	[ "$lost" -gt 0 ] || fail "$1: nothing was counted"
	[ "$(grep -c 'flows are lost' "$log")" = 1 ] ||
	    fail "$1: logged $(grep -c 'flows are lost' "$log") times"
	alive "$collector" || fail "$1: the collector has ended"
	room_again
	next_slot
	lost=$(counter unwritten)
	send 5
	next_slot
	next_slot
	[ "$(counter unwritten)" = "$lost" ] || fail "$1: it does not go on"
	[ "$(grep -c 'writing again' "$log")" = 1 ] ||
	    fail "$1: nothing said that it goes on"
	lost=$(counter unwritten)
	end "$collector" TERM
	[ "$(stored)" = $((sent - lost)) ] ||
	    fail "$1: $sent sent, $lost unwritten, $(stored) stored"
	finished | grep -F -f "$tmp/before.sum" | diff "$tmp/before.sum" - >&2 ||
	    fail "$1: an earlier file has changed"
	[ -z "$(find "$live" -name 'nfcapd.current*')" ] ||
	    fail "$1: a file is left open"
	echo "$1: $sent sent, $lost counted as unwritten, the rest stored"
}

no_room() {
	prlimit --pid "$collector" --fsize=64:unlimited
}
room_again() {
	prlimit --pid "$collector" --fsize=unlimited:unlimited
}
shortage 'limit on files'

[ "$(id -u)" -eq 0 ] || skip "limit on files: passed; a full disk needs root"
rm -rf "$tmp/data" "$tmp/stat"
mkdir "$tmp/data"
mount -t tmpfs -o size=4m none "$tmp/data" 2>/dev/null ||
    skip "limit on files: passed; no mount here for a full disk"
with_status() {
	return "$1"
}
trap 'rc=$?; set +e; umount -l "$tmp/data"; with_status $rc; cleanup' EXIT
no_room() {
	dd if=/dev/zero of="$tmp/data/fill" bs=4k 2>/dev/null || :
}
room_again() {
	rm "$tmp/data/fill"
}
shortage 'full disk'
