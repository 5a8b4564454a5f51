#!/bin/sh
# Sources come and go every second, files rotate every second, and in the
# middle another binary takes the collector's place: flows written = flows
# sent.  A binary or config that is no good leaves the running one alone.
#   UPGRADE_S=60 tests/e2e/upgrade.sh build    for so many seconds
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/nfsen" "$bin/flowgen"
seconds=${UPGRADE_S:-10}
receivers=3
[ "$(uname -s)" = Linux ] || receivers=1

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
pa=$1 pb=$2
ctl=$tmp/run/nfsen-collector.ctl
pidfile=$tmp/run/nfsen-collector.pid
a="'a' => { 'port' => '$pa', 'col' => '#aa0000' },"
b="'b' => { 'port' => '$pb', 'col' => '#00aa00' },"
# As a package does it, the program is replaced under its name.
mkdir "$tmp/bin"
cp "$bin/nfsen-collector" "$bin/nfsen" "$tmp/bin/"

ask() { # command
	python3 "$here/_ctl.py" "$ctl" "$@"
}

config() { # sources
	write_conf "$1" "\$CYCLETIME = 1; \$RECEIVERS = $receivers;"
}

inode() { # port: the kernel's numbers of its sockets
	awk -v p="$(printf ':%04X' "$1")\$" '$2 ~ p { print $10 }' \
	    /proc/net/udp /proc/net/udp6
}

flows() { # source
	python3 "$here/_stations.py" nfdump-I "$live/$1" 2>/dev/null |
	    awk '$1 == "any" { print $2 }'
}

sent() { # json
	python3 "$here/_stations.py" want "$1" | awk '$1 == "any" { print $2 }'
}

pid() {
	cat "$pidfile"
}

config "$a $b"
nfsen reconfig -y >/dev/null
"$tmp/bin/nfsen-collector" -c "$conf" -D >"$tmp/start.log" 2>&1 ||
    fail "no start: $(cat "$tmp/start.log")"
first=$(pid)
socket=$(inode "$pa" | sort)
[ "$(echo "$socket" | wc -l)" -eq "$receivers" ] ||
    fail "$receivers sockets expected: $socket"
flowgen --to "127.0.0.1:$pa" -v 9 -e 3 -d 2 -r 5000 -t "$((seconds + 2))" \
    --json >"$tmp/a.json" &
traffic=$!

# ---- what is no good changes nothing ------------------------------------------
replace() { # program: put it in the collector's place
	cp "$1" "$tmp/bin/new"
	chmod 755 "$tmp/bin/new"
	mv "$tmp/bin/new" "$tmp/bin/nfsen-collector"
}
refused() { # pattern
	ask upgrade >"$tmp/reply.txt" && fail "an upgrade to nothing went through"
	grep -q "$1" "$tmp/reply.txt" || fail "not '$1': $(cat "$tmp/reply.txt")"
	[ "$(pid)" = "$first" ] || fail "the pid file has changed"
	alive "$first" || fail "the collector has ended"
	ask status >/dev/null || fail "no answer after a refused upgrade"
}
printf '#!/bin/sh\necho it is broken >&2\nexit 1\n' >"$tmp/broken"
replace "$tmp/broken"
refused 'it is broken'
rm "$tmp/bin/nfsen-collector"
refused 'cannot be started'
# One that gives up when the old one has stopped to receive, and one that does
# when it has finished its files: the old one begins again.
for last in ready receiving; do
	cat >"$tmp/quitter" <<-SH
		#!/bin/sh
		exec python3 "$here/_successor.py" $last
	SH
	replace "$tmp/quitter"
	refused 'the new collector ended'
done
replace "$bin/nfsen-collector"
cp "$conf" "$tmp/good.conf"
echo "\$CYCLETIME = 'x';" >"$conf"
refused 'nfsen.conf:1:'
cp "$tmp/good.conf" "$conf"

# ---- every second something changes ---------------------------------------------
second=0
upgraded=
while [ $second -lt "$seconds" ]; do
	now=$(date +%s)
	if [ $((second % 2)) = 0 ]; then config "$a"; else config "$a $b"; fi
	nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 ||
	    fail "reconfig: $(cat "$tmp/reconfig.log")"
	if [ $second = $((seconds / 2)) ]; then
		nfsen upgrade >"$tmp/reply.txt" 2>&1 ||
		    fail "upgrade: $(cat "$tmp/reply.txt")"
		upgraded=$(pid)
		[ "$upgraded" != "$first" ] || fail "nobody else took over"
		grep -qxF "Upgrade nfcapd:[$first] -> [$upgraded]" "$tmp/reply.txt" ||
		    fail "another pid: $(cat "$tmp/reply.txt")"
	fi
	second=$((second + 1))
	while [ "$(date +%s)" = "$now" ]; do sleep 0.02; done
done
[ -n "$upgraded" ] || fail "no upgrade"
wait_for 5 sh -c "! kill -0 $first 2>/dev/null" || fail "the old one stays"
ask status >"$tmp/reply.txt"
grep -qx "pid=$upgraded" "$tmp/reply.txt" || fail "another one answers"

# and once more by signal, to one that came by upgrade itself
kill -USR2 "$upgraded"
changed() {
	[ "$(pid)" != "$upgraded" ] && ask status
}
wait_for 10 changed || fail "no upgrade by signal"
last=$(pid)
wait $traffic || fail "the simulator failed"
wait_for 5 udp_empty "$pa" || fail "datagrams are stuck"
[ "$(inode "$pa" | sort)" = "$socket" ] || fail "a socket was opened anew"
kill -TERM "$last"
wait_for 10 test ! -e "$pidfile" || fail "the last one does not end"
[ "$(flows a)" = "$(sent "$tmp/a.json")" ] ||
    fail "$(sent "$tmp/a.json") flows sent, $(flows a) written"
[ -z "$(find "$live" -name 'nfcapd.current*')" ] || fail "a file is left open"
[ -z "$(find "$tmp/run" -name '*.old')" ] || fail "a socket is left"
echo "$(flows a) flows in $seconds s, $seconds reconfigs, 2 upgrades"
