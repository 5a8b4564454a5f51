#!/bin/sh
# The command lines recorded from NfSen, against ours on the tree that NfSen
# left: the same output, except where nfsen_cli.differ says why not, and an
# exit status that is not 0 when something was refused.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 tar xz "$bin/nfsen-profiler" "$bin/nfsen"
data=$shared/data/nfsen
[ -e "$data/tree-a.tar.xz" ] || skip "the recorded tree is not there"
fakeclock=$build/tests/fakeclock.so
[ -e "$fakeclock" ] || skip "$fakeclock is not there"
shift
[ $# -gt 0 ] || set -- 01 02 03 04 05 06 07 08 09 10 11 12 13

mkdir "$tmp/template"
tar -xf "$data/tree-a.tar.xz" -C "$tmp/template" --strip-components 1 \
    --no-same-owner
base=$tmp/base
conf=$base/etc/nfsen.conf
export LC_ALL=C TZ=UTC

fresh_tree() { # user group
	rm -rf "$base" "$tmp/run"
	cp -a "$tmp/template" "$base"
	mkdir -p "$base/bin" "$tmp/run"
	# Copied: other users may not see the build.
	cp "$bin/nfsen" "$bin/nfsen-profiler" "$fakeclock" "$base/bin/"
	sed -e "s|@BASE@|$base|g" -e "s|@NFDUMP@|$base/bin|g" \
	    -e "s|www-data|$1|" -e "s|^1;|\$PIDDIR = '$tmp/run';|" \
	    -e "s|^\\\$WWWGROUP.*|\$WWWGROUP = '$2';|" \
	    "$tmp/template/etc/nfsen.conf" >"$conf"
	echo '1;' >>"$conf"
	[ "$1" = "$(id -un)" ] || chown -R "$1:$2" "$base" "$tmp/run"
}

# 2026-11-23 06:00:20 UTC: live's newest slot has just been worked off.
start_profiler() {
	python3 -c "import struct, sys, time
open(sys.argv[1], 'wb').write(
    struct.pack('<q', 1795413620 * 10**9 - time.time_ns()))" "$tmp/clock"
	LD_PRELOAD=$base/bin/fakeclock.so FAKECLOCK=$tmp/clock \
	    start_daemon nfsen-profiler
}
chmod 755 "$tmp"

bad=
for n; do
	user=$(id -un) group=$(id -gn)
	# Another user asks, who may because of a group.
	if [ "$n" = 12 ] && [ "$(id -u)" -eq 0 ] &&
	    id www-data >/dev/null 2>&1; then
		user=www-data group=www-data
	fi
	fresh_tree "$user" "$group"
	[ "$n" = 13 ] || start_profiler
	# The start has taken locks off, as NfSen's does.
	cp -p "$tmp/template/profiles-stat/frozen/profile.dat" \
	    "$base/profiles-stat/frozen/"
	python3 "$here/_nfsen_cli.py" "$base" "$here/nfsen_cli.differ" \
	    "$data/cli/$n"-*.txt || bad=$bad\ $n
	[ "$n" = 13 ] || end "$(cat "$tmp/run/nfsend.pid")" TERM
done
[ -z "$bad" ] || fail "transcripts$bad"
