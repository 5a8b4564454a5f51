#!/bin/sh
# nfsen-query called as nfdump against Debian's: what is asked of files as
# such, what is written (-w), packed anew (-J) and renamed (-i), bad arguments
# and exit statuses; then damaged files in the middle of a tree.
# What differs is listed in query_cli.differ.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"

need nfdump python3 "$bin/flowgen"
nfdump -V | grep -q '1\.7\.1$' || skip "nfdump is not 1.7.1"

for source in s1 s2; do
	"$bin/flowgen" --files "$tmp" --source $source -n 700 -s 5 -q \
	    --start 1795392000 --until 1795393200
done
"$bin/flowgen" --files "$tmp" --source big -n 60000 -s 3 -q \
    --start 1795392000 --until 1795392300
"$build/tests/tools/random_flows" "$tmp/all.nf" bz2 300 1 all
mkdir "$tmp/names" "$tmp/given"
ln -s "$bin/nfsen-query" "$tmp/names/nfdump"
for f in "$shared"/data/flows/nffiles/*.nfcapd \
    "$shared"/data/flows/nffiles/*.flows; do
	[ ! -e "$f" ] || cp "$f" "$tmp/given/"
done
python3 "$here/_query_cli.py" "$tmp/names/nfdump" "$bin/nfsen-query" \
    "$tmp" "$here/query_cli.differ"

# ---- damage -----------------------------------------------------------------
cd "$tmp"
query=$bin/nfsen-query
mkdir tree
cp s1/nfcapd.2026112300* tree/
head -c 500000 big/nfcapd.202611230000 >tree/nfcapd.202611230001
cp big/nfcapd.202611230000 tree/nfcapd.202611230002
printf '\377\377\377\377' | dd of=tree/nfcapd.202611230002 bs=1 seek=500000 \
    conv=notrunc 2>dd.err
python3 - tree/nfcapd.202611230002 <<'END'
import struct
import sys
with open(sys.argv[1], 'r+b') as f:
    at = 40
    for _ in range(3):          # the middle block's bytes are noise
        f.seek(at)
        size = struct.unpack('<II', f.read(8))[1]
        body, at = at + 12, at + 12 + size
    f.seek(body)
    f.write(b'\xff' * (size - 1))
END
: >tree/nfcapd.202611230003
echo 'no flow file' >tree/nfcapd.202611230004
rc=0
"$query" -R tree -q -o 'fmt:%ts' >out 2>err </dev/null || rc=$?
[ $rc -eq 2 ] || fail "damaged files: exit $rc"
whole=$("$query" -R s1 -q -o 'fmt:%ts' | wc -l)
[ "$(wc -l <out)" -gt "$whole" ] || fail "the rest was not answered"
for what in '230001: block [0-9]*: file ends inside' '230002: block 2' \
    '230003: ' '230004: '; do
	grep -q "tree/nfcapd.202611$what" err ||
	    fail "no message about $what: $(cat err)"
done
for f in 230001 230002 230003 230004; do
	! "$query" -v tree/nfcapd.202611$f >out 2>err </dev/null ||
	    fail "-v of a damaged file exits 0"
	grep -q "$f: " err || fail "-v does not name the damage of $f"
done
"$query" -v tree/nfcapd.202611230000 >out || fail "-v of a whole file"
rc=0
"$query" --nfdump-exit -R tree -o null >out 2>err </dev/null || rc=$?
[ $rc -eq 0 ] || fail "--nfdump-exit: $rc"
# What cannot be read whole is not written anew.
cksum <tree/nfcapd.202611230002 >before
! "$query" -R tree -J lzo >out 2>err </dev/null || fail "-J of damaged files"
cksum <tree/nfcapd.202611230002 | cmp - before ||
    fail "-J changed a damaged file"
[ "$(nfdump -v tree/nfcapd.202611230000 | grep -c 'lzo comp')" -eq 1 ] ||
    fail "-J left out whole files"
if [ "$(id -u)" -ne 0 ]; then
	chmod 0 tree/nfcapd.202611230005
	! "$query" -R tree -o null >out 2>err </dev/null ||
	    fail "a file that may not be read: exit 0"
	grep -q '230005: Permission denied' err || fail "no message: $(cat err)"
fi
# One that goes away while others are read: the list is made first.
mkfifo gate
mkdir gone
cp s1/nfcapd.202611230000 gone/nfcapd.202611230000
ln -s "$tmp/nowhere" gone/nfcapd.202611230005
cp s1/nfcapd.202611230010 gone/nfcapd.202611230010
"$query" -R gone -o null >out 2>err </dev/null || rc=$?
grep -q 'total flows: 1400' out || fail "files beside one that is gone"

# ---- standard input and output ------------------------------------------------
"$query" -r s1 -q -o line >want
cat s1/nfcapd.202611230000 | "$query" -q -o line >got
head -n "$(wc -l <got)" want | cmp - got || fail "standard input"
"$query" -q -o line <s1/nfcapd.202611230000 | cmp - got || fail "a file as input"
"$query" -r s1 -w - -z=zstd | "$query" -r - -q -o line | cmp - want ||
    fail "standard output to standard input"
! "$query" </dev/null >out 2>err || fail "no input: exit 0"
! "$query" -r s1 -w "$tmp/no/file" 2>err </dev/null || fail "-w: exit 0"
grep -q "no/file" err || fail "-w: no message"
# A full disk leaves what was there.
cp want kept
if [ -e /dev/full ]; then
	! "$query" -r s1 -w - >/dev/full 2>err </dev/null || fail "-w - full"
fi
! "$query" -r s1 -w . 2>err </dev/null || fail "-w of a folder"
