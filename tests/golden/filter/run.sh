#!/bin/sh
# The 425 probe filters with both nfdumps' verdicts: we accept what either
# accepts, but for the named exceptions in not-accepted; what we make of each
# filter (normal form, or error and place) is in probes.ok.  What users are
# told about the wrong filters of errors.in is in errors.ok.
# run.sh BUILD [--update]
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
build=$(cd "$1" && pwd)
update=${2-}
here=$root/tests/golden/filter
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

"$build/tests/tools/filtercheck" -x "$root/tests/fuzz/filter_files" \
	<"$here/errors.in" >"$tmp/errors"
if [ "$update" = --update ]; then
	cp "$tmp/errors" "$here/errors.ok"
else
	diff -u "$here/errors.ok" "$tmp/errors" || failed=1
fi

spec=$(cd "$root" && cd "${SHARED:-../shared}/spec" 2>/dev/null && pwd) || {
	echo "no \$SHARED/spec"
	[ "$failed" -ne 0 ] || exit 77
	exit 1
}

cut -f 2- "$spec/filters.txt" >"$tmp/probes"
echo '192.0.2.0/24 CH 64496' | "$build/tests/tools/mmdbgen" "$tmp/geo" both
"$build/tests/tools/filtercheck" "$tmp/geo" <"$tmp/probes" >"$tmp/ours"
paste "$tmp/probes" "$tmp/ours" >"$tmp/got"

paste "$spec/filters.txt" "$spec/filters-head.txt" "$tmp/ours" |
	awk -F '\t' '
	{ want = $1 == "OK" || $3 == "OK" ? "OK" : "ERR" }
	want != $5 { print $2 }' >"$tmp/differ"
sed -n '/^#/!s/\t.*//p' "$here/not-accepted" >"$tmp/named"
diff -u "$tmp/named" "$tmp/differ" || failed=1

if [ "$update" = --update ]; then
	cp "$tmp/got" "$here/probes.ok"
else
	diff -u "$here/probes.ok" "$tmp/got" || failed=1
fi
exit $failed
