#!/bin/sh
# NfSen's service commands as recorded (transcripts 20 to 26, one session on a
# fresh installation), against ours: start, stop, status, reload, reconfig,
# left-over pid files, refused configurations, another layout.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 tar xz "$bin/nfsen-profiler" "$bin/nfsen-collector" "$bin/nfsen"
cli=$shared/data/nfsen/cli
[ -e "$cli/20-start-stop.txt" ] || skip "the recorded transcripts are not there"
base=$tmp/base
mkdir -p "$base/etc" "$base/bin" "$tmp/run"
# Programs are copied: other users may not see the build.
chmod 755 "$tmp"
cp "$bin/nfsen" "$bin/nfsen-collector" "$bin/nfsen-profiler" "$base/bin/"
PORTS=$(free_ports 5)
export PORTS RUN="$tmp/run"
# shellcheck disable=SC2086  # ports are words
set -- $PORTS
user=$(id -un) group=$(id -gn)
sed -e "s|@BASE@|$base|g; s|@NFDUMP@|$base/bin|g" \
    -e "s|29995|$1|; s|29996|$2|; s|www-data|$user|" \
    -e "s|^\\\$WWWGROUP.*|\$WWWGROUP = \"$group\"; \$PIDDIR = '$tmp/run';|" \
    -e "s|^\\\$LogSocket.*||" "$cli/nfsen-c.conf" >"$base/etc/nfsen.conf"
FLOWFILE=$tmp/flowfile
export FLOWFILE
tar -xJOf "$shared/data/nfsen/tree-a.tar.xz" \
    tree-a/profiles-data/live/peer1/nfcapd.202611230400 >"$FLOWFILE"
NFSEN_CONF=$base/etc/nfsen.conf "$base/bin/nfsen" reconfig -y >"$tmp/log" ||
    fail "reconfig: $(cat "$tmp/log")"
python3 "$here/_nfsen_cli.py" "$base" "$here/nfsen_service.differ" \
    "$cli"/2[0-6]-*.txt
