#!/bin/sh
# Totals by protocol are the same, to the unit, at every station: what the
# simulator sent, our files read by Debian's nfdump, nfsen-query, live's RRDs,
# an `any` channel's RRD and files.  v5, v9 and IPFIX at once, several
# exporters and observation domains, IPv4 and IPv6, over several slots.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 3)
step=4
write_conf "
	'five'  => { 'port' => '$1', 'col' => '#aa0000' },
	'nine1' => { 'port' => '$2', 'col' => '#00aa00', 'IP' => '127.0.2.1' },
	'nine2' => { 'port' => '$2', 'col' => '#00aaaa', 'IP' => '127.0.2.2' },
	'ten'   => { 'port' => '$3', 'col' => '#0000aa' }" "
\$CYCLETIME = $step;
\$BINDADDR = undef; # all addresses: one exporter comes over IPv6
%profiles = (
	'all' => { 'description' => 'everything', 'type' => 'continuous',
	    'channels' => {
		'any' => { 'filter' => 'any', 'sources' => '*',
		    'col' => '#123456', 'sign' => '+', 'order' => 1 } } },
	'group/parts' => { 'description' => 'shadow', 'type' => 'continuous',
	    'shadow' => 1, 'channels' => {
		'web' => { 'filter' => 'port 443 or port 80', 'sources' => '*',
		    'col' => '#aa00aa', 'sign' => '+', 'order' => 1 },
		'rest' => { 'filter' => 'not (port 443 or port 80)',
		    'sources' => '*', 'col' => '#aaaa00', 'sign' => '-',
		    'order' => 1 } } } );"
nfsen reconfig -y >/dev/null
nfsen start >/dev/null
pids="$pids $(cat "$tmp/run/nfsen-collector.pid" "$tmp/run/nfsend.pid")"

flowgen --to "127.0.0.1:$1" -v 5 -e 3 -d 2 -r 4000 -t 9 --json \
    >"$tmp/five.1.json" &
a=$!
flowgen --to "127.0.0.1:$2" -v 9 -e 1 -d 3 -r 4000 -t 9 -s 2 --from 127.0.2.1 \
    --json >"$tmp/nine1.1.json" &
b=$!
flowgen --to "127.0.0.1:$2" -v 9 -e 1 -d 1 -r 4000 -t 9 -s 3 --from 127.0.2.2 \
    --json >"$tmp/nine2.1.json" &
c=$!
ten=127.0.0.1
[ ! -s /proc/net/if_inet6 ] || ten='[::1]'
flowgen --to "$ten:$3" -v 10 -e 1 -d 2 -r 2000 -t 9 -s 5 --json \
    >"$tmp/ten.2.json" &
d=$!
flowgen --to "127.0.0.1:$3" -v 10 -e 4 -d 2 -r 4000 -t 9 -s 4 --json \
    --from 127.0.3.1 >"$tmp/ten.1.json"
wait $a && wait $b && wait $c && wait $d
sent_until=$(date +%s)
want_slot=$((sent_until - sent_until % step)) # the last that has flows

slot_done() { # all RRDs of all profiles hold the last slot
	for f in "$tmp"/stat/live/*.rrd "$tmp"/stat/all/any.rrd \
	    "$tmp"/stat/group/parts/*.rrd; do
		[ "$(rrdtool last "$f")" -ge "$want_slot" ] || return 1
	done
}
wait_for $((3 * step)) slot_done || fail "RRDs lack slot $want_slot"
[ $(($(date +%s) - want_slot - step)) -le 3 ] ||
    fail "RRDs were updated later than a second after the slot's end"

station() {
	python3 "$here/_stations.py" "$@"
}

check() { # name wanted station...
	name=$1 wanted=$2
	shift 2
	station "$@" >"$tmp/got.txt" || fail "$name: cannot be read"
	diff "$wanted" "$tmp/got.txt" >&2 || fail "$name: totals differ"
}

for s in five nine1 nine2 ten; do
	station want "$tmp/$s".*.json >"$tmp/$s.txt"
	awk '$2 == 0 { exit 1 }' "$tmp/$s.txt" || fail "$s: a class is empty"
	check "$s: nfdump -I" "$tmp/$s.txt" nfdump-I "$live/$s"
	check "$s: nfdump -s proto" "$tmp/$s.txt" nfdump-proto "$live/$s"
	check "$s: RRD of live" "$tmp/$s.txt" rrd "$tmp/stat/live/$s.rrd"
	[ ! -x "$bin/nfsen-query" ] || {
		check "$s: nfsen-query -I" "$tmp/$s.txt" \
		    query-I "$bin/nfsen-query" "$live/$s"
		check "$s: nfsen-query -s proto" "$tmp/$s.txt" \
		    query-proto "$bin/nfsen-query" "$live/$s"
	}
done
station want "$tmp"/*.json >"$tmp/all.txt"
check "any channel: RRD" "$tmp/all.txt" rrd "$tmp/stat/all/any.rrd"
check "any channel: files" "$tmp/all.txt" nfdump-I "$tmp/data/all/any"

station rrd "$tmp/stat/group/parts/web.rrd" >"$tmp/web.txt"
station rrd "$tmp/stat/group/parts/rest.rrd" | paste -d' ' "$tmp/web.txt" - |
    awk '{ print $1, $2 + $6, $3 + $7, $4 + $8 }' >"$tmp/parts.txt"
diff "$tmp/all.txt" "$tmp/parts.txt" >&2 || fail "web and rest are not all"
nfsen stop >/dev/null
cat "$tmp/all.txt"
