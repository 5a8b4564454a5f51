#!/bin/sh
# A key of a running source changes: reconfig says which, the collector goes
# by it at once, and no flow is lost, not even when its socket is opened anew.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
pa=$1 pb=$2
ctl=$tmp/run/nfsen-collector.ctl

# $1: keys of source a; $2: statements.  No $BINDADDR but what $2 has.
config() {
	write_conf "'a' => { 'port' => '$pa', 'col' => '#aa0000' $1 },
	    'b' => { 'port' => '$pb', 'col' => '#00aa00' }," "$2"
}

reconfig() { # line that it must say
	nfsen reconfig -y >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
	[ -z "${1-}" ] || grep -qxF -- "$1" "$tmp/out.log" ||
	    fail "'$1' was not said: $(cat "$tmp/out.log")"
	nfsen reconfig >"$tmp/again.log" 2>&1 || fail "second reconfig failed"
	grep -qx 'Reconfig: No changes found!' "$tmp/again.log" ||
	    fail "reconfig left something: $(cat "$tmp/again.log")"
}

inode() { # port: the kernel's number of its socket
	awk -v p="$(printf ':%04X' "$1")\$" '$2 ~ p { print $10 }' \
	    /proc/net/udp /proc/net/udp6
}

flows() {
	python3 "$here/_stations.py" nfdump-I "$live/$1" 2>/dev/null |
	    awk '$1 == "any" { print $2 }'
}

sent() { # json
	python3 "$here/_stations.py" want "$1" | awk '$1 == "any" { print $2 }'
}

cycle='$CYCLETIME = 1;'
keys=
config "" "$cycle"
reconfig
"$bin/nfsen-collector" -c "$conf" -D >"$tmp/start.log" 2>&1 ||
    fail "no start: $(cat "$tmp/start.log")"
collector=$(cat "$tmp/run/nfsen-collector.pid")
socket_b=$(inode "$pb")
flowgen --to "127.0.0.1:$pa" -v 10 -e 3 -r 8000 -t 14 --json >"$tmp/a.json" &
p1=$!
flowgen --to "127.0.0.1:$pb" -v 5 -r 2000 -t 14 --json >"$tmp/b.json" &
p2=$!

add() { # key value: of source a, said, and at work
	keys="$keys, '$1' => '$2'"
	config "$keys" "$cycle"
	reconfig "Change source 'a': $1"
}

# what becomes of files
newest() {
	find "$live/a" -name 'nfcapd.2*' -printf '%T@ %p\n' | sort -n |
	    sed -n '$s/^[^ ]* //p'
}
packed() { # word of nfdump's
	nfdump -v "$(newest)" 2>&1 | grep -qi "$1"
}
wait_for 5 packed lz4 || fail "no file with LZ4: $(nfdump -v "$(newest)" 2>&1)"
add codec bz2
wait_for 5 packed bz2 || fail "no file with bzip2: $(nfdump -v "$(newest)" 2>&1)"
add subdirlayout 2
deeper() {
	case ${1#"$live/a/"} in ????/??/??/??/nfcapd*) ;; *) false ;; esac
}
in_hours() {
	deeper "$(newest)"
}
wait_for 5 in_hours || fail "not in folders of hours: $(newest)"
add command "cp %d/%f $tmp/copy"
wait_for 5 test -s "$tmp/copy" || fail "the command was not run"

# what datagrams mean, and where they go
add sampling -100
scaled() { # all packets are multiples
	nfdump -q -r "$(newest)" -o fmt:%pkt -N |
	    awk '$1 % 100 { bad = 1 } END { exit bad || !NR }'
}
wait_for 5 scaled || fail "not scaled"
python3 - "$tmp/repeated" >"$tmp/tee.port" <<'PY' &
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 0))
print(s.getsockname()[1], flush=True)
open(sys.argv[1], 'wb').write(s.recv(65535))
PY
pids="$pids $!"
wait_for 5 test -s "$tmp/tee.port"
add repeater "127.0.0.1/$(cat "$tmp/tee.port")"
wait_for 5 test -s "$tmp/repeated" || fail "nothing was repeated"
add type sflow

