#!/bin/sh
# Simulation mode: slots that are there already are replayed one after
# another up to %sim's end, also over stops and kill -9; abort-reset takes
# everything back to the beginning, in NfSen's words.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 perl "$bin/nfsen-profiler" "$bin/nfsen" \
    "$bin/flowgen" "$bin/backdate"

t0=1795320000 # 2026-11-22 04:00 UTC
slots=8
tend=$((t0 + slots * 300))
iso() { date -u -d "@$1" +%Y%m%d%H%M; }
config() { # cycletime more
	write_conf "'a' => { 'port' => '0' }, 'b' => { 'port' => '0' }" "
\$SUBDIRLAYOUT = 0; \$COMMSOCKET = '$tmp/run/nfsen.comm';
\$FILTERDIR = '$tmp/filters'; \$FORMATDIR = '$tmp/fmt'; \$SIMmode = 1;
%sim = ( 'tstart' => '$(iso $t0)', 'tend' => '$(iso $tend)',
    'cycletime' => $1 $2 );
%profiles = ( 'p' => { 'expire' => '1 hour', 'channels' => {
    'tcp' => { 'filter' => 'proto tcp' } } } );"
}
updated() { sed -n 's/^updated = //p' "$tmp/stat/live/profile.dat"; }
reached() { [ "$(updated)" -ge "$1" ]; }
tbreak() {
	perl -MStorable -e 'print retrieve($ARGV[0])->{sim}{tbreak} // ""' \
	    "$tmp/stat/hints"
}
profiler() { cat "$tmp/run/nfsend.pid"; }

for s in a b; do
	flowgen --files "$live" --source $s --start $t0 \
	    --until $((tend + 600)) -n 2000 -q || fail "no files for $s"
done
[ -e "$live/a/nfcapd.$(iso $t0)" ] || fail "no flow files"

# every slot is in the databases, with what the files have
check() { # slots
	python3 - "$tmp" $t0 "$1" <<'PY' || fail "slots differ"
import math, subprocess, sys, time
root, t0, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def run(*a):
    return subprocess.run(a, capture_output=True, text=True, check=True).stdout


def totals(path, flt):
    out = run('nfdump', '-q', '-r', path, '-o', 'fmt:%pkt %byt', '-N', flt)
    rows = [[int(x) for x in l.split()] for l in out.splitlines()
            if l.strip() and l.strip()[0].isdigit()]
    return [len(rows), sum(r[0] for r in rows), sum(r[1] for r in rows)]


for rrd, sources, flt in (('live/a', 'a', 'any'), ('live/b', 'b', 'any'),
                          ('p/tcp', 'ab', 'proto tcp')):
    out = run('rrdtool', 'fetch', f'{root}/stat/{rrd}.rrd', 'AVERAGE', '-r',
              '300', '-s', str(t0 - 300), '-e', str(t0 + n * 300 + 600))
    rows = {}
    for line in out.splitlines()[2:]:
        t, v = line.split(':')
        v = [float(x) for x in v.split()]
        if not math.isnan(v[0]):
            rows[int(t)] = [round(v[i] * 300) for i in (0, 5, 10)]
    if sorted(rows) != [t0 + i * 300 for i in range(n)]:
        sys.exit(f'{rrd}: slots {sorted(rows)}')
    for t, have in rows.items():
        name = time.strftime('nfcapd.%Y%m%d%H%M', time.gmtime(t))
        want = [sum(x) for x in zip(*(totals(
            f'{root}/data/live/{s}/{name}', flt) for s in sources))]
        if have != want:
            sys.exit(f'{rrd}: slot {t}: {have}, nfdump {want}')
PY
}

# ---- from the beginning to the end -----------------------------------------
config 0 ''
"$bin/backdate" "$conf" $t0 || fail "no tree"
nfsen start >"$tmp/start.out" || fail "start: $(cat "$tmp/start.out")"
grep -q '\[no collector\]' "$tmp/start.out" || fail "$(cat "$tmp/start.out")"
wait_for 30 reached $((tend - 300)) || fail "the end is not reached: $(updated)"
nfsen status >"$tmp/status.out" || :
grep -q '^NfSen status: Simulation mode$' "$tmp/status.out" ||
    fail "status: $(cat "$tmp/status.out")"
kill -0 "$(profiler)" || fail "the profiler did not stay"
nfsen stop >/dev/null || fail "stop"
[ "$(updated)" -eq $((tend - 300)) ] || fail "went beyond the end: $(updated)"
[ "$(tbreak)" -eq $tend ] || fail "tbreak is '$(tbreak)', not $tend"
check $slots
[ "$(find "$live" -name 'nfcapd.2*' | wc -l)" -eq $((2 * (slots + 2))) ] ||
    fail "flow files of live were touched"
grep -q "^tstart = $t0\$" "$tmp/stat/live/profile.dat" || fail "live expired"

# ---- back, and slot by slot --------------------------------------------------
mkdir -p "$tmp/filters" "$tmp/fmt"
echo 'proto tcp' >"$tmp/filters/mine"
echo '%ts' >"$tmp/fmt/brief"
config 1 ''
nfsen start >/dev/null || fail "start at the end"
nfsen abort-reset >"$tmp/reset.out" || fail "reset: $(cat "$tmp/reset.out")"
grep -v '^Shutdown' "$tmp/reset.out" >"$tmp/reset.said"
cat >"$tmp/reset.want" <<'TXT'
Reset NfSen:
Stop NfSen while resetting ...
Clear profile 'p' in group '.'
Remove filters ...done.
Reset profile 'live'
Reset NfSen completed.
TXT
diff "$tmp/reset.want" "$tmp/reset.said" >&2 || fail "other words"
[ ! -e "$tmp/run/nfsend.pid" ] || fail "the profiler runs after a reset"
[ ! -e "$tmp/filters/mine" ] && [ -e "$tmp/fmt/brief" ] || fail "filters, formats"
[ ! -e "$tmp/stat/p" ] && [ ! -e "$tmp/data/p" ] || fail "the profile is there"
[ "$(updated)" -eq $((t0 - 300)) ] || fail "live is at $(updated)"
[ -z "$(tbreak)" ] || fail "tbreak is left: $(tbreak)"
[ "$(rrdtool last "$tmp/stat/live/a.rrd")" -eq $((t0 - 300)) ] ||
    fail "live's database is not new"
