#!/bin/sh
# The collector as nfcapd: what it keeps and tells.  -e takes the oldest files
# away by the limits that Debian's nfexpire set, and keeps numbers that it
# agrees with; -m says the same as Debian's nfcapd; templates and the ledger
# outlive it where there is a folder for them.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump nfcapd nfexpire python3 "$bin/nfsen-collector" "$bin/flowgen"
theirs=$(command -v nfcapd)
mkdir "$tmp/bin" "$tmp/run"
ln -s "$bin/nfsen-collector" "$tmp/bin/nfcapd"
ours=$tmp/bin/nfcapd

read -r pa pb tee <<PORTS
$(free_ports 3)
PORTS
run_bg tee python3 "$here/_tee.py" "$tee" "$pa" "$pb"
wait_for 10 grep -qx ready "$tmp/tee.log" || fail "no tee"

# ---- -m, beside Debian's ------------------------------------------------------
run_bg meter python3 "$here/_meter.py" 130 "$tmp/a.sock" "$tmp/b.sock"
meter=$!
wait_for 10 grep -qx ready "$tmp/meter.log" || fail "no sockets"
mkdir "$tmp/a" "$tmp/b"
# A minute with room for the traffic in it.
python3 -c 'import time
while time.time() % 60 > 50: time.sleep(0.1)'
# A relative path has to outlive the change of folder.
(cd "$tmp" && "$ours" -D -w a -p "$pa" -b 127.0.0.1 -I gw -m a.sock \
    -P run/a.pid) || fail "-m: exit $?"
run_bg b "$theirs" -w "$tmp/b" -p "$pb" -b 127.0.0.1 -I gw -m "$tmp/b.sock"
b=$!
wait_for 10 grep -q Startup "$tmp/b.log" || fail "Debian's does not start"
flowgen --to "127.0.0.1:$tee" -v 5 -n 3000 -r 6000 -q
flowgen --to "127.0.0.1:$tee" -v 10 -n 2000 -r 6000 -s 2 -q
wait $meter || fail "-m: no message: $(cat "$tmp/meter.log" "$tmp"/[ab].log)"
end "$(cat "$tmp/run/a.pid")" TERM
end "$b" TERM
sed -n 's/^a.sock //p' "$tmp/meter.log" >"$tmp/a.said"
sed -n 's/^b.sock //p' "$tmp/meter.log" | diff - "$tmp/a.said" >&2 ||
    fail "-m: Debian's nfcapd says something else"
awk '{ n += $2 + $3 + $4 + $5 } END { exit n != 5000 }' "$tmp/a.said" ||
    fail "-m: not all flows: $(cat "$tmp/a.said")"

# ---- -e ----------------------------------------------------------------------
mkdir "$tmp/e"
nfexpire -u "$tmp/e" -s 200k -w 50 >"$tmp/expire.log" 2>&1
files() {
	find "$tmp/e" -name 'nfcapd.2*' | wc -l
}
run_bg e "$ours" -e -w "$tmp/e" -p "$pa" -b 127.0.0.1 -t 1 -S 2
e=$!
wait_for 10 grep -q Startup "$tmp/e.log" || fail "-e: does not start"
flowgen --to "127.0.0.1:$pa" -v 10 -r 4000 -t 9 -q
wait_for 5 grep -q 'expired files=' "$tmp/e.log" || fail "nothing was expired"
end "$e" TERM
[ "$(files)" -ge 1 ] || fail "everything was expired"
kept=$(find "$tmp/e" -name 'nfcapd.2*' -printf '%b\n' |
    awk '{ n += $1 * 512 } END { print n }')
[ "$kept" -lt 320000 ] || fail "$kept bytes were kept"
cp "$tmp/e/.nfstat" "$tmp/ours.nfstat"
nfexpire -r "$tmp/e" >"$tmp/rescan.log" 2>&1
grep -vE '^(first|last)=' "$tmp/e/.nfstat" | tr -d ' ' >"$tmp/want.txt"
grep -vE '^(first|last)=' "$tmp/ours.nfstat" | diff "$tmp/want.txt" - >&2 ||
    fail ".nfstat is not what nfexpire finds"
[ -z "$(find "$tmp/e" -mindepth 1 -type d -empty)" ] || fail "empty folders"
nfdump -q -R "$tmp/e" -I >"$tmp/info.txt" || fail "nfdump -R does not read it"

# ---- templates and the ledger over a restart -----------------------------------
mkdir "$tmp/s" "$tmp/state"
collect() {
	run_bg s env STATE_DIRECTORY="$tmp/state:$tmp/other" "$ours" \
	    -w "$tmp/s" -p "$pa" -b 127.0.0.1
	s=$!
	wait_for 10 sh -c "grep -c Startup '$tmp/s.log' | grep -qx $1" ||
	    fail "does not start"
}
collect 1
flowgen --to "127.0.0.1:$pa" -v 9 -n 1000 -r 5000 -q
wait_for 5 udp_empty "$pa" || fail "datagrams are stuck"
end "$s" TERM
collect 2
flowgen --to "127.0.0.1:$pa" -v 9 -n 1000 -r 5000 --template-delay 100000 -q
wait_for 5 udp_empty "$pa" || fail "datagrams are stuck"
end "$s" TERM
nfdump -q -R "$tmp/s" -I | grep -qx 'Flows: 2000' ||
    fail "templates were not known after a restart"
cat "$tmp/state/$pa/.ledger/none/"* >"$tmp/ledger.txt" || fail "no ledger"
awk '{ for (i = 1; i <= NF; i++) if (sub(/^flows=/, "", $i)) n += $i }
    END { exit n != 2000 }' "$tmp/ledger.txt" || fail "$(cat "$tmp/ledger.txt")"
echo "$(cat "$tmp/a.said")"
