#!/bin/sh
# Our RRDs are NfSen's: shape, rates and time stamps, told by rrdtool.
# rrd.sh BUILD
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need rrdtool python3 "$build/tests/tools/fixture"
ref=$shared/data/nfsen/tree-a.expected/rrd-info
[ -d "$ref" ] || skip "no recorded RRDs of NfSen (SHARED)"
now=1795438200
write_conf "'upstream1' => { 'port' => '9995' }" ''
"$build/tests/tools/fixture" "$conf" $now 1

# Everything but the file's name, times and values.
shape() {
	grep -vE '^(filename|last_update)|\.(last_ds|value|unknown_sec|cur_row|unknown_datapoints) ='
}
n=0
for r in "$ref"/*.rrd.txt; do
	case ${r##*/} in *~*) continue ;; esac # alerts have RRDs of their own
	shape <"$r" >"$tmp/want"
	for f in "$tmp"/stat/live/*.rrd "$tmp"/stat/web/*.rrd; do
		rrdtool info "$f" | shape >"$tmp/got"
		diff "$tmp/want" "$tmp/got" >"$tmp/diff.log" ||
		    fail "$f differs from NfSen's ${r##*/}"
		n=$((n + 1))
	done
done
[ $n -gt 0 ] || fail "nothing was compared"

# What rrdtool fetches under the slot's start is the slot's total.
step=300
slot=$((now - now % step - 10 * step))
rrdtool fetch "$tmp/stat/live/peer1.rrd" AVERAGE -r $step -s $((slot - step)) \
    -e $slot >"$tmp/fetch.txt"
"$build/tests/tools/page" "$conf" $now "/api/v1/p/live/stats?t=$slot&ch=peer1" \
    >"$tmp/stats.txt"
python3 - "$tmp/fetch.txt" "$tmp/stats.txt" $slot $step <<'PY' || fail "rates"
import json, sys
rows = {}
for line in open(sys.argv[1]):
    if ':' in line:
        t, v = line.split(':')
        rows[int(t)] = [float(x) for x in v.split()]
text = open(sys.argv[2], newline='').read()
ch = json.loads(text.split('\r\n\r\n', 1)[1])['channels'][0]
names = ['any', 'tcp', 'udp', 'icmp', 'other']
want = [ch[k][n] for k in ('flows', 'packets', 'bytes') for n in names]
got = [x * int(sys.argv[4]) for x in rows[int(sys.argv[3])]]
assert len(got) == 15
for g, w in zip(got, want):
    # rrdtool prints 11 digits; a total of them is whole
    assert abs(g - w) <= 1e-9 * max(1, w) and w == int(w), (g, w)
assert want[0] == sum(want[1:5]) and want[0] > 0
PY

# A slot is drawn where its time is, although NfSen stores it one earlier:
# the flood begins 4 h before the end, in upstream1's colour.
"$build/tests/tools/page" "$conf" $now \
    "/p/live/graph.png?ch=upstream1&plain=1&width=1000&height=300&end=$now" \
    >"$tmp/graph.txt"
python3 - "$tmp/graph.txt" $((now - now % step - 4 * 3600)) <<'PY' || fail "graph"
import struct, sys, zlib
head, png = open(sys.argv[1], 'rb').read().split(b'\r\n\r\n', 1)
plot = [l for l in head.split(b'\r\n') if l.startswith(b'X-Plot: ')][0]
left, top, width, height, _, _, begin, end = map(int, plot.split()[1:])
pos, data = 8, b''
while pos < len(png):
    n, kind = struct.unpack('>I4s', png[pos:pos + 8])
    if kind == b'IHDR':
        w, h, _, color = struct.unpack('>IIBB', png[pos + 8:pos + 18])
    if kind == b'IDAT':
        data += png[pos + 8:pos + 8 + n]
    pos += n + 12
size = {2: 3, 6: 4}[color]
raw, old, lines = zlib.decompress(data), bytearray(w * size), []
for y in range(h):
    kind, new = raw[y * (w * size + 1)], bytearray(
        raw[y * (w * size + 1) + 1:(y + 1) * (w * size + 1)])
    for x in range(len(new)):
        a = new[x - size] if x >= size else 0
        b, c = old[x], old[x - size] if x >= size else 0
        near = min((abs(b - c), 0, a), (abs(a - c), 1, b),
                   (abs(a + b - 2 * c), 2, c))[2]
        new[x] = (new[x] + (0, a, b, (a + b) // 2, near)[kind]) & 255
    lines.append(new)
    old = new
row = lines[top + height // 2]
flood = [x for x in range(w) if tuple(row[x * size:x * size + 3]) == (0x44, 0x77, 0xaa)]
want = left + width * (int(sys.argv[2]) - begin) / (end - begin)
assert flood, 'no flood'
assert abs(flood[0] - want) <= 1.5, (flood[0], want)
assert flood[-1] - flood[0] <= width * 900 / (end - begin) + 1, 'too wide'
PY
echo "$n comparisons with NfSen's RRDs"
