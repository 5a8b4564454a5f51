#!/bin/sh
# 100 000 exporters that nobody knows send templates, and data without: the
# collector stays within what collector/source.h says, and an exporter from
# before is understood as well as ever.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/flowgen"

port=$(free_ports 1)
write_conf "'all' => { 'port' => '$port', 'col' => '#0000aa' }" \
    "\$CYCLETIME = 3600;"
mkdir -p "$live/all"

ask() { # the source's counter $1
	python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" status |
	    grep '^_source=' | tr ' ' '\n' | sed -n "s/^$1=//p"
}

heard() { # n datagrams
	[ "$(ask datagrams)" -ge "$1" ]
}

start_daemon nfsen-collector
pid=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $pid"
flowgen --to "127.0.0.1:$port" -v 9 -n 1000 -r 5000 --from 127.0.0.9 \
    --json >"$tmp/known.1.json"
wait_for 5 udp_empty "$port"
was=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
n=$(ask datagrams)
python3 "$here/_spoof.py" "$port" 100000
wait_for 20 udp_empty "$port" || fail "datagrams are stuck"
wait_for 20 heard $((n + 90000)) || fail "$(ask datagrams) datagrams"
exporters=$(ask exporters)
[ "$exporters" -gt 60000 ] && [ "$exporters" -le 65535 ] ||
    fail "$exporters exporters"
flowgen --to "127.0.0.1:$port" -v 9 -n 1000 -r 5000 -s 2 --from 127.0.0.9 \
    --template-delay 1000000 --json >"$tmp/known.2.json"
wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
sleep 6 # the file of templates is being written
rss=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
end "$pid" TERM

# 235 MB for exporters, 64 for the file of templates, a queue of 64.
if [ -z "${ASAN_BUILD-}" ] && [ "$rss" -gt $((was + 363 * 1024)) ]; then
	fail "$rss kB, was $was"
fi
python3 "$here/_stations.py" want "$tmp"/known.*.json >"$tmp/want.txt"
python3 "$here/_stations.py" nfdump-I "$live/all" |
    diff "$tmp/want.txt" - >&2 || fail "nfdump -I differs"
echo "$exporters exporters, $(((rss - was) / 1024)) MB"
