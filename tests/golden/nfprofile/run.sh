#!/bin/sh
# What nfprofile (nfsen-profiler under that name) says and how it ends: the
# lines of `commands` against commands.ok.  run.sh BUILD [--update]
#
# A line is "options | channel list", \n in the list as printf has it.  D is
# a tree with the sources a and b and the profiles p (channels web, bad, two,
# gone; good filters but for bad and two) and g/sh (all).
set -eu
build=$(cd "$1" && pwd)
update=${2-}
cd "$(dirname "$0")"
here=$(pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

mkdir "$tmp/bin" "$tmp/D"
ln -s "$build/bin/nfsen-profiler" "$tmp/bin/nfprofile"
for s in a b; do
	"$build/bin/flowgen" --files "$tmp/D/live" --source $s -n 40 -q \
	    --start 1795392000 --until 1795392300
done
for c in p/web p/bad p/two; do
	mkdir -p "$tmp/D/$c"
done
mkdir -p "$tmp/D/g/sh"
echo 'proto tcp and port 443' >"$tmp/D/p/web-filter.txt"
echo 'proto tcp and prot 443' >"$tmp/D/p/bad-filter.txt"
printf '# comment\nproto tcp and\n  host 1.2.3.456\n' >"$tmp/D/p/two-filter.txt"
echo 'any' >"$tmp/D/p/gone-filter.txt"
echo 'any' >"$tmp/D/g/sh/all-filter.txt"
echo 'proto udp' >"$tmp/D/p/web-other"

cd "$tmp"
while IFS='|' read -r options list; do
	case $options in '' | '#'*) continue ;; esac
	list=${list# }
	printf '%s\n' "\$ nfprofile $options <<'$list'"
	rc=0
	# shellcheck disable=SC2059,SC2086  # the list has \n, options are words
	printf "$(printf %s "$list" | tr '!' '|')" | TZ=UTC "$tmp/bin/nfprofile" \
	    $options >"$tmp/out" 2>&1 || rc=$?
	sed "s|$tmp/||g" "$tmp/out"
	echo "exit $rc"
	find D ! -path 'D/live/*' \( -name 'nfcapd*' -o -name 'nfprofile*' -o \
	    -name '*.rrd' \) | sort
	find D ! -path 'D/live/*' \( -name 'nfcapd*' -o -name '*.rrd' -o \
	    -name .nfstat \) -delete
done <"$here/commands" >"$tmp/answers"

if [ "$update" = --update ]; then
	cp "$tmp/answers" "$here/commands.ok"
else
	diff -u "$here/commands.ok" "$tmp/answers"
fi
