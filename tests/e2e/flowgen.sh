#!/bin/sh
# The simulator itself, held against Debian's collectors and nfdump: what it says
# it sent is what they count; the same seed gives the same bytes.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfcapd sfcapd nfdump python3 "$bin/flowgen"

port=$(free_ports 1)
for v in 1 5 7 9 10 sflow; do
	mkdir "$tmp/$v"
	theirs=nfcapd
	if [ $v = sflow ]; then
		theirs=sfcapd
	fi
	run_bg $theirs $theirs -b 127.0.0.1 -p "$port" -w "$tmp/$v" -t 3600 \
	    -B 4000000
	pid=$!
	wait_for 5 test -e "$tmp/$v/nfcapd.current.$pid" ||
	    fail "$theirs did not start"
	flowgen --to "127.0.0.1:$port" -v $v -n 30000 -r 60000 -e 3 -d 2 \
	    --json >"$tmp/sent.json"
	wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
	end "$pid" TERM
	python3 "$here/_stations.py" want "$tmp/sent.json" >"$tmp/want.txt"
	# In its totals sfcapd has ICMPv6 among what is no ICMP.
	icmp='{ print }'
	[ $v != sflow ] || icmp='/^(icmp|other) / { f += $2; p += $3; b += $4; next }
	    { print } END { print "rest", f, p, b }'
	awk "$icmp" "$tmp/want.txt" >"$tmp/totals.txt"
	python3 "$here/_stations.py" nfdump-I "$tmp/$v" | awk "$icmp" |
	    diff "$tmp/totals.txt" - >&2 || fail "v$v: nfdump -I differs"
	python3 "$here/_stations.py" nfdump-proto "$tmp/$v" |
	    diff "$tmp/want.txt" - >&2 || fail "v$v: nfdump -s proto differs"
	nfdump -R "$tmp/$v" -I | grep -q '^Sequence failures: 0$' ||
	    fail "v$v: sequence numbers are wrong"
	for n in 1 2; do
		flowgen --pcap "$tmp/$n.pcap" -v $v -n 5000 -e 2 -d 2 -s 7 \
		    --start 1795000000 -q
	done
	cmp "$tmp/1.pcap" "$tmp/2.pcap" || fail "v$v: same seed, other bytes"
done

flowgen --files "$tmp/files" --source up -n 20000 --start 1795000200 --json \
    >"$tmp/sent.json"
python3 "$here/_stations.py" want "$tmp/sent.json" >"$tmp/want.txt"
python3 "$here/_stations.py" nfdump-I "$tmp/files/up" |
    diff "$tmp/want.txt" - >&2 || fail "files: nfdump -I differs"
python3 "$here/_stations.py" nfdump-proto "$tmp/files/up" |
    diff "$tmp/want.txt" - >&2 || fail "files: nfdump -s proto differs"
cat "$tmp/want.txt"
