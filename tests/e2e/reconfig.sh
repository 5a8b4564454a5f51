#!/bin/sh
# Sources and profiles come, change and go while traffic runs.  The sockets of
# the other sources stay as they are and not one of their flows is lost.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 4)
pa=$1 pb=$2 pc=$3 pd=$4
step=2

settings= # others than everybody's
config() { # %sources, %profiles
	sources=$1 profiles=$2
	write_conf "$1" "\$CYCLETIME = $step; $settings %profiles = ( $2 );"
}

# reconfig, with every line it must say.
reconfig() { # line...
	echo y | nfsen reconfig >"$tmp/out.log" 2>&1 || {
		cat "$tmp/out.log" >&2
		fail "reconfig failed"
	}
	for line; do
		grep -qxF -- "$line" "$tmp/out.log" || {
			cat "$tmp/out.log" >&2
			fail "'$line' was not said"
		}
	done
	nfsen reconfig >"$tmp/again.log" 2>&1 || fail "second reconfig failed"
	grep -qx 'Reconfig: No changes found!' "$tmp/again.log" || {
		cat "$tmp/again.log" >&2
		fail "reconfig left something"
	}
}

# The kernel's number of the socket on a UDP port; nothing when there is none.
inode() { # port
	hex=$(printf ':%04X' "$1")
	awk -v p="$hex\$" '$2 ~ p { print $10 }' /proc/net/udp /proc/net/udp6
}

gone() { # path...
	for f; do
		[ ! -e "$f" ] || fail "$f is left"
	done
}

# Flows that nfdump finds in a source's finished files.
flows() { # source
	python3 "$here/_stations.py" nfdump-I "$live/$1" 2>/dev/null |
	    awk '$1 == "any" { print $2 }'
}

sent() { # json
	python3 "$here/_stations.py" want "$1" | awk '$1 == "any" { print $2 }'
}

a="'a' => { 'port' => '$pa', 'col' => '#aa0000' },"
b="'b' => { 'port' => '$pb', 'col' => '#00aa00' },"
c="'c' => { 'port' => '$pc', 'col' => '#0000aa' },"
all="'all' => { 'channels' => { 'any' => { 'col' => '#123456' } } },"
web="'web' => { 'channels' => {
	'https' => { 'filter' => 'port 443', 'sources' => 'a', 'col' => '#00ff00' },
	'http' => { 'filter' => 'port 80', 'sources' => 'a', 'col' => '#ff0000' } } },"

config "$a $b" "$all"
reconfig 'New sources to configure : a b' "Add source 'a'" 'Reconfig done!'
nfsen start >"$tmp/start.log" 2>&1 || fail "start: $(cat "$tmp/start.log")"
collector=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $collector $(cat "$tmp/run/nfsend.pid")"
socket=$(inode "$pa")
[ -n "$socket" ] || fail "nothing listens on the port of a"

flowgen --to "127.0.0.1:$pa" -v 9 -r 4000 -t 12 --json >"$tmp/a.json" &
traffic=$!

# one more source, one more profile
config "$a $b $c" "$all $web"
nfsen start >"$tmp/out.log" 2>&1 && fail "start with other sources went on"
reconfig 'New sources to configure : c' 'New profiles to configure : web' \
    "Add source 'c'" "Add profile 'web'" \
    "Start collector on port '$pc' for (c)[$collector]" 'Reconfig done!'
[ -n "$(inode "$pc")" ] || fail "nothing listens on the port of c"
flowgen --to "127.0.0.1:$pc" -v 10 -n 3000 -r 6000 --json >"$tmp/c.json"
flowgen --to "127.0.0.1:$pb" -v 5 -n 3000 -r 6000 --json >"$tmp/b.json"
all_of() { # source
	[ "$(flows "$1")" = "$(sent "$tmp/$1.json")" ]
}
wait_for $((3 * step)) all_of c || fail "flows of c: $(flows c)"
wait_for $((3 * step)) all_of b || fail "flows of b: $(flows b)"
file_of() { # channel of a profile
	[ -n "$(find "$tmp/data/$1" -name 'nfcapd.2*')" ]
}
wait_for $((3 * step)) file_of web/https || fail "profile web has no file"

# one source moves to another port, one goes, a filter changes
config "$a 'c' => { 'port' => '$pd', 'col' => '#0000aa' }," \
    "$all $(echo "$web" | sed 's/port 80/port 81/')"
reconfig 'Remove configured sources: b' "Change source 'c': port $pd" \
    "Change profile 'web': channel http: filter" \
    "Delete source 'b' Stop running collector on port '$pb' (b)[$collector]." \
    'Reconfig done!'
