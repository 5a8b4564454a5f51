#!/bin/sh
# The profiler behind the real collector: every RRD row is what nfdump says of
# the slot's files, every channel file is what nfdump's filter gives, also
# when the profiler is killed again and again, at the ends of slots above all.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
pa=$1 pb=$2
step=2
sources="'a' => { 'port' => '$pa' }, 'b' => { 'port' => '$pb' }"
channels="'web' => { 'filter' => 'proto tcp and (port 80 or port 443)' },
    'dns' => { 'filter' => 'proto udp and port 53', 'sources' => 'b',
	'sign' => '-' },
    'big' => { 'filter' => 'bytes > 20000 and not net 10.0.0.0/9' }"
config() { # more channels
	write_conf "$sources" "\$CYCLETIME = $step;
%profiles = ( 'p' => { 'channels' => { $channels $1 } },
    'g/sh' => { 'shadow' => 1, 'channels' => {
	'all' => { 'filter' => 'any' } } } );"
}
config ''
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"
start_daemon nfsen-collector
start_daemon nfsen-profiler
for p in $pa $pb; do
	"$bin/flowgen" --to "127.0.0.1:$p" -v 9 -r 3000 -t 16 -s "$p" -q &
	pids="$pids $!"
	sims="${sims-} $!"
done

killed() {
	p=$(cat "$tmp/run/nfsend.pid")
	kill -9 "$p"
	while kill -0 "$p" 2>/dev/null; do sleep 0.01; done
	start_daemon nfsen-profiler
}

# a slot's end is where files are published and databases written
n=0
while [ $n -lt 6 ]; do
	while :; do
		ms=$(($(date +%s%3N) % (step * 1000)))
		[ $ms -lt $((40 + n * 40)) ] || [ $ms -gt $((100 + n * 60)) ] ||
		    break
		sleep 0.01
	done
	killed
	n=$((n + 1))
done

# a channel added while a slot runs
config ", 'icmp' => { 'filter' => 'proto icmp' }"
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || {
	cat "$tmp/reconfig.log" >&2
	fail "second reconfig failed"
}
[ -e "$tmp/stat/p/icmp.rrd" ] || fail "no database for the new channel"

for s in $sims; do
	wait "$s" || fail "the simulator failed"
done
last=$(date +%s)
last=$((last - last % step))
updated() {
	[ "$(rrdtool last "$tmp/stat/g/sh/all.rrd")" -ge "$last" ]
}
wait_for 15 updated || fail "the RRDs lack slot $last"
end "$(cat "$tmp/run/nfsend.pid")" TERM
end "$(cat "$tmp/run/nfsen-collector.pid")" TERM
[ ! -e "$tmp/run/nfsend.pid" ] || fail "a pid file is left"
[ -z "$(find "$tmp/data" -name 'nfprofile.*')" ] || fail "files are left over"

python3 "$here/_channel.py" "$tmp" $step "$last" live/a live/a 'any' -
python3 "$here/_channel.py" "$tmp" $step "$last" live/b live/b 'any' -
python3 "$here/_channel.py" "$tmp" $step "$last" g/sh/all live/a:live/b 'any' -
python3 "$here/_channel.py" "$tmp" $step "$last" p/web live/a:live/b \
    'proto tcp and (port 80 or port 443)' p/web
python3 "$here/_channel.py" "$tmp" $step "$last" p/dns live/b \
    'proto udp and port 53' p/dns
python3 "$here/_channel.py" "$tmp" $step "$last" p/big live/a:live/b \
    'bytes > 20000 and not net 10.0.0.0/9' p/big
python3 "$here/_channel.py" "$tmp" $step "$last" p/icmp live/a:live/b \
    'proto icmp' p/icmp