# how they come in: another socket takes the port over from the first
[ "$(inode "$pb")" = "$socket_b" ] || fail "the socket of b was touched"
changed() { # what, line
	was=$(inode "$pa")
	reconfig "$2"
	[ "$(inode "$pa" | wc -l)" = 1 ] || fail "$1: two sockets"
	[ "$(inode "$pa")" != "$was" ] || fail "$1: the socket stays"
}
cycle="$cycle \$BINDADDR = undef;"
config "$keys" "$cycle"
changed BINDADDR 'Change settings: $BINDADDR'
keys="$keys, 'optarg' => '-b 127.0.0.1'"
config "$keys" "$cycle"
changed 'optarg -b' "Change source 'a': optarg"
keys=$(echo "$keys" | sed 's/-b 127.0.0.1/-4/')
config "$keys" "$cycle"
changed 'optarg -4' "Change source 'a': optarg"
was=$(inode "$pa")
keys=$(echo "$keys" | sed 's/-4/-4 -B 70000/')
config "$keys" "$cycle"
reconfig "Change source 'a': optarg"
[ "$(inode "$pa")" = "$was" ] || fail "a buffer's length needs a new socket"
keys=$(echo "$keys" | sed 's/-4/-4 -b 127.0.0.1/')
keys="$keys, 'multicast' => '239.255.9.8'" # on the loopback
config "$keys" "$cycle"
changed multicast "Change source 'a': optarg, multicast"
grep -q 0809FFEF /proc/net/igmp || fail "the group was not joined"

# the interval, of everything
cycle=$(echo "$cycle" | sed 's/TIME = 1/TIME = 2/')
config "$keys" "$cycle"
reconfig 'Change settings: $CYCLETIME'
python3 "$here/_ctl.py" "$ctl" status >"$tmp/status.txt"
grep -qx cycletime=2 "$tmp/status.txt" ||
    fail "the interval is what it was"

# what takes a restart is named, asks nothing, and is not forgotten
config "$keys" "$cycle \$RECEIVERS = 2;"
for i in 1 2; do
	nfsen reconfig >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
	for line in 'Wait for a restart of the collector: $RECEIVERS' \
	    'Reconfig: No changes found!'; do
		grep -qxF -- "$line" "$tmp/out.log" ||
		    fail "$i: '$line' was not said: $(cat "$tmp/out.log")"
	done
	nfsen reload >"$tmp/out.log" 2>&1 || :
	python3 "$here/_ctl.py" "$ctl" reload >"$tmp/out.log" ||
	    fail "$(cat "$tmp/out.log")"
done

# what is wrong changes nothing
config "$keys, 'codec' => 'best'" "$cycle"
nfsen reconfig -y >"$tmp/out.log" 2>&1 && fail "a wrong codec was taken"
config "$(echo "$keys" | sed 's/-b [0-9.]*/-b 192.0.2.77/; s/, .multicast.*//')" "$cycle"
was=$(inode "$pa")
nfsen reconfig -y >"$tmp/out.log" 2>&1 && fail "an address not ours was taken"
grep -q "port $pa: " "$tmp/out.log" || fail "$(cat "$tmp/out.log")"
[ "$(inode "$pa")" = "$was" ] || fail "the socket did not outlive that"

kill -0 $p1 || fail "the traffic ended before the test did"
wait $p1 || fail "the simulator failed"
wait $p2 || fail "the simulator failed"
wait_for 5 udp_empty "$pa" "$pb" || fail "datagrams are stuck"
[ "$(cat "$tmp/run/nfsen-collector.pid")" = "$collector" ] ||
    fail "the collector was started again"
end "$collector" TERM
for s in a b; do
	[ "$(flows $s)" = "$(sent "$tmp/$s.json")" ] ||
	    fail "$s: $(sent "$tmp/$s.json") flows sent, $(flows $s) found"
done
echo "$(flows a) flows through changes of every kind"
