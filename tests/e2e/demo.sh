#!/bin/sh
# make demo: it comes up with a day of history in the graphs, and Ctrl-C
# leaves no process behind.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nginx softflowd rrdtool curl python3 "$bin/nfsen-collector" \
    "$bin/nfsen-profiler" "$bin/nfsen-fcgi" "$bin/nfsen" "$bin/flowgen" \
    "$bin/backdate"

# A shell's background jobs ignore SIGINT, and what they start does too.
DEMO_DIR=$tmp/demo DEMO_PORT=0 python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$root/bench/demo.sh" "$build" \
    >"$tmp/demo.log" 2>&1 </dev/null &
demo=$!
pids="$pids $demo"
up() {
	alive $demo || return 0
	grep -q 'http://127' "$tmp/demo.log"
}
wait_for 60 up || fail "the demo does not come up"
url=$(grep -o 'http://[0-9.:]*' "$tmp/demo.log") || fail "the demo ended"

curl -sf "$url/" >"$tmp/home.html" || fail "no home page"
for rrd in "$tmp"/demo/stat/live/upstream.rrd "$tmp"/demo/stat/web/https.rrd \
    "$tmp"/demo/stat/site/direction/in.rrd; do
	rows=$(rrdtool fetch "$rrd" AVERAGE -s -23h -e -1h |
	    awk '/:/ && $2 > 0' | wc -l)
	[ "$rows" -ge 250 ] || fail "$rrd has $rows slots of history"
done

children=$(ps -eo pid=,args= | awk -v d="$tmp/demo" 'index($0, d) &&
    !/awk/ { print $1 }')
[ -n "$children" ] || fail "no process to be seen"
kill -INT $demo
wait $demo || fail "the demo ended with an error"
for p in $children; do
	! alive "$p" || fail "process $p is left"
done
echo "up and down again"