"$bin/backdate" "$conf" $t0 || fail "no profile"
nfsen start >/dev/null || fail "start"
wait_for 20 reached $((t0 + 300)) || fail "does not move: $(updated)"
[ "$(updated)" -lt $((tend - 600)) ] || fail "a slot a second is asked for"
nfsen stop >/dev/null || fail "stop"
at=$(updated)
[ "$(tbreak)" -eq $((at + 300)) ] || fail "tbreak $(tbreak) for $at"
nfsen start >/dev/null || fail "start within"
wait_for 20 reached $((at + 300)) || fail "does not go on: $(updated)"
p=$(profiler)
kill -9 "$p"
while kill -0 "$p" 2>/dev/null; do sleep 0.01; done
config 0 ''
nfsen start >/dev/null || fail "start after kill -9"
wait_for 30 reached $((tend - 300)) || fail "no end after kill -9: $(updated)"
nfsen stop >/dev/null || fail "stop"
check $slots

# ---- what is known from the start ----------------------------------------------
config 0 ", 'tbegin' => '$(iso $((t0 + 900)))'"
nfsen abort-reset >"$tmp/reset.out" || fail "reset: $(cat "$tmp/reset.out")"
grep -q "^Preset profile 'live'$" "$tmp/reset.out" || fail "no preset"
[ "$(updated)" -eq $((t0 + 600)) ] || fail "preset is at $(updated)"
[ "$(rrdtool last "$tmp/stat/live/b.rrd")" -eq $((t0 + 900)) ] ||
    fail "preset database"
"$bin/backdate" "$conf" $t0 || fail "no profile"
nfsen start >/dev/null || fail "start"
wait_for 30 reached $((tend - 300)) || fail "no end: $(updated)"
nfsen stop >/dev/null || fail "stop"
check $slots

# ---- what makes no sense -----------------------------------------------------------
bad() { # text message
	write_conf "'a' => { 'port' => '0' }" "\$SIMmode = 1; $1"
	! nfsen --check >"$tmp/bad.out" 2>&1 || fail "taken: $1"
	grep -q "$2" "$tmp/bad.out" || fail "$1: $(cat "$tmp/bad.out")"
}
bad '' 'needs %sim'
bad "%sim = ( 'tstart' => '202611220400' );" 'no tend'
bad "%sim = ( 'tstart' => 'x', 'tend' => '202611220500' );" 'is no time'
bad "%sim = ( 'tstart' => '202611220400', 'tend' => '202611220300' );" \
    'not after'
bad "%sim = ( 'tstart' => '202611220400', 'tend' => '202611220500',
    'tbegin' => '202611220600' );" 'tbegin'
write_conf "'a' => { 'port' => '0' }" ''
! nfsen abort-reset >"$tmp/bad.out" 2>&1 || fail "reset without simulation"

# ---- NfSen's own tree -------------------------------------------------------------------
[ -e "$shared/data/nfsen/tree-a.tar.xz" ] || exit 0
# shellcheck source=tests/e2e/_tree_a.sh
. "$here/_tree_a.sh"
tree_a "$(id -un)" "$(id -gn)" '0 0 0'
sed -i 's/^\$SIMmode = 0/$SIMmode = 1/' "$conf"
said=$shared/data/nfsen/cli/13-no-daemon.txt
awk '/^\$ /{ on = $0 == "$ nfsen abort-reset" } on && sub(/^O: /, "")' \
    "$said" | sort >"$tmp/want"
nfsen abort-reset >"$tmp/reset.out" || fail "reset: $(cat "$tmp/reset.out")"
# alerts come in a folder's order there
sort "$tmp/reset.out" >"$tmp/got"
diff "$tmp/want" "$tmp/got" >&2 || fail "other words than NfSen's"
awk '/^# /{ on = /live.profile.dat/ } on && sub(/^F: /, "")' "$said" |
    sort >"$tmp/want"
sort "$stat/live/profile.dat" >"$tmp/got"
diff "$tmp/want" "$tmp/got" >&2 || fail "another profile.dat than NfSen's"
[ "$(find "$stat" -name '*.rrd' | wc -l)" -eq 3 ] || fail "databases are left"
sed -i "/'cycletime'/s/300/0/" "$conf"
rows() { # database: what it has of the time replayed
	rrdtool fetch "$1" AVERAGE -r 300 -s 1795403100 -e $last
}
xz -dc "$shared/data/nfsen/tree-a.tar.xz" |
    tar xf - -C "$tmp" --one-top-level=before
nfsen start >/dev/null || fail "start on NfSen's tree"
tree_end() { grep -q "^updated = $last\$" "$stat/live/profile.dat"; }
wait_for 60 tree_end || fail "no end: $(cat "$stat/live/profile.dat")"
nfsen stop >/dev/null || fail "stop"
for r in upstream1 peer1 peer2; do
	rows "$tmp/before/tree-a/profiles-stat/live/$r.rrd" >"$tmp/want"
	rows "$stat/live/$r.rrd" >"$tmp/got"
	diff "$tmp/want" "$tmp/got" >"$tmp/diff.log" ||
	    fail "live/$r: other values than NfSen's own replay"
done
