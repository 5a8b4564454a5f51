#!/bin/sh
# A tree of NfSen that is damaged in twenty ways: takeover refuses what it must
# not touch, mends what can be mended, says what is lost, and loses nothing
# else.  takeover_damaged.sh BUILD
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
# shellcheck source=tests/e2e/_tree_a.sh
. "$here/_tree_a.sh"
need nfdump rrdtool python3 xz "$bin/nfsen" "$bin/nfsen-query"
user=$(id -un) group=$(id -gn)
if [ "$(id -u)" -eq 0 ] && id www-data >/dev/null 2>&1; then
	user=www-data group=www-data
	chmod 755 "$tmp"
fi
tree_a "$user" "$group" '0 0 0'
[ "$(id -u)" -ne 0 ] || chown "$user:$group" "$tmp/run"

check() { # exit status that is expected
	rc=0
	nfsen takeover --check --json >"$tmp/found.json" 2>"$tmp/check.err" || rc=$?
	[ $rc -eq "$1" ] || fail "takeover --check: exit $rc, not $1"
}
finding() { # kind, where, text
	py finding "$tmp/found.json" "$@" || fail "see above"
}
refused() {
	rc=0
	nfsen takeover >"$tmp/takeover.txt" 2>&1 || rc=$?
	[ $rc -eq 2 ] || fail "takeover: exit $rc, not 2: $(cat "$tmp/takeover.txt")"
}
dump() { # rrd
	rrdtool dump "$1" | grep -v '<lastupdate>'
}

