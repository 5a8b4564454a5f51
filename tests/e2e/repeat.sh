#!/bin/sh
# Datagrams go on: one collector repeats to two, to one of them with the
# exporters' addresses where it may; what all have is the same.  A multicast
# group is joined, unknown exporters become sources, prefixes tell apart.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/flowgen"
mkdir -p "$tmp/bin" "$tmp/run"
ln -s "$bin/nfsen-collector" "$tmp/bin/nfcapd"

read -r pa pb pc pd <<PORTS
$(free_ports 4)
PORTS
mkdir "$tmp/first" "$tmp/plain" "$tmp/as"

capd() { # log options...
	log=$1
	shift
	run_bg "$log" "$tmp/bin/nfcapd" -b 127.0.0.1 -t 3600 "$@"
	wait_for 10 grep -q 'Startup nfcapd' "$tmp/$log.log" || fail "$log"
}

flows() { # folder
	nfdump -R "$1" -o 'fmt:%sa %da %sp %dp %pkt %byt' -q | sort
}

# ---- -R, and -A for who may ----
capd plain -w "$tmp/plain" -p "$pb"
plain=$!
capd first -w "$tmp/first" -p "$pa" -R "127.0.0.1/$pb"
first=$!
flowgen --to "127.0.0.1:$pa" -n 2000 -r 20000 -e 3 -q
wait_for 5 udp_empty "$pa" "$pb" || fail "stuck"
end "$first" TERM
end "$plain" TERM
flows "$tmp/first" >"$tmp/first.txt"
flows "$tmp/plain" >"$tmp/plain.txt"
[ "$(wc -l <"$tmp/first.txt")" -eq 2000 ] || fail "not all collected"
diff "$tmp/first.txt" "$tmp/plain.txt" >&2 || fail "not all repeated"

rm -rf "$tmp/first"/*
if [ "$(id -u)" -eq 0 ] &&
    python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)' 2>/dev/null
then
	capd as -M "$tmp/as" -p "$pb"
	as=$!
	capd spoof -w "$tmp/first" -p "$pa" -A -R "127.0.0.1/$pb"
	first=$!
	flowgen --to "127.0.0.1:$pa" -n 2000 -r 20000 -e 3 -q
	wait_for 5 udp_empty "$pa" "$pb" || fail "stuck"
	end "$first" TERM
	end "$as" TERM
	[ "$(cd "$tmp/as" && echo *)" = "127-0-1-1 127-0-1-2 127-0-1-3" ] ||
	    fail "-A: senders are $(ls "$tmp/as")"
	n=$(for d in "$tmp"/as/*; do flows "$d"; done | wc -l)
	[ "$n" -eq 2000 ] || fail "-A: $n flows"
fi

# ---- a multicast group, on the loopback ----
mkdir "$tmp/group"
capd group -w "$tmp/group" -p "$pd" -J 239.255.77.7
group=$!
python3 - "$pd" <<'PY'
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
             socket.inet_aton('127.0.0.1'))
head = struct.pack('>HHIIIIBBH', 5, 1, 1000, 1795450000, 0, 0, 0, 0, 0)
flow = struct.pack('>IIIHHIIIIHHBBBBHHBBH', 0x0a000001, 0x0a000002, 0, 1, 2,
                   3, 180, 100, 200, 1234, 80, 0, 2, 6, 0, 0, 0, 24, 24, 0)
s.sendto(head + flow, ('239.255.77.7', int(sys.argv[1])))
PY
wait_for 5 udp_empty "$pd"
end "$group" TERM
nfdump -R "$tmp/group" -I | grep -q '^Flows: 1$' || fail "-J: no flow"

# ---- in the configuration: prefixes, keys of sources, new sources ----
write_conf "'net' => { 'port' => '$pc', 'IP' => '127.0.1.0/31', 'codec' => 'bz2',
        'subdirlayout' => '0', 'command' => '$tmp/told %i %d/%f' },
    'one' => { 'port' => '$pc', 'IP' => '127.0.1.1;127.0.1.7',
        'sampling' => '-10', 'repeater' => '127.0.0.1/9' },
    'new' => { 'port' => '$pc', 'dynamic' => '2' }" "\$CYCLETIME = 3600;"
printf '#!/bin/sh\necho "$1 $2" >>%s/told.txt\n' "$tmp" >"$tmp/told"
chmod +x "$tmp/told"
mkdir -p "$live/net" "$live/one" "$live/new"
start_daemon nfsen-collector
collector=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $collector"
flowgen --to "127.0.0.1:$pc" --from 127.0.1.0 -n 2000 -r 20000 -e 5 -q
wait_for 5 udp_empty "$pc" || fail "stuck"
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" status >"$tmp/status" ||
    fail "no status"
grep -q 'ident=net port=[0-9]* ip=127.0.1.0/31 ' "$tmp/status" ||
    fail "status has no prefix: $(cat "$tmp/status")"
sent=$(sed -n 's,^_repeat=ident=one to=127.0.0.1/9 sent=\([0-9]*\) .*,\1,p' "$tmp/status")
[ "${sent:-0}" -gt 0 ] || fail "status does not count what is repeated"
nfsen status >"$tmp/nfsen.txt" 2>&1 || : # the profiler does not run
grep -qx "    repeated to 127.0.0.1/9: $sent datagrams" "$tmp/nfsen.txt" ||
    fail "nfsen status: $(cat "$tmp/nfsen.txt")"
end "$collector" TERM
for d in net one new 127-0-1-2 127-0-1-3; do
	[ -d "$live/$d" ] || fail "no folder $d: $(ls "$live")"
done
[ ! -e "$live/127-0-1-4" ] || fail "more new sources than allowed"
wait_for 10 grep -q "^net $live/net/nfcapd.2" "$tmp/told.txt" ||
    fail "command: $(cat "$tmp/told.txt")"
nfdump -R "$live/one" -q -o 'fmt:%pkt' | grep -vq '0$' &&
    fail "not 10 times the packets"
echo "repeated, spoofed, joined, found"
