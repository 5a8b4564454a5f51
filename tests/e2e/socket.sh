#!/bin/sh
# The profiler's socket against clients that mean no good: names that leave the
# tree, lines without end, lists where values are meant.  All are refused by
# name, nothing changes outside, the daemon goes on.  A query that hangs holds
# up nobody and ends with its client, or with the daemon.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen-profiler" "$bin/nfsen-query" "$bin/nfsen"

write_conf "'a' => { 'port' => '0' }, 'b' => { 'port' => '0' }" \
    "%profiles = ( 'p' => { 'channels' => { 'c' => { 'filter' => 'any' } } },
    'g/q' => { 'shadow' => 1, 'channels' => { 'd' => { 'filter' => 'any' } } } );
\$BINDIR = '$tmp/bin';
\$PICDIR = '$tmp/pics';
\$FRONTEND_PLUGINDIR = '$tmp/\"; \$x = 1; //';"
# A query for one slot never ends, and has a child.
mkdir "$tmp/bin"
cat >"$tmp/bin/nfsen-query" <<SH
#!/bin/sh
case "\$*" in
*nfcapd.202601010005*) while :; do sleep 60; done ;;
esac
exec "$bin/nfsen-query" "\$@"
SH
chmod +x "$tmp/bin/nfsen-query"
mkdir "$tmp/pics" "$tmp/outside"
echo secret >"$tmp/outside/file"
ln -s "$tmp/outside/file" "$tmp/pics/link.png"
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"
start_daemon nfsen-profiler
python3 "$here/_hostile.py" "$tmp/run/nfsen.comm" "$tmp" \
    "$(cat "$tmp/run/nfsend.pid")" || fail "see above"
