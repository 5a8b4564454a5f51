#!/bin/sh
# Random operations on profiles while traffic runs, the profiler killed in
# between and in the middle of them: the tree is always as before or as after,
# and what channels counted is what the same filters find in live.
#
# SEED and OPERATIONS repeat a run or make it longer.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen" "$bin/nfsen-query" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
pa=$1 pb=$2
step=2
seed=${SEED:-$(date +%s)}
echo "seed $seed"
write_conf "'a' => { 'port' => '$pa' }, 'b' => { 'port' => '$pb' }" \
    "\$CYCLETIME = $step;"
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"
start_daemon nfsen-collector
start_daemon nfsen-profiler
for p in $pa $pb; do
	# Ended below: as long as the operations take.
	run_bg flowgen "$bin/flowgen" --to "127.0.0.1:$p" -v 9 -r 500 \
	    -t 600 -s "$p" -q
	sims="${sims-} $!"
done

# Some slots to begin profiles in.
have_past() {
	find "$live/a" -name 'nfcapd.2*' | sed -n 7p | grep -q .
}
wait_for 60 have_past || fail "no flow files"
STEP=$step python3 "$here/_profile_ops.py" "$tmp" "$bin/nfsen-profiler" "$seed" \
    "${OPERATIONS:-80}" "$tmp/checks"

# At least one channel to look at, also when all are gone by chance.
ask() {
	python3 "$here/_ctl.py" "$tmp/run/nfsen.comm" "$@" >"$tmp/out.log" ||
	    fail "$(cat "$tmp/out.log")"
}
ask add-profile profile=sure/last
ask add-channel profile=sure/last channel=tcp '_filter=proto tcp'
ask add-channel profile=sure/last channel=rest '_filter=not proto tcp' sign=-
ask commit-profile profile=sure/last
echo 'sure/last/tcp - live/a:live/b proto tcp' >>"$tmp/checks"
echo 'sure/last/rest - live/a:live/b not proto tcp' >>"$tmp/checks"

last=$(($(date +%s) + 2 * step))
last=$((last - last % step))
updated() {
	[ "$(rrdtool last "$tmp/stat/sure/last/tcp.rrd")" -ge "$last" ]
}
wait_for 30 updated || fail "the RRDs lack slot $last"
for s in $sims; do
	end "$s" TERM
done
end "$(cat "$tmp/run/nfsend.pid")" TERM
end "$(cat "$tmp/run/nfsen-collector.pid")" TERM

# shellcheck disable=SC2094
while read -r channel end sources filter; do
	[ "$end" != - ] || end=$last
	NFDUMP=$bin/nfsen-query python3 "$here/_channel.py" "$tmp" $step \
	    "$end" "$channel" "$sources" "$filter" "$channel"
done <"$tmp/checks"
