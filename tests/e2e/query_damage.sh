#!/bin/sh
# Damaged and growing files in the middle of a tree: the rest is answered, the
# message names file and block, the exit status says so.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen-query" "$bin/flowgen"

"$bin/flowgen" --files "$tmp" --source t -n 30000 -q --codec lz4 \
    --start 1795392000 --until 1795393800 || fail "the simulator failed"
query() { "$bin/nfsen-query" -R "$tmp/t" "$@"; }
f() { echo "$tmp/t/nfcapd.20261123$1"; }
for n in 0000 0005 0010 0015 0020 0025; do
	[ -s "$(f $n)" ] || fail "there is no file $n"
	"$bin/nfsen-query" -r "$(f $n)" -q -o pipe >"$tmp/want.$n"
done
blocks() { # file
	"$bin/nfsen-query" -v "$1" | sed -n 's/^Data blks *: //p'
}
[ "$(blocks "$(f 0010)")" -ge 3 ] || fail "too few blocks for this test"

# one byte in the second block of a file is another one
python3 - "$(f 0010)" <<'END'
import struct
import sys
b = bytearray(open(sys.argv[1], 'rb').read())
at = 40                                   # behind the file's header
size, = struct.unpack_from('<I', b, at + 4)
at += 12 + size                           # the second block
struct.pack_into('<I', b, at + 12, 0xffffffff)
open(sys.argv[1], 'wb').write(b)
END
# one that is cut off, one that is something else, and one that was never
# finished: as a collector leaves it that is still at work
truncate -s $(($(stat -c %s "$(f 0015)") / 2)) "$(f 0015)"
echo 'no flows' >"$(f 0020)"
cp "$(f 0025)" "$tmp/t/nfcapd.current.77"
python3 - "$tmp/t/nfcapd.current.77" <<'END'
import sys
b = bytearray(open(sys.argv[1], 'rb').read())
b[18:20] = b'\0\0'       # appendix blocks, its place, blocks:
b[24:32] = bytes(8)      # as they are while the file is open
b[36:40] = bytes(4)
open(sys.argv[1], 'wb').write(b[:-3000])
END

rc=0
query -q -o pipe >"$tmp/got" 2>"$tmp/err" || rc=$?
[ "$rc" -eq 2 ] || fail "status $rc, not 2: $(cat "$tmp/err")"
grep -q 'nfcapd.202611230010: block 1: ' "$tmp/err" ||
    fail "the damaged block is not named: $(cat "$tmp/err")"
grep -q 'nfcapd.202611230015: block [0-9]*: ' "$tmp/err" ||
    fail "the cut block is not named: $(cat "$tmp/err")"
grep -q 'nfcapd.202611230020: ' "$tmp/err" ||
    fail "what is no flow file is not named: $(cat "$tmp/err")"
grep -q 'nfcapd.current' "$tmp/err" && fail "the open file is complained of"
[ "$(wc -l <"$tmp/err")" -eq 3 ] || fail "other messages: $(cat "$tmp/err")"

# whole files are there in full, of the others all whole blocks, in order
python3 - "$tmp" <<'END' || fail "see above"
import sys
tmp = sys.argv[1]
def lines(name):
    return open(f'{tmp}/{name}', 'rb').read().splitlines()
got = lines('got')
for n in '0000', '0005':
    want = lines(f'want.{n}')
    assert got[:len(want)] == want, f'{n} is not there in full'
    got = got[len(want):]
def drop(n):
    """Flows of a file that are there, which comes next."""
    global got
    want, have = lines(f'want.{n}'), 0
    for line in want:
        if have < len(got) and got[have] == line:
            have += 1
    got = got[have:]
    return have, len(want)
have, whole = drop('0010')
assert whole / 3 < have < whole, f'0010: {have} of {whole}'
have, whole = drop('0015')
assert 0 < have < whole * 0.6, f'0015: {have} of {whole}'
want = lines('want.0025')
assert got[:len(want)] == want, 'the file behind them is not there in full'
got = got[len(want):]
assert 0 < len(got) < len(want) and got == want[:len(got)], \
    f'the open file: {len(got)} of {len(want)}'
END

# the same of sums, tables and sorted lists, and as many threads as one likes
n=$(wc -l <"$tmp/got")
cp "$tmp/err" "$tmp/said"
for args in '-o null' '-o null -W 1' '-o null -W 5' '-s proto' '-O bytes' \
    '-a -n 1' '-o null --memory 16M'; do
	rc=0
	# shellcheck disable=SC2086  # words
	query $args >"$tmp/out" 2>"$tmp/err" || rc=$?
	[ "$rc" -eq 2 ] || fail "$args: status $rc"
	cmp -s "$tmp/said" "$tmp/err" || fail "$args: $(cat "$tmp/err")"
	grep -q "^Summary: total flows: $n," "$tmp/out" ||
	    fail "$args: $(tail -4 "$tmp/out"), not $n"
done
rc=0
query -o null --nfdump-exit >/dev/null 2>&1 || rc=$?
[ "$rc" -eq 0 ] || fail "--nfdump-exit: status $rc"
# damage behind what is asked for is nobody's business
query -c 5 -q >/dev/null 2>"$tmp/err" || fail "-c 5: $(cat "$tmp/err")"
