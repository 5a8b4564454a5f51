#!/bin/sh
# What the configuration allows exporters: so many of them, so many templates
# of each; more with a reload, and those that are known go on with fewer.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen" "$bin/nfsen-collector" "$bin/flowgen"

port=$(free_ports 1)
mkdir -p "$live/all"
limits() {
	write_conf "'all' => { 'port' => '$port', 'col' => '#0000aa' }" \
	    "\$CYCLETIME = 3600; $1"
}

reload() {
	python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload |
	    grep -q 'config reloaded' || fail "not reloaded"
}

send() { # exporters
	flowgen --to "127.0.0.1:$port" -v 9 -n 3000 -r 10000 -e "$1" -q
	wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
	# That the profiler does not run is in its exit status.
	nfsen status >"$tmp/status.txt" || :
}

exporters() {
	grep -q "^Exporters: $1, waiting for templates: 0 bytes of at most $2\$" \
	    "$tmp/status.txt" || fail "not $1: $(cat "$tmp/status.txt")"
}

nfsen() {
	NFSEN_CONF=$conf "$bin/nfsen" "$@"
}

# flowgen's exporters announce more than one template.
limits "\$EXPORTERS = 2; \$TEMPLATES = 1; \$WAITINGSIZE = 1;"
start_daemon nfsen-collector
send 3
grep -q '^Exporters: 2 of at most 2, waiting for templates: [1-9]' \
    "$tmp/status.txt" || fail "$(cat "$tmp/status.txt")"
nfsen exporters --json >"$tmp/few.json" || fail "exporters: exit $?"
[ "$(grep -c '"templates_known":1,' "$tmp/few.json")" = 2 ] ||
    fail "templates: $(cat "$tmp/few.json")"

limits "\$EXPORTERS = 3; \$TEMPLATES = 100; \$WAITINGSIZE = 2;"
reload
send 3
exporters "3 of at most 3" 2097152
nfsen exporters --json >"$tmp/more.json" || fail "exporters: exit $?"
[ "$(grep -cE '"templates_known":([2-9]|[1-9][0-9])' "$tmp/more.json")" = 3 ] ||
    fail "templates: $(cat "$tmp/more.json")"

# Who is known stays.
limits "\$EXPORTERS = 1;"
reload
send 3
exporters "3 of at most 1" 67108864
cat "$tmp/status.txt"
