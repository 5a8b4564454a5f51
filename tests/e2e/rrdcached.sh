#!/bin/sh
# RRD updates through Debian's rrdcached: it holds them back, and whoever
# reads gets them all the same; stops, kills and changes of profiles lose
# none, nor does a daemon that is gone.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need rrdcached rrdtool nfdump python3 "$build/tests/tools/page" "$bin/nfsen-collector" \
    "$bin/nfsen-profiler" "$bin/nfsen" "$bin/flowgen"

port=$(free_ports 1)
step=2
sock=$tmp/rrd.sock
write_conf "'a' => { 'port' => '$port' }" "\$CYCLETIME = $step;
\$COMMSOCKET = '$tmp/run/nfsen.comm'; \$RRDCACHED = 'unix:$sock';
%profiles = ( 'p' => { 'channels' => {
    'tcp' => { 'filter' => 'proto tcp' } } } );"
cached() { # nothing is written of its own accord within this test
	mkdir -p "$tmp/journal"
	run_bg rrdcached rrdcached -g -F -l "unix:$sock" -w 3600 -f 7200 \
	    -j "$tmp/journal" -p "$tmp/rrdcached.pid" -b "$tmp/stat"
	daemon=$!
	wait_for 10 test -S "$sock" || fail "rrdcached did not start"
}
values() { # database: slots that it has data of, in the file itself
	rrdtool fetch "$1" AVERAGE -r $step -s "$begin" -e "$(date +%s)" |
	    grep -c ': [0-9]' || :
}
written() { # what rrdcached was given
	python3 - "$sock" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
f = s.makefile('rw')
f.write('STATS\n')
f.flush()
n = int(f.readline().split()[0])
for _ in range(n):
    k, v = f.readline().split(': ')
    if k == 'UpdatesReceived':
        print(v.strip())
PY
}
given() { [ "$(written)" -ge "$1" ]; }

cached
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"
begin=$(date +%s)
start_daemon nfsen-collector
start_daemon nfsen-profiler
"$bin/flowgen" --to "127.0.0.1:$port" -v 9 -r 1000 -t 30 -q &
pids="$pids $!"
sim=$!

# Held back, and there for who asks.
wait_for 20 given 8 || fail "rrdcached gets no updates: $(written)"
[ "$(values "$tmp/stat/p/tcp.rrd")" -eq 0 ] || fail "the file was written"
"$build/tests/tools/page" "$conf" "$(date +%s)" \
    "/p/live/graph.png?ch=a&plain=1" >"$tmp/graph.png" || fail "no graph"
[ "$(values "$tmp/stat/live/a.rrd")" -ge 3 ] ||
    fail "a graph is drawn without what rrdcached has"

# A change of the profile has the files written before they move.
nfsen profile modify p newgroup=g >"$tmp/move.out" 2>&1 ||
    fail "move: $(cat "$tmp/move.out")"
[ "$(values "$tmp/stat/g/p/tcp.rrd")" -ge 3 ] || fail "a move lost slots"

# The profiler killed: what rrdcached has is known to the next one.
p=$(cat "$tmp/run/nfsend.pid")
kill -9 "$p"
while kill -0 "$p" 2>/dev/null; do sleep 0.01; done
start_daemon nfsen-profiler

# rrdcached gone (its journal comes back with the next one): direct.
wait_for 20 given 14 || fail "no updates after the kill"
end "$daemon" TERM
rm -f "$sock"
before=$(values "$tmp/stat/live/a.rrd")
more() { [ "$(values "$tmp/stat/live/a.rrd")" -gt "$before" ]; }
wait_for 20 more || fail "without rrdcached nothing is written"
cached
wait "$sim" || fail "the simulator failed"
last=$(date +%s)
last=$((last - last % step))
done_until() {
	[ "$(sed -n 's/^updated = //p' "$tmp/stat/live/profile.dat")" -ge "$last" ]
}
wait_for 20 done_until || fail "the profiler lags"
end "$(cat "$tmp/run/nfsend.pid")" TERM
end "$(cat "$tmp/run/nfsen-collector.pid")" TERM

# After a stop everything is in the files, each slot as nfdump counts it.
python3 "$here/_channel.py" "$tmp" $step "$last" live/a live/a 'any' - ||
    fail "live/a"
python3 "$here/_channel.py" "$tmp" $step "$last" g/p/tcp live/a \
    'proto tcp' g/p/tcp || fail "g/p/tcp"
sed -i "s|'unix:$sock'|'10.0.0.1:42217'|" "$conf"
! nfsen --check >"$tmp/bad.out" 2>&1 || fail "a network address was taken"
grep -q 'unix:/run' "$tmp/bad.out" || fail "$(cat "$tmp/bad.out")"
