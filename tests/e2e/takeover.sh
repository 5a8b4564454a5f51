#!/bin/sh
# A real tree of NfSen is taken over in place: all of it is found, nothing of it
# changes, new slots follow without a gap; then it is handed back, and its
# formats are still NfSen's.  takeover.sh BUILD
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
# shellcheck source=tests/e2e/_tree_a.sh
. "$here/_tree_a.sh"
need nfdump rrdtool python3 xz "$bin/nfsen" "$bin/nfsen-collector" \
    "$bin/nfsen-profiler" "$bin/nfsen-query" "$bin/flowgen"
fakeclock=$build/tests/fakeclock.so
[ -e "$fakeclock" ] || skip "$fakeclock is not there"
export ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0"
step=300

# shellcheck disable=SC2046  # words
set -- $(free_ports 3)
port=$1
tree_a "$(id -un)" "$(id -gn)" "$*"

sums() { # every file but those that are ours
	(cd "$tree" && find profiles-stat profiles-data var ! -name .lock \
	    -type f -exec cksum {} + | sort -k 3)
}

dump_all() { # folder
	mkdir "$1"
	(cd "$stat" && find . -name '*.rrd' ! -path '*~*') |
	    while read -r f; do
		rrdtool dump "$stat/$f" >"$1/$(echo "${f#./}" | tr / @)"
	done
}

# ---- what is there --------------------------------------------------------------
sums >"$tmp/before.sums"
dump_all "$tmp/before"
nfsen takeover --check --json >"$tmp/found.json" || fail "check"
py expected "$tmp/found.json" "$expected" || fail "not all is found as dumped"
nfsen takeover --check >"$tmp/check.txt" || fail "check in words"
grep -q '^  services/dns: continuous / shadow, OK, 2 channels' "$tmp/check.txt" ||
    fail "services/dns is not listed"
sums | diff "$tmp/before.sums" - >&2 || fail "takeover --check has changed files"
[ ! -e "$stat/.lock" ] || fail "takeover --check has made a file"

nfsen takeover >"$tmp/takeover.txt" 2>&1 || fail "$(cat "$tmp/takeover.txt")"
nfsen takeover >>"$tmp/takeover.txt" 2>&1 || fail "a second takeover"
! grep '^Done' "$tmp/takeover.txt" || fail "there was nothing to do"
sums | diff "$tmp/before.sums" - >&2 || fail "takeover has changed files"
py flowfiles "$bin/nfsen-query" "$tree" "$expected/flowfiles.txt" ||
    fail "flow files"

fetched() { # as NfSen's RRDs were when they were recorded
	for want in "$expected"/rrd-fetch/*.txt; do
		f=$(basename "$want" .txt | tr @ /)
		rrdtool fetch "$stat/$f" AVERAGE -r 300 -s 1795402500 \
		    -e 1795413300 | diff -q "$want" - >/dev/null ||
		    fail "$f is not as it was"
	done
}
fetched

# ---- new slots -------------------------------------------------------------------
faked() { # command on the clock that is set
	LD_PRELOAD=$fakeclock FAKECLOCK=$tmp/clock "$@"
}
set_clock() {
	python3 "$here/_clock.py" set "$tmp/clock" "$1"
}
has_slot() { # slot
	for f in live/upstream1 web/http services/dns/query services/mail/smtp; do
		[ "$(rrdtool last "$stat/$f.rrd")" = "$1" ] || return 1
	done
	grep -qx "updated = $1" "$stat/live/profile.dat"
}
printf '\0\0\0\0\0\0\0\0' >"$tmp/clock"
slot=$((last + step))
set_clock $((slot + 2))
faked "$bin/nfsen" --config "$conf" start >"$tmp/start.txt" 2>&1 ||
    fail "start: $(cat "$tmp/start.txt")"
for flows in 500 700; do
	faked "$bin/flowgen" --to "127.0.0.1:$port" -v 9 -n $flows -r 100000 -q
	counted() {
		python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" status |
		    grep -q "^_source=ident=upstream1 .* flows=$((${sent-0} + flows)) "
	}
	wait_for 20 counted || fail "the collector has not got $flows flows"
	sent=$((${sent-0} + flows))
	set_clock $((slot + step + 2))
	wait_for 30 has_slot $slot || fail "slot $slot is not in the databases"
	py rate "$stat/live/upstream1.rrd" $slot $flows || fail "slot $slot"
	slot=$((slot + step))
done
for p in web services/dns services/mail frozen; do
	grep -qx "updated = $((slot - step))" "$stat/$p/profile.dat" ||
	    fail "$p does not go on"
done
nfdump -I -r "$data/live/upstream1/nfcapd.202611230605" |
    grep -qx 'Flows: 700' || fail "nfdump does not read the new files"

# ---- and back --------------------------------------------------------------------
faked "$bin/flowgen" --to "127.0.0.1:$port" -v 9 -n 300 -r 100000 -q
flows=300
wait_for 20 counted || fail "the collector has not got the last flows"
faked "$bin/nfsen" --config "$conf" handback >"$tmp/handback.txt" 2>&1 &
back=$!
pids="$pids $back"
waits() {
	grep -q 'Waiting for the end' "$tmp/handback.txt"
}
wait_for 10 waits || fail "handback: $(cat "$tmp/handback.txt")"
set_clock $((slot + step + 1))
wait $back || fail "handback: $(cat "$tmp/handback.txt")"
for f in nfsend nfsen-collector; do
	[ ! -e "$tmp/run/$f.pid" ] || fail "$f runs"
done
has_slot $slot || fail "the last slot was not worked off: $(cat "$tmp/handback.txt")"
py rate "$stat/live/upstream1.rrd" $slot 300 || fail "the last slot"
[ -z "$(find "$data" -name 'nfcapd.current*' -o -name 'nfprofile.*')" ] ||
    fail "NfSen's start would delete flows"
[ ! -e "$data/.index" ] || fail "indexes are left"
grep -q "start NfSen before 06:20" "$tmp/handback.txt" ||
    fail "handback: $(cat "$tmp/handback.txt")"

dump_all "$tmp/after"
for f in "$tmp"/before/*; do
	py values "$f" "$tmp/after/${f##*/}" $last || fail "${f##*/} has changed"
	rrd=$stat/$(basename "$f" | tr @ /)
	shape='^filename|^last_update|\.(last_ds|value|unknown_sec|cur_row|unknown_datapoints) ='
	rrdtool info "$rrd" | grep -vE "$shape" >"$tmp/info"
	grep -vE "$shape" "$expected/rrd-info/${f##*/}.txt" |
	    diff - "$tmp/info" >"$tmp/info.diff" || fail "$rrd is not NfSen's"
done
find "$stat" -name profile.dat | while read -r f; do
	py descriptor "$f" || fail "$f is not NfSen's"
done
for f in "$data"/live/*/nfcapd.2026112306* "$data"/web/*/nfcapd.2026112306*; do
	nfdump -q -r "$f" -o raw >/dev/null || fail "nfdump does not read $f"
done
if perl -MStorable -e 1 2>/dev/null; then
	perl -MStorable -e 'my $h = retrieve($ARGV[0]);
	    print "$h->{version} $h->{subdirlayout} $h->{nfdump} ",
	    "$h->{installed} $h->{sources}{upstream1}\n"' "$stat/hints" \
	    >"$tmp/hints.txt"
	[ "$(cat "$tmp/hints.txt")" = "1.3.11 0 7 1795430803 $port" ] ||
	    fail "hints: $(cat "$tmp/hints.txt")"
fi
# What was there before has not been touched.
grep -E '/(var|draft|stall|incident|archive)/' "$tmp/before.sums" |
    grep -vE '(profile\.dat|\.nfstat)$' >"$tmp/kept.before"
sums | grep -E '/(var|draft|stall|incident|archive)/' |
    grep -vE '(profile\.dat|\.nfstat)$' | diff "$tmp/kept.before" - >&2 ||
    fail "files of profiles at rest have changed"
echo "taken over, three slots, handed back"
