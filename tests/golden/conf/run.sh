#!/bin/sh
# Effective configs and refusals: each *.conf with -nv against its *.ok.
# run.sh BUILD [--update]
set -eu
tool=$1/tests/tools/confcheck
update=${2-}
cd "$(dirname "$0")"
case $tool in /*) ;; *) tool=../../../$tool ;; esac
got=$(mktemp)
trap 'rm -f "$got"' EXIT
failed=0
for conf in *.conf ../../../etc/nfsen-compat.conf; do
	ok=$(basename "$conf" .conf).ok
	rc=0
	"$tool" -nv -c "$conf" >"$got" 2>&1 || rc=$?
	echo "exit $rc" >>"$got"
	if [ "$update" = --update ]; then
		cp "$got" "$ok"
	elif ! diff -u "$ok" "$got"; then
		failed=1
	fi
done
exit $failed
