#!/bin/sh
# A profile goes out as XML and comes in elsewhere, also while the daemons
# run: every value of its databases is the same, and it takes part in the next
# slot.  exchange.sh BUILD
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need rrdtool python3 "$bin/nfsen" "$bin/nfsen-profiler" "$bin/nfsen-collector" \
    "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 1)
port=$1
write_conf "'gw' => { 'port' => '$port' }" "\$CYCLETIME = 2;
%profiles = ( 'g/web' => { 'channels' => {
    'all' => { 'filter' => 'any' },
    'dns' => { 'filter' => 'proto udp and port 53', 'sources' => 'gw',
	'sign' => '-' } } } );"
nfsen -y reconfig >"$tmp/reconfig.log" 2>&1 || fail "$(cat "$tmp/reconfig.log")"
nfsen start >"$tmp/start.log" 2>&1 || fail "$(cat "$tmp/start.log")"
"$bin/flowgen" --to "127.0.0.1:$port" -v 9 -r 1000 -t 120 -q &
sim=$!
pids="$pids $sim"
newer() { # rrd, than
	[ "$(rrdtool last "$1")" -gt "$2" ]
}
begun=$(date +%s)
wait_for 20 newer "$tmp/stat/g/web/all.rrd" "$begun" || fail "no slot"

nfsen profile export --xml g/web "$tmp/web.xml" >"$tmp/export.log" 2>&1 ||
    fail "$(cat "$tmp/export.log")"
nfsen profile export --xml g/web >"$tmp/stdout.xml" || fail "to stdout"
python3 - "$tmp/stdout.xml" <<'PY' || fail "not what it should be"
import sys
import xml.etree.ElementTree as et
root = et.parse(sys.argv[1]).getroot()
assert root.findtext('name') == 'web' and root.findtext('group') == 'g'
ch = {c.findtext('name'): c for c in root.findall('channel')}
assert sorted(ch) == ['all', 'dns'] and ch['dns'].findtext('sign') == '-'
assert len(ch['all'].find('rrd').findall('rra')) == 10
PY
nfsen profile import "$tmp/web.xml" copy >"$tmp/import.log" 2>&1 ||
    fail "$(cat "$tmp/import.log")"
grep -qx "Profile 'copy' imported" "$tmp/import.log" || fail "not said"
now=$(date +%s)
wait_for 20 newer "$tmp/stat/copy/all.rrd" "$now" ||
    fail "the copy does not take part"
end "$sim" TERM

# A second one of that name, and one that is spoilt, change nothing.
if nfsen profile import "$tmp/web.xml" copy >"$tmp/twice.log" 2>&1; then
	fail "imported twice"
fi
grep -qx "profile 'copy' already exists" "$tmp/twice.log" ||
    fail "$(cat "$tmp/twice.log")"
sed 's/<filter>any/<filter>any thing/' "$tmp/web.xml" >"$tmp/bad.xml"
if nfsen profile import "$tmp/bad.xml" bad >"$tmp/bad.log" 2>&1; then
	fail "a bad filter is imported"
fi
grep -q 'bad.xml: line [0-9]*, column [0-9]*: filter: ' "$tmp/bad.log" ||
    fail "$(cat "$tmp/bad.log")"
[ ! -e "$tmp/stat/bad" ] || fail "half of it is there"
[ -z "$(find "$tmp/stat" "$tmp/data" -name '.import*')" ] || fail "left over"
nfsen stop >"$tmp/stop.log" 2>&1 || fail "$(cat "$tmp/stop.log")"

# Without daemons; nobody has changed the databases of this one since.
nfsen profile export --xml g/web "$tmp/web.xml" || fail "export"
nfsen profile import "$tmp/web.xml" h/rest >"$tmp/import.log" 2>&1 ||
    fail "$(cat "$tmp/import.log")"
for ch in all dns; do
	rrdtool dump "$tmp/stat/g/web/$ch.rrd" >"$tmp/a.xml"
	rrdtool dump "$tmp/stat/h/rest/$ch.rrd" | cmp - "$tmp/a.xml" ||
	    fail "$ch has other values"
done
cmp "$tmp/stat/g/web/dns-filter.txt" "$tmp/stat/h/rest/dns-filter.txt"
[ -e "$tmp/stat/h/.group" ] && [ -d "$tmp/data/h/rest/dns" ] || fail "folders"
echo "out and in"
