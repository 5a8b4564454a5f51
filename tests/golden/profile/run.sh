#!/bin/sh
# profile.dat: oddities NfSen leaves behind (*.dat against *.ok), and every
# descriptor of a real NfSen printed back byte for byte.
# run.sh BUILD [--update]
set -eu
tool=$1/tests/tools/profile_cat
update=${2-}
here=$(cd "$(dirname "$0")" && pwd)
case $tool in /*) ;; *) tool=$PWD/$tool ;; esac
shared=$(cd "${SHARED:-$here/../../../../shared}" 2>/dev/null && pwd) || shared=
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$here"
failed=0
for dat in *.dat; do
	ok=${dat%.dat}.ok
	"$tool" "$dat" >"$tmp/got" 2>&1 || :
	if [ "$update" = --update ]; then
		cp "$tmp/got" "$ok"
	elif ! diff -u "$ok" "$tmp/got"; then
		failed=1
	fi
done
[ "$failed" -eq 0 ] || exit 1
tree=$shared/data/nfsen/tree-a.tar.xz
if [ ! -r "$tree" ]; then
	echo "shared/data/nfsen/tree-a.tar.xz is not there"
	exit 77
fi
tar -C "$tmp" -xJf "$tree"
n=0
for dat in $(find "$tmp" -name profile.dat | sort); do
	"$tool" "$dat" >"$tmp/got" && diff -u "$dat" "$tmp/got" || failed=1
	n=$((n + 1))
done
[ "$n" -ge 9 ] || { echo "only $n descriptors"; exit 1; }
exit $failed
