#!/bin/sh
# Datagrams of real exporters: what Debian's nfdump lists from our files equals
# what it lists from its own nfcapd's.  Each capture is a source of its own.
# Where we mean to differ from 1.7.1, tests/e2e/captures.differ says why.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector"
[ -d "$shared/data/flows" ] || skip "the captures are not there"
flows=$shared/data/flows
replay=$shared/tools/replay.py
compare=$shared/tools/compare.py

names=
for f in "$flows"/v5_*.pcap "$flows"/v9_*.pcap "$flows"/ipfix_*.pcap; do
	names="$names $(basename "$f" .pcap)"
done
n=0 sources=
# shellcheck disable=SC2046,SC2086  # words
for port in $(free_ports $(echo $names | wc -w)); do
	n=$((n + 1))
	mkdir -p "$live/s$n"
	sources="$sources 's$n' => { 'port' => '$port', 'col' => '#0000aa' },"
	echo "$port" >"$tmp/port.$n"
done
write_conf "$sources" "\$CYCLETIME = 3600;"
start_daemon nfsen-collector
n=0
for name in $names; do
	n=$((n + 1))
	python3 "$replay" --port "$(cat "$tmp/port.$n")" --pps 4000 \
	    "$flows/$name.pcap" >"$tmp/replay.$n" 2>&1 ||
	    fail "$name: $(cat "$tmp/replay.$n")"
done
# shellcheck disable=SC2046  # words
wait_for 5 udp_empty $(cat "$tmp"/port.*) || fail "datagrams are stuck"
collector=$(cat "$tmp/run/nfsen-collector.pid")
end "$collector" TERM

# Its records as nfdump 1.7.1 and as the development version had them.
expected() { # name
	for e in "$flows/$1".171.json "$flows/$1".head.json; do
		[ ! -e "$e" ] || echo "$e"
		[ ! -e "$e.gz" ] || echo "$e.gz"
	done
}

# The name of the reason, "" when none is given.
differs() { # name
	sed -n "s/^$1	//p" "$here/captures.differ"
}

same() { # expected...: one of them is what we have
	for e; do
		python3 "$compare" --ignore "$others" "$e" "$tmp/got.json" \
		    >"$tmp/diff.txt" 2>&1 && return 0
	done
	return 1
}

# Exporters have other addresses here, and the version adds fields.
others=router,export_sysid,sampled
n=0 bad=0 equal=0 known=0
for name in $names; do
	n=$((n + 1))
	nfdump -q -R "$live/s$n" -o json >"$tmp/got.json" 2>/dev/null
	rc=0
	reason=$(differs "$name")
	# shellcheck disable=SC2046  # words
	set -- $(expected "$name")
	[ -z "$reason" ] || set -- "$1"
	case $reason,$1 in
	?*,*.gz) rc=1 ;; # minutes to compare, to learn what we know
	*) same "$@" || rc=1 ;;
	esac
	if [ $rc -eq 0 ]; then
		equal=$((equal + 1))
		[ -z "$reason" ] || {
			echo "$name is equal, but captures.differ has it" >&2
			bad=$((bad + 1))
		}
	elif [ -n "$reason" ]; then
		known=$((known + 1))
	else
		echo "$name differs:" >&2
		tail -n 12 "$tmp/diff.txt" >&2
		bad=$((bad + 1))
	fi
done
[ $bad -eq 0 ] || fail "$bad of $n captures"
echo "$n captures: $equal equal, $known differ as they are meant to"
