#!/bin/sh
# softflowd's v5, v9 and IPFIX: Debian's nfdump lists the same flows from our
# files as from its own nfcapd, fed the same datagrams.
#
# Bugs of nfdump 1.7.1 that are allowed for, by name:
#   IPFIX 21/22   nfcapd takes flowStart for flowEnd and the other way round
#   v9 139        nfcapd does not know ICMPv6 type and code, and stores 0
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfcapd nfdump softflowd python3 "$bin/nfsen-collector" "$bin/nfsen" \
    "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 3)
tee_port=$1 our_port=$2 their_port=$3
capture=$tmp/packets.pcap
flowgen --packets "$capture" -n 3000 --start 1795000000 -q

write_conf "'soft' => { 'port' => '$our_port', 'col' => '#0000ff' }" \
    "\$CYCLETIME = 3600;"
fields='fmt:%ts|%te|%pr|%sa|%sp|%da|%dp|%pkt|%byt|%flg|%stos|%in|%out|%sas|%das'

list() { # folder
	nfdump -q -6 -N -R "$1" -o "$fields" | tr -d ' ' | sort
}

swap_times() { # the bug: start and end in each other's place
	awk -F'|' -v OFS='|' '{ t = $1; $1 = $2; $2 = t; print }' | sort
}

no_icmp6_type() { # the gap: neither side's type and code count
	awk -F'|' -v OFS='|' '$3 == 58 { $7 = "?" } { print }' | sort
}

# -a: the boot time is the first packet's, as if it had watched the packets.
export_once() { # version
	timeout 60 softflowd -d -a -r "$capture" -n "127.0.0.1:$tee_port" \
	    -v "$1" -p "$tmp/softflowd.pid" -c none \
	    >>"$tmp/softflowd.log" 2>&1 || fail "softflowd -v $1"
}

collect() { # version
	theirs=$tmp/theirs.$1
	mkdir -p "$theirs"
	rm -rf "$tmp/data" "$tmp/stat"
	mkdir -p "$tmp/data" "$tmp/stat"
	nfsen reconfig -y >/dev/null
	start_daemon nfsen-collector
	our_pid=$(cat "$tmp/run/nfsen-collector.pid")
	run_bg nfcapd nfcapd -b 127.0.0.1 -p "$their_port" -w "$theirs" \
	    -t 3600 -B 8000000
	their_pid=$!
	wait_for 5 test -e "$theirs/nfcapd.current.$their_pid" ||
	    fail "nfcapd did not start"
	run_bg tee python3 "$here/_tee.py" "$tee_port" "$our_port" \
	    "$their_port"
	tee_pid=$!
	wait_for 5 grep -qx ready "$tmp/tee.log" || fail "no tee"
	export_once "$1"
	# All has passed the tee when both its and the collectors' queues are
	# empty; TERM makes each finish what it has.
	wait_for 5 udp_empty "$tee_port" "$our_port" "$their_port" ||
	    fail "datagrams are stuck"
	end "$tee_pid" TERM
	end "$their_pid" TERM
	end "$our_pid" TERM
	: >"$tmp/tee.log"
}

for v in 5 9 10; do
	collect $v
	list "$live/soft" >"$tmp/ours.txt"
	list "$tmp/theirs.$v" >"$tmp/theirs.txt"
	case $v in
	9) for f in ours theirs; do
		no_icmp6_type <"$tmp/$f.txt" >"$tmp/as-equal.txt"
		mv "$tmp/as-equal.txt" "$tmp/$f.txt"
	done ;;
	10)
		swap_times <"$tmp/theirs.txt" >"$tmp/swapped.txt"
		mv "$tmp/swapped.txt" "$tmp/theirs.txt"
		;;
	esac
	n=$(wc -l <"$tmp/theirs.txt")
	[ "$n" -gt 2000 ] || fail "v$v: nfcapd has only $n flows"
	diff "$tmp/ours.txt" "$tmp/theirs.txt" >"$tmp/diff.txt" || {
		head -n 20 "$tmp/diff.txt" >&2
		fail "v$v: lists differ"
	}
	echo "v$v: $n flows alike"
done
