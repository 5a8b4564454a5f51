#!/bin/sh
# Profiles with a past are built in the background while live slots come in,
# and builder and profiler are killed on the way: in the end every slot is
# there once.  A build that is canceled is a history of what was built; what
# is too old goes while all that goes on.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen" "$bin/flowgen" "$bin/nfsen-query"
export QUERY="$bin/nfsen-query"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
step=2
write_conf "'a' => { 'port' => '$1' }, 'b' => { 'port' => '$2' }" \
    "\$CYCLETIME = $step;
%profiles = ( 'p' => { 'channels' => {
	'tcp' => { 'filter' => 'proto tcp' },
	'rest' => { 'filter' => 'not proto tcp', 'sources' => 'b' } } },
    'g/h' => { 'channels' => { 'all' => { 'filter' => 'any' } } },
    'g/c' => { 'channels' => { 'all' => { 'filter' => 'any' },
	'big' => { 'filter' => 'bytes > 1000' } } },
    'new' => { 'channels' => { 'x' => { 'filter' => 'proto udp' } } } );"
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"

profile() { # get|set|check ...
	what=$1
	shift
	python3 "$here/_build.py" "$what" "$tmp" "$@"
}

# 400 slots of the past
now=$(date +%s)
last=$((now - now % step - 10 * step))
first=$((last - 400 * step))
for s in a b; do
	flowgen --files "$live" --source $s --start $first \
	    --until $((last + step)) --slot $step --layout 1 -n 300 -s 7 -q
done
profile set live tstart=$first tend=$last updated=$last
middle=$((first + 200 * step))
for p in p g/c; do
	profile set $p "status=built 0" locked=1 tbegin=$first tstart=$first \
	    tend=$first updated=$((first - step))
done
profile set g/h "status=built 0" locked=1 type=1 tbegin=$first tstart=$first \
    tend=$middle updated=$((first - step))
start_daemon nfsen-collector
start_daemon nfsen-profiler
for p in "$1" "$2"; do
	"$bin/flowgen" --to "127.0.0.1:$p" -v 9 -r 1000 -t 25 -s "$p" -q &
	pids="$pids $!"
	sims="${sims-} $!"
done

status() { # profile value
	[ "$(profile get "$1" status)" = "$2" ]
}

flag() { # profile: the builder's pid, as long as there is one
	sed -n 1p "$tmp/stat/$1/.BUILDING" 2>/dev/null
}

# The builder of one, then the profiler, at whatever they are.
wait_for 10 test -s "$tmp/stat/p/.BUILDING" || fail "no build has begun"
b=$(flag p) && [ -n "$b" ] && kill -9 "$b" 2>/dev/null || :
kills=0
while [ $kills -lt 4 ]; do
	p=$(cat "$tmp/run/nfsend.pid")
	kill -9 "$p"
	while kill -0 "$p" 2>/dev/null; do sleep 0.01; done
	start_daemon nfsen-profiler
	kills=$((kills + 1))
	sleep "0.$((kills * 2))"
done
for p in p g/h; do
	wait_for 60 status $p OK || fail "$p is not built: $(profile get $p status)"
	[ -z "$(flag $p)" ] || fail "$p still has its flag"
done
profile check $step g/h/all live/a:live/b any $first $middle ||
    fail "the history differs"

for s in $sims; do
	wait "$s" || fail "the simulator failed"
done
end=$(date +%s)
end=$((end - end % step))
updated() {
	[ "$(rrdtool last "$tmp/stat/$1.rrd")" -ge "$end" ]
}
for c in live/a live/b p/tcp p/rest g/c/all; do
	wait_for 60 updated $c || fail "the RRD of $c lacks slot $end"
done

# One that is not wanted any more
end "$(cat "$tmp/run/nfsend.pid")" TERM
profile set g/c "status=built 0" locked=1 tend=$first updated=$((first - step))
: >"$tmp/stat/g/c/.CANCELED"
# and one whose flows are too old
profile set new expire=1 tstart=$first
rm -f "$tmp/data/new/x/.nfstat"
old=$tmp/data/new/x/2020/01/02
mkdir -p "$old"
cp "$(find "$live/a" -name 'nfcapd.2*' | sed 1q)" "$old/nfcapd.20200102030400"
start_daemon nfsen-profiler
wait_for 30 status g/c OK || fail "the build is not canceled"
[ "$(profile get g/c type)" = 1 ] || fail "what was canceled is no history"
[ ! -e "$tmp/stat/g/c/.CANCELED" ] || fail "a flag is left"
gone() {
	[ ! -e "$tmp/data/new/x/2020" ]
}
wait_for 30 gone || fail "a file of 2020 is not too old"

end "$(cat "$tmp/run/nfsend.pid")" TERM
end "$(cat "$tmp/run/nfsen-collector.pid")" TERM
[ -z "$(find "$tmp/data" -name 'nfprofile.*')" ] || fail "files are left over"
# The collector has ended a slot that nobody was there for any more.
upto=$(profile get p updated)
profile check $step p/tcp live/a:live/b 'proto tcp' $first "$upto" ||
    fail "channel tcp differs"
profile check $step p/rest live/b 'not proto tcp' $first "$upto" ||
    fail "channel rest differs"
grep -q '^status=0' "$tmp/data/p/tcp/.nfstat" || fail ".nfstat is not true"
grep -q '^numfiles=[1-9]' "$live/a/.nfstat" || fail "live has no .nfstat"
