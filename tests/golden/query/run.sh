#!/bin/sh
# Command lines of nfsen-query and what they answer: the lines of `commands`
# against commands.ok.  run.sh BUILD [--update]
#
# In the folder are t1 and t2, sources of three slots each; t1 has an open
# file as well; d has a file with a damaged block and one that is cut off;
# all.nf has every element.
set -eu
build=$(cd "$1" && pwd)
update=${2-}
cd "$(dirname "$0")"
here=$(pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

for s in 1 2; do
	"$build/bin/flowgen" --files "$tmp" --source t$s -n 20 -s $s -q \
	    --start 1795392000 --until 1795392900
done
"$build/tests/tools/random_flows" "$tmp/all.nf" none 12 3 all
cp "$tmp/t2/nfcapd.202611230000" "$tmp/t1/nfcapd.current.99"
python3 - "$tmp/t1/nfcapd.current.99" <<'END'
import sys
b = bytearray(open(sys.argv[1], 'rb').read())
b[18:20] = b'\0\0'       # appendix blocks, its place, blocks:
b[24:32] = bytes(8)      # as they are while the file is open
b[36:40] = bytes(4)
open(sys.argv[1], 'wb').write(b[:-60])
END
mkdir "$tmp/d"
"$build/bin/flowgen" --files "$tmp" --source d --codec bz2 -n 20 -q \
    --start 1795392000 --until 1795392600
printf '\377\377\377\377' | dd of="$tmp/d/nfcapd.202611230000" bs=1 seek=60 \
    conv=notrunc 2>/dev/null
dd if=/dev/null of="$tmp/d/nfcapd.202611230005" bs=1 seek=500 2>/dev/null

# What a query took differs: of the 1.6 footer only the form is looked at.
times='/^Sys: .* Runtime: /d; /^Sys: /s/[0-9][0-9]*[.][0-9][0-9]*/N/g
/^Sys: /s/N  */N /g'

cd "$tmp"
echo 'proto udp' >udp.filter
printf '  proto tcp and\n  prot 3\n' >bad.filter
while read -r line; do
	echo "\$ $line"
	rc=0
	eval "\"$build/bin/nfsen-query\" $line" >out 2>err </dev/null || rc=$?
	sed "$times" out
	sed 's/^/! /' err
	[ $rc -eq 0 ] || echo "exit $rc"
done <"$here/commands" >got
if [ "$update" = --update ]; then
	cp got "$here/commands.ok"
else
	diff -u "$here/commands.ok" got
fi