# ---- refused ---------------------------------------------------------------------
# NfSen runs: a process whose pid file is there.
sleep 300 &
nfsend=$!
pids="$pids $nfsend"
cp "$(command -v sleep)" "$tmp/nfcapd"
"$tmp/nfcapd" 300 &
nfcapd=$!
pids="$pids $nfcapd"
echo $nfsend >"$tmp/run/nfsend.pid"
check 0 # that process is not NfSen's: somebody else has its number by now
finding note processes 'nfsend.pid is left over'
rm "$tmp/run/nfsend.pid"
echo $nfcapd >"$tmp/run/p9995.pid"
check 2
finding stop processes "p9995.pid: process $nfcapd (nfcapd) runs: stop NfSen first"
refused
end $nfcapd TERM
echo 999999999 >"$tmp/run/nfsend.pid"
check 0
finding note processes 'nfsend.pid is left over'
rm "$tmp"/run/*.pid

# A database of another machine, without its dump.
rrdtool dump "$stat/web/http.rrd" >"$tmp/http.xml"
py foreign "$stat/web/http.rrd"
check 2
finding stop 'web: http' 'foreign, written by a machine of other byte order'
cksum <"$stat/web/http.rrd" >"$tmp/http.sum"
refused
cksum <"$stat/web/http.rrd" | cmp -s - "$tmp/http.sum" || fail "it was touched"
# A dump that is no NfSen's is no help.
sed 's/<step>300/<step>60/' "$tmp/http.xml" >"$stat/web/http.rrd.xml"
check 2
finding stop 'web: http' 'step 60, not 300'
cp "$tmp/http.xml" "$stat/web/http.rrd.xml"
check 0
finding 'do' 'web: http' 'made from its dump'

# ---- twenty kinds of damage ---------------------------------------------------------
dump "$stat/web/quic.rrd" >"$tmp/quic.xml"
dump "$stat/services/mail/imaps.rrd" >"$tmp/imaps.xml"
rrdtool fetch "$stat/frozen/icmp.rrd" AVERAGE -r 300 -s 1795402800 \
    -e 1795413000 >"$tmp/icmp.fetch"
rm -r "$data/live/peer2"                                  # a folder
: >"$data/services/mail/smtp/nfcapd.202611230300"         # an empty flow file
echo rubbish >"$data/web/https/nfcapd.202611230300"       # no flow file
truncate -s 100000 "$stat/web/quic.rrd"                   # a cut database
rm "$stat/services/mail/imaps.rrd"                        # a missing one
: >"$stat/frozen/icmp.rrd"                                # an empty one
: >"$stat/incident/profile.dat"                           # an empty descriptor
echo 'no such = thing' >"$stat/live/profile.dat"          # live's own
echo rubbish >"$stat/hints"
printf 'first=0\nlast=0\nsize=1\nnumfiles=7\n' >"$data/web/http/.nfstat"
rm "$data/frozen/icmp/.nfstat" "$stat/services/.group"
echo 'proto tcp and (port 25' >"$stat/services/mail/smtp-filter.txt"
rm "$stat/draft/ssh-filter.txt"
echo 4711 >"$stat/services/dns/.BUILDING"                 # stale flags
: >"$stat/archive/flood-sh/.DELETED"
cp "$data/live/peer1/nfcapd.202611230555" "$data/live/peer1/nfcapd.current.815"
py open "$data/live/peer1/nfcapd.current.815" 1795413600
: >"$data/web/quic/nfprofile.4711"
head -c 50 "$stat/~many_syn/alert.status" >"$tmp/cut"
cp "$tmp/cut" "$stat/~many_syn/alert.status"
echo 'colour = red' >>"$stat/~quiet_link/alert.dat"
mkdir "$stat/lost+found"
chmod 0400 "$stat/services/dns/query.rrd"                 # odd permissions
chmod 0500 "$data/services/dns/query"
if [ "$user" = www-data ]; then
	chown -R root:root "$data/services/dns/answer"    # another owner
	chmod 0700 "$data/services/dns/answer"
fi
cp -a "$data" "$tmp/data.before"

check 0
finding damaged 'web: quic' 'quic.rrd: damaged'
finding damaged 'services/mail: imaps' 'missing; a new one is filled from 42 flow files'
finding damaged 'frozen: icmp' 'empty, no bytes in it; a new one is filled from 36'
finding damaged incident 'made anew from the databases'
finding damaged live 'unknown key'
finding damaged hints 'not a Storable file of Perl: kept as hints.damaged'
finding 'do' 'web: http' '.nfstat is not true'
finding 'do' 'frozen: icmp' '.nfstat is missing'
finding damaged services 'has lost its mark'
finding damaged 'services/mail: smtp' 'smtp-filter.txt: Line 2: column 1: syntax error'
finding damaged 'services/mail: smtp' '1 flow files without a byte'
finding damaged 'web: https' 'no flow files, the first is'
finding damaged 'draft: ssh' 'ssh-filter.txt: No such file'
finding note services/dns '.BUILDING is left over'
finding note archive/flood-sh '.DELETED'
finding note 'web: quic' '1 nfprofile.<pid> of an interrupted run'
finding damaged 'alert many_syn' 'alert.status: byte'
finding damaged 'alert quiet_link' "unknown key 'colour'"
finding note profiles 'lost+found is neither profile nor group'
if [ "$(id -u)" -ne 0 ] || [ "$user" = www-data ]; then
	finding 'do' owners "below $stat are not for '$user' to use"
	finding 'do' owners "below $data are not for '$user' to use"
fi

nfsen takeover >"$tmp/takeover.txt" 2>&1 || fail "$(cat "$tmp/takeover.txt")"
check 0
left=$(grep -o '"step":"[a-z]*"' "$tmp/found.json" | sort -u)
[ -z "$left" ] || fail "takeover has left something to do: $left"

# ---- what has become of it -------------------------------------------------------------
same() { # file with a dump's rows, rrd: all rows are the same
	dump "$2" >"$tmp/now.xml"
	py values "$1" "$tmp/now.xml" $last || fail "$2 differs"
}
same "$tmp/http.xml" "$stat/web/http.rrd"
[ -e "$stat/web/http.rrd.foreign" ] || fail "the foreign database is gone"
[ -e "$stat/web/quic.rrd.damaged" ] || fail "the damaged database is gone"
same "$tmp/quic.xml" "$stat/web/quic.rrd"
same "$tmp/imaps.xml" "$stat/services/mail/imaps.rrd"
rrdtool fetch "$stat/frozen/icmp.rrd" AVERAGE -r 300 -s 1795402800 \
    -e 1795413000 | cmp - "$tmp/icmp.fetch" || fail "frozen is not filled"

py descriptor "$stat/incident/profile.dat"
grep -qx 'type = 1' "$stat/incident/profile.dat" || fail "incident's type"
grep -qx 'tstart = 1795407600' "$stat/incident/profile.dat" || fail "its start"
grep -qx 'updated = 1795410000' "$stat/incident/profile.dat" || fail "its end"
[ "$(grep -c '^channel = ' "$stat/incident/profile.dat")" -eq 2 ] ||
    fail "incident's channels"
grep -qx 'channel = peer1:+:#00b000:[1-3]:peer1' "$stat/live/profile.dat" ||
    fail "live's sources"
grep -qx 'updated = 1795413600' "$stat/live/profile.dat" ||
    grep -qx "updated = $last" "$stat/live/profile.dat" || fail "live's newest slot"
grep -qx 'no such = thing' "$stat/live/profile.dat.damaged" ||
    fail "the damaged descriptor is gone"
[ -e "$stat/services/.group" ] || fail "no mark"
grep -qx 'numfiles=60' "$data/web/http/.nfstat" || fail ".nfstat of web/http"
grep -qx 'numfiles=36' "$data/frozen/icmp/.nfstat" || fail ".nfstat of frozen"
[ "$("$bin/nfsen-query" -I -r "$data/live/peer1/nfcapd.202611230600" |
    grep '^Flows:')" = "$("$bin/nfsen-query" -I \
    -r "$data/live/peer1/nfcapd.202611230555" | grep '^Flows:')" ] ||
    fail "the open file's flows"
[ ! -e "$data/live/peer1/nfcapd.current.815" ] || fail "the open file is left"
[ -d "$data/live/peer2" ] || fail "the folder is not there again"
grep -q rubbish "$stat/hints.damaged" || fail "hints have not been kept"
if perl -MStorable -e 1 2>/dev/null; then
	[ "$(perl -MStorable -e 'print retrieve($ARGV[0])->{version}' \
	    "$stat/hints")" = 1.3.11 ] || fail "new hints"
fi
find "$stat" "$data" -name '*.new' -o -name '*.tmp*' >"$tmp/left"
[ ! -s "$tmp/left" ] || fail "left over: $(cat "$tmp/left")"
if [ "$user" = www-data ]; then
	su -s /bin/sh www-data -c "cat '$stat/services/dns/query.rrd' |
	    cksum >/dev/null; touch '$data/services/dns/answer/x'" ||
	    fail "www-data cannot work there"
	rm "$data/services/dns/answer/x"
fi
# Nothing that holds data is gone; only the open file has its name now.
(cd "$tmp/data.before" && find . -name 'nfcapd.2*' -type f) |
    while read -r f; do
	cmp "$tmp/data.before/$f" "$data/$f" || fail "$f has changed"
done

# A second one has nothing to do.
nfsen takeover >"$tmp/again.txt" 2>&1 || fail "$(cat "$tmp/again.txt")"
! grep '^Done' "$tmp/again.txt" || fail "a second takeover did something"

# ---- without a dump, forced --------------------------------------------------------------
py foreign "$stat/web/http.rrd"
rm "$stat/web/http.rrd.xml"
check 2
nfsen takeover --force >"$tmp/force.txt" 2>&1 || fail "$(cat "$tmp/force.txt")"
same "$tmp/http.xml" "$stat/web/http.rrd"
[ -e "$stat/web/http.rrd.foreign.1" ] || fail "the second foreign one is gone"

# ---- another layout, interrupted -----------------------------------------------------------
(cd "$data" && find . -name 'nfcapd.2*' -type f ! -path '*~*' -exec cksum {} + |
    sed 's|[^ ]*/||' | sort) >"$tmp/files.before"
