#!/bin/sh
# Every dialogue recorded from NfSen, against our profiler on the tree that
# NfSen left: the same answers, except where dialogues.differ says why not.
# The clock stands at the time of that tree, and no slot ends meanwhile.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 tar xz "$bin/nfsen-profiler" "$bin/nfsen-query"
data=$shared/data/nfsen
[ -e "$data/tree-a.tar.xz" ] || skip "the recorded tree is not there"
fakeclock=$build/tests/fakeclock.so
[ -e "$fakeclock" ] || skip "$fakeclock is not there"

mkdir "$tmp/template"
tar -xf "$data/tree-a.tar.xz" -C "$tmp/template" --strip-components 1 \
    --no-same-owner
base=$tmp/base
cp -a "$tmp/template" "$base"
mkdir -p "$base/bin" "$tmp/run"
ln -s "$bin/nfsen-query" "$base/bin/nfsen-query"
# What was in the folders of plugins: a page, and a picture of one.
printf '\377\330\377\340 JPEG' >"$base/plugins/smily.jpg"
: >"$base/htdocs/plugins/demoplugin.php"
# And one that answers as the recorded, as a program.
cp "$here/_demoplugin.sh" "$base/plugins/demoplugin"
chmod 755 "$base/plugins/demoplugin"
# Below $BINDIR, where jobs in their sandbox can load it.
cp "$fakeclock" "$base/bin/"
fakeclock=$base/bin/fakeclock.so
conf=$base/etc/nfsen.conf
sed -e "s|@BASE@|$base|g" -e "s|@NFDUMP@|$base/bin|g" \
    -e "s|www-data|$(id -un)|" "$tmp/template/etc/nfsen.conf" >"$conf"
sed -i "s|^\\\$WWWGROUP.*|\\\$WWWGROUP = '$(id -gn)';|
s|^1;|\\\$PIDDIR = '$tmp/run';\\n1;|" "$conf"

# 2026-11-23 06:00:20 UTC: live's newest slot, 05:55, has just been worked off.
python3 - "$tmp/clock" <<'PY'
import struct, sys, time
with open(sys.argv[1], 'wb') as f:
    f.write(struct.pack('<q', 1795413620 * 10**9 - time.time_ns()))
PY
export LD_PRELOAD="$fakeclock" FAKECLOCK="$tmp/clock"
start_daemon nfsen-profiler
unset LD_PRELOAD
shift
python3 "$here/_dialogues.py" "$tmp/run/nfsen.comm" "$base" "$tmp/template" \
    "$here/dialogues.differ" "$data/dialogues" "$@"
