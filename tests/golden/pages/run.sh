#!/bin/sh
# Pages and JSON of a generated tree at a fixed time: each line of list
# (name, address) against name.ok.  run.sh BUILD [--update]
set -eu
build=$(cd "$1" && pwd)
update=${2-}
cd "$(dirname "$0")"
export TZ=UTC LC_ALL=C
now=1795438200
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/run" "$tmp/stat" "$tmp/data"
cat >"$tmp/nfsen.conf" <<CONF
\$BASEDIR = "$tmp";
\$PIDDIR = "\$BASEDIR/run";
\$PROFILESTATDIR = "\$BASEDIR/stat";
\$PROFILEDATADIR = "\$BASEDIR/data";
%sources = (
	'upstream1' => { 'port' => '9995', 'col' => '#4477aa' },
	'peer1' => { 'port' => '9996', 'col' => '#228833' },
	'peer2' => { 'port' => '0' },
);
1;
CONF
"$build/tests/tools/fixture" "$tmp/nfsen.conf" $now 2
failed=0
while read -r name address; do
	# One element a line, so that a difference can be read.
	"$build/tests/tools/page" "$tmp/nfsen.conf" $now "$address" |
	    sed -e "s,$tmp,@TMP@,g" -e 's/\r$//' -e 's/^Content-Length: .*/Content-Length: @/' \
		-e 's/></>\n</g' >"$tmp/got"
	if [ "$update" = --update ]; then
		cp "$tmp/got" "$name.ok"
	elif ! diff -u "$name.ok" "$tmp/got"; then
		echo "FAIL $name: $address"
		failed=1
	fi
done <list
exit $failed