sed -i 's/SUBDIRLAYOUT = 0/SUBDIRLAYOUT = 1/' "$conf"
check 0
finding note layout 'hints say 0, $SUBDIRLAYOUT is 1'
mkdir -p "$data/web/http/2026/11/23" # where an interrupted one was
mv "$data/web/http/nfcapd.202611230300" "$data/web/http/2026/11/23/"
ln "$data/web/http/nfcapd.202611230305" "$data/web/http/2026/11/23/"
echo another >"$data/web/http/2026/11/23/nfcapd.202611230310"
[ "$(id -u)" -ne 0 ] || chown -R "$user:$group" "$data/web/http/2026"
rc=0
nfsen -y layout >"$tmp/layout.txt" 2>&1 || rc=$?
[ $rc -eq 1 ] || fail "two files of one slot: exit $rc"
grep -q 'nfcapd.202611230310: stays, ' "$tmp/layout.txt" ||
    fail "the file in the way is not named: $(cat "$tmp/layout.txt")"
rm "$data/web/http/2026/11/23/nfcapd.202611230310"
nfsen -y layout >"$tmp/layout.txt" 2>&1 || fail "$(cat "$tmp/layout.txt")"
(cd "$data" && find . -name 'nfcapd.2*' -type f ! -path '*~*' -exec cksum {} + |
    sed 's|[^ ]*/||' | sort) | diff "$tmp/files.before" - >&2 ||
    fail "files got lost"
[ -z "$(find "$data" -name 'nfcapd.2*' ! -path '*/2026/11/23/*' ! -path '*~*')" ] ||
    fail "files are not where they belong"
sed -i 's/SUBDIRLAYOUT = 1/SUBDIRLAYOUT = 0/' "$conf"
nfsen -y layout >"$tmp/layout.txt" 2>&1 || fail "$(cat "$tmp/layout.txt")"
[ -z "$(find "$data" -type d -name 2026)" ] || fail "empty folders are left"
check 0
! grep -q '"where":"layout"' "$tmp/found.json" || fail "the layout is not settled"
echo "what is damaged is told, the rest goes on"
