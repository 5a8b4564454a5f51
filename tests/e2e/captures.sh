#!/bin/sh
# Datagrams of real exporters, of every protocol: what Debian's nfdump lists
# from our files equals what nfdump lists from its own collectors' files, field
# by field.  Each capture is a source of its own.  Where we mean to differ,
# captures.differ says in which fields of how many records, and why.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector"
[ -d "$shared/data/flows" ] || skip "the captures are not there"
flows=$shared/data/flows
replay=$shared/tools/replay.py
compare=$shared/tools/compare.py

names=
for f in "$flows"/*.pcap; do
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

n=0 bad=0 equal=0 known=0
for name in $names; do
	n=$((n + 1))
	nfdump -q -R "$live/s$n" -o json >"$tmp/got.json" 2>/dev/null
	[ -z "${KEEP_JSON-}" ] || cp "$tmp/got.json" "$KEEP_JSON/$name.json"
	# shellcheck disable=SC2046  # words
	if ! python3 "$here/_captures.py" "$compare" "$here/captures.differ" \
	    "$name" "$tmp/got.json" $(expected "$name") >"$tmp/diff.txt" 2>&1
	then
		bad=$((bad + 1))
		echo "$name differs:" >&2
		cat "$tmp/diff.txt" >&2
	fi
	if [ "$(tail -n 1 "$tmp/diff.txt")" = equal ]; then
		equal=$((equal + 1))
	else
		known=$((known + 1))
	fi
done
[ $bad -eq 0 ] || fail "$bad of $n captures"
echo "$n captures: $equal equal, $known differ as they are meant to"
