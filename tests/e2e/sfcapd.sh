#!/bin/sh
# sFlow: the very same datagrams to our collector and to Debian's sfcapd; what
# nfdump lists of both is the same, field by field.  Deviations have a name in
# sfcapd.differ.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need sfcapd nfdump python3 "$bin/nfsen-collector" "$bin/flowgen"

# The generator's, and real exporters' where the captures are there.
inputs=flowgen
for f in "$shared"/data/flows/sflow*.pcap; do
	[ ! -e "$f" ] || inputs="$inputs $(basename "$f" .pcap)"
done
# shellcheck disable=SC2046,SC2086  # words
set -- $(free_ports $(($(echo $inputs | wc -w) * 3)))
n=0 sources=
for name in $inputs; do
	n=$((n + 1))
	mkdir -p "$live/s$n" "$tmp/theirs.$n"
	echo "$1 $2 $3" >"$tmp/ports.$n"
	sources="$sources 's$n' => { 'port' => '$2', 'col' => '#0000aa',
	    'type' => 'sflow' },"
	shift 3
done
write_conf "$sources" "\$CYCLETIME = 3600;"
start_daemon nfsen-collector
collector=$(cat "$tmp/run/nfsen-collector.pid")
n=0 ins='' outs='' ends=''
for name in $inputs; do
	n=$((n + 1))
	read -r in ours theirs <"$tmp/ports.$n"
	ins="$ins $in" outs="$outs $ours $theirs"
	run_bg "sfcapd.$n" sfcapd -b 127.0.0.1 -p "$theirs" \
	    -w "$tmp/theirs.$n" -t 3600 -B 4000000
	ends="$ends $!"
	run_bg "tee.$n" python3 "$here/_tee.py" "$in" "$ours" "$theirs"
	ends="$! $ends"
done
n=0
for name in $inputs; do
	n=$((n + 1))
	read -r in ours theirs <"$tmp/ports.$n"
	wait_for 20 grep -qx ready "$tmp/tee.$n.log" || fail "no tee"
	wait_for 20 grep -q '^Startup sfcapd' "$tmp/sfcapd.$n.log" ||
	    fail "sfcapd did not start"
	if [ "$name" = flowgen ]; then
		flowgen --to "127.0.0.1:$in" -v sflow -n 5000 -r 5000 -d 2 -q
	else
		python3 "$shared/tools/replay.py" --port "$in" --pps 2000 \
		    "$shared/data/flows/$name.pcap" >"$tmp/replay.log" 2>&1 ||
		    fail "$name: $(cat "$tmp/replay.log")"
	fi
done
# shellcheck disable=SC2086  # words
wait_for 10 udp_empty $ins || fail "datagrams are stuck"
# shellcheck disable=SC2086  # words
wait_for 10 udp_empty $outs || fail "datagrams are stuck"
for p in $ends; do
	end "$p" TERM
done
end "$collector" TERM
n=0 files=
for name in $inputs; do
	n=$((n + 1))
	nfdump -R "$live/s$n" -o json >"$tmp/$name.ours.json" 2>/dev/null || :
	nfdump -R "$tmp/theirs.$n" -o json >"$tmp/$name.theirs.json" \
	    2>/dev/null || :
	files="$files $tmp/$name.ours.json $tmp/$name.theirs.json"
done
# shellcheck disable=SC2086  # words
python3 "$here/_sflow.py" "$here/sfcapd.differ" $files
