#!/bin/sh
# Each daemon is in its sandbox once it runs, works there, and tells so;
# $SANDBOX = 'off' leaves it out; what a configuration moves elsewhere is
# refused by name.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 curl nginx "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen-fcgi" "$bin/nfsen" "$bin/flowgen"
[ -e /proc/self/status ] && grep -q '^Seccomp:' /proc/self/status ||
    skip "this kernel has no seccomp"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
port=$1 http=$2

config() { # more statements
	write_conf "'gw' => { 'port' => '$port', 'col' => '#0000ff' }" \
	    "\$CYCLETIME = 5; $1"
}

# Is the process held (2), or not (0)?
held() { # pid
	awk '$1 == "Seccomp:" { print $2 }' "/proc/$1/status"
}

child() { # pid
	ps -o pid= --ppid "$1" | head -n 1 | tr -d ' '
}

start_all() {
	for d in nfsen-collector nfsen-profiler nfsen-fcgi; do
		run_bg $d "$bin/$d" -c "$conf"
		eval "pid_${d#nfsen-}=$!"
	done
	wait_for 10 test -S "$tmp/run/nfsen.comm" || fail "no profiler"
	wait_for 10 test -S "$tmp/run/nfsen-collector.ctl" || fail "no collector"
	wait_for 10 test -S "$tmp/run/fcgi.sock" || fail "no frontend"
	wait_for 10 grep -q started "$tmp/nfsen-profiler.log" ||
	    fail "no profiler"
}

end_all() {
	# shellcheck disable=SC2154  # by eval
	for p in $pid_fcgi $pid_collector $pid_profiler; do
		end "$p" TERM
	done
}

config ''
nfsen reconfig -y >/dev/null
start_all
if ! grep -hE 'sandbox.*calls=seccomp' "$tmp"/*.log | wc -l | grep -qx 3; then
	why=$(grep -hE 'sandbox' "$tmp/nfsen-collector.log" | tail -n 1)
	end_all
	skip "not all is held here: $why"
fi
worker=$(child "$pid_fcgi")
for p in $pid_collector $pid_profiler $worker; do
	[ "$(held "$p")" = 2 ] || fail "process $p is not held"
done
# who starts commands for it is not
helper=$(child "$pid_collector")
[ "$(held "$helper")" = 0 ] || fail "the collector's helper is held"

# they work
flowgen --to "127.0.0.1:$port" -v 9 -n 1000 -r 5000 >/dev/null
start_nginx "$http"
published() {
	[ -n "$(find "$live/gw" -name 'nfcapd.2*' -size +1k)" ]
}
wait_for 15 published || fail "no flow file"
curl -sf -o "$tmp/graph.png" \
    "http://127.0.0.1:$http/p/live/graph.png?width=400" || fail "no graph"
nfsen reload >/dev/null || fail "no reload"

# what lies elsewhere takes a restart, and the running ones stay
mkdir -p "$tmp/elsewhere"
config "\$PROFILEDATADIR = \"$tmp/elsewhere\";"
nfsen reload >"$tmp/out.log" 2>&1 && fail "a reload to folders out of reach"
[ "$(grep -c 'PROFILEDATADIR has changed: restart needed' "$tmp/out.log")" = 2 ] ||
    fail "not told what has moved: $(cat "$tmp/out.log")"
config ''
nfsen reload >/dev/null || fail "no reload after a refused one"
end_all

# and without
config "\$SANDBOX = 'off';"
rm -f "$tmp"/nfsen-*.log
start_all
for p in $pid_collector $pid_profiler $(child "$pid_fcgi"); do
	[ "$(held "$p")" = 0 ] || fail "process $p is held although it is off"
done
end_all
echo "three daemons held, and let go"