[ -z "$(inode "$pb")" ] || fail "the port of b is still open"
[ -z "$(inode "$pc")" ] || fail "the old port of c is still open"
[ -n "$(inode "$pd")" ] || fail "nothing listens on the new port of c"
gone "$live/b" "$tmp/stat/live/b.rrd"
grep -qx 'port 81' "$tmp/stat/web/http-filter.txt" || fail "old filter of web"
nfsen status >"$tmp/status.log" 2>&1 || fail "status: $(cat "$tmp/status.log")"
grep -q "^Source 'a': port $pa, 1 exporter, last datagram . s ago, .*, lost: 0$" \
    "$tmp/status.log" || fail "status: $(cat "$tmp/status.log")"

# a profile goes
config "$a 'c' => { 'port' => '$pd', 'col' => '#0000aa' }," "$all"
reconfig 'Remove configured profiles: web' "Delete profile 'web'"
gone "$tmp/stat/web" "$tmp/data/web"

# a source has other senders
config "$a 'c' => { 'port' => '$pd', 'col' => '#0000aa',
    'IP' => '127.0.2.1;127.0.1.0/24' }," "$all"
reconfig "Change source 'c': IP"

kill -0 $traffic || fail "the traffic ended before the test did"
wait $traffic || fail "the simulator failed"
[ "$(inode "$pa")" = "$socket" ] || fail "the socket of a was touched"
[ "$(cat "$tmp/run/nfsen-collector.pid")" = "$collector" ] ||
    fail "the collector was started again"

# profiles that begin in the past are built from what live has, and go on
first=$(($(date +%s) - 8))
first=$((first - first % step))
iso() {
	date -d "@$1" +%Y%m%d%H%M%S
}
config "$a 'c' => { 'port' => '$pd', 'col' => '#0000aa',
    'IP' => '127.0.2.1;127.0.1.0/24' }," "$all
    'g/old' => { 'type' => 'history', 'tstart' => '$(iso $first)',
	'tend' => '$(iso $((first + step)))', 'channels' => {
	'tcp' => { 'filter' => 'proto tcp', 'sources' => 'a' } } },
    'past' => { 'tstart' => '$(iso $first)', 'channels' => {
	'tcp' => { 'filter' => 'proto tcp', 'sources' => 'a' } } },"
reconfig 'New profiles to configure : past g/old' "Add profile 'g/old'" \
    "Add profile 'past'" \
    "  profile 'past': live's flows since $(iso $first) are read again"
built() {
	grep -qx 'status = OK' "$tmp/stat/past/profile.dat" &&
	    grep -qx 'status = OK' "$tmp/stat/g/old/profile.dat"
}
wait_for 30 built || fail "not built: $(cat "$tmp/stat/past/profile.dat")"
# what only the profiler goes by
newest() { # channel of a profile
	find "$tmp/data/$1" -name 'nfcapd.2*' -printf '%T@ %p\n' | sort -n |
	    sed -n '$s/^[^ ]* //p'
}
in_bzip2() {
	nfdump -v "$(newest past/tcp)" 2>&1 | grep -qi bz2
}
in_bzip2 && fail "packed with bzip2 before anybody wanted that"
settings='$ZIPprofiles = "-z=bz2"; $DISKLIMIT = 97; $FILTERDIR = "/f";'
config "$sources" "$profiles"
reconfig "Change the profiler's settings: \$ZIPprofiles, \$DISKLIMIT" \
    'Wait for a restart of the profiler: $FILTERDIR' 'Reconfig done!'
wait_for 15 in_bzip2 || fail "not packed so: $(nfdump -v "$(newest past/tcp)")"

last=$(($(date +%s) + step))
last=$((last - last % step))
followed() {
	[ "$(rrdtool last "$tmp/stat/past/tcp.rrd")" -ge $last ]
}
wait_for 15 followed || fail "past is not followed"

nfsen stop >/dev/null || fail "stop failed"
gone "$live/b" # nor made again by what was still being written
[ "$(flows a)" = "$(sent "$tmp/a.json")" ] ||
    fail "a: $(sent "$tmp/a.json") flows sent, $(flows a) found"
for p in past g/old; do
	grep -qx "tstart = $first" "$tmp/stat/$p/profile.dat" ||
	    fail "$p: $(cat "$tmp/stat/$p/profile.dat")"
done
python3 "$here/_channel.py" "$tmp" $step $last past/tcp live/a 'proto tcp' past/tcp
python3 "$here/_channel.py" "$tmp" $step $((first + step)) g/old/tcp live/a \
    'proto tcp' g/old/tcp
echo "$(flows a) flows through reconfigs"
