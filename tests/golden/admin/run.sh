#!/bin/sh
# nfsen's dialogues on a tree of its own, first while no daemon runs, then
# with daemons that do nothing but run and answer.
# run.sh BUILD [--update]
set -u
build=$(cd "$1" && pwd)
update=${2-}
cd "$(dirname "$0")" || exit 2
tmp=$(mktemp -d)
base=$tmp/base
mkdir "$base"
out=$tmp/out
bin=$build/bin
export TZ=UTC LC_ALL=C

cleanup() {
	cat "$base"/var/run/*.pid 2>/dev/null | while read -r p; do
		kill "$p" 2>/dev/null
	done
	rm -rf "$tmp"
}
trap cleanup EXIT

# A config: %sources, then more statements.
config() {
	{
		echo "\$BASEDIR = '$base';"
		echo "\$USER = '$(id -un)';"
		echo "%sources = ( $1 );"
		echo "${2-}"
	} >"$base/nfsen.conf"
}

# Run nfsen with this input; the transcript gets what it says.
run() { # input argument...
	input=$1
	shift
	echo "\$ nfsen $*" >>"$out"
	printf '%b' "$input" | sed 's/^/I: /' >>"$out"
	printf '%b' "$input" |
	    "$bin/nfsen" --config "$base/nfsen.conf" "$@" \
	    >"$tmp/o" 2>"$tmp/e"
	rc=$?
	{
		sed 's/^/O: /' "$tmp/o"
		sed 's/^/E: /' "$tmp/e"
		echo "X: $rc"
	} >>"$out"
}

note() {
	echo "# $*" >>"$out"
}

alpha="'alpha' => { 'port' => '29995', 'col' => '#0000ff' },"
betas="'beta1' => { 'port' => '29996', 'col' => '#ff0000', 'IP' => '127.0.1.1' },
    'beta2' => { 'port' => '29996', 'col' => '#880000', 'IP' => '127.0.1.2' },"
fixed="'fixed' => { 'port' => '0', 'col' => '#888888' },"
web="'web' => { 'channels' => {
    'https' => { 'filter' => 'proto tcp and port 443', 'col' => '#00aa00' },
    'http' => { 'filter' => 'proto tcp and port 80', 'col' => '#aa0000' } } },"
dns="'group/dns' => { 'shadow' => 1, 'channels' => {
    'all' => { 'filter' => 'port 53', 'col' => '#0000aa' } } },"

note options and a first look
config "$alpha"
run ''
run '' --nothing
run '' start stop
run '' restart
run '' --check
run '' status
run '' stop

note the first reconfig
config "$alpha $betas $fixed"
run '' start
run '' reload
run 'n\n' reconfig
run '' reconfig
run 'maybe\nyes\n' reconfig
run '' reconfig
run '' status
run '' stop

note sources come and go
config "$alpha 'gamma' => { 'port' => '29997', 'col' => '#00ff00' }, $fixed"
run '' status
run 'No\n' reconfig
run 'Y\n' reconfig

note profiles
config "$alpha $fixed" "%profiles = ( $web $dns );"
run '' reconfig -y
config "$alpha $fixed" \
    "%profiles = ( $(echo "$web" | sed 's/port 443/port 444/') );"
run 'y\n' reconfig
config "$alpha $fixed" '%profiles = ( );'
run 'y\n' reconfig
run '' reconfig

note profiles change, and some are not of config
hand=$base/profiles-stat/hand/made
mkdir -p "$hand" "$base/profiles-data/hand/made/tcp"
: >"$base/profiles-stat/hand/.group"
printf 'name = made\ngroup = hand\ntype = 2\nstatus = OK\nversion = 130
channel = tcp:+:#112233:1:alpha|fixed\n' >"$hand/profile.dat"
echo 'proto tcp' >"$hand/tcp-filter.txt"
config "$alpha $fixed" "%profiles = ( $web $dns );"
run 'y\n' reconfig
printf 'first=1\nlast=1\nsize=3145728\nmaxsize=0\nnumfiles=1\nlifetime=0
watermark=0\nstatus=0\n' >"$base/profiles-data/web/http/.nfstat"
config "$alpha" "%profiles = ( 'web' => { 'expire' => '1 day', 'channels' => {
    'https' => { 'filter' => 'proto tcp and port 443', 'col' => '#00bb00' },
    'quic' => { 'filter' => 'proto udp and port 443', 'col' => '#0000aa' } } },
    'group/dns' => { 'channels' => {
    'all' => { 'filter' => 'port 53', 'col' => '#0000aa' } } },
    'old' => { 'type' => 'history', 'tstart' => '202611010000',
    'tend' => '202611020000', 'channels' => { 'x' => { 'filter' => 'any' } } },
    'hand/made' => { 'shadow' => 1, 'channels' => { 'tcp' => {
    'filter' => 'proto tcp', 'col' => '#112233' } } } );"
rm -f "$base/profiles-stat/web/https.rrd"
run 'y\n' reconfig
run '' reconfig
run '' profile export group/dns
run '' profile export hand/made
run '' profile export live
run '' profile export nosuch
run '' profile export ../web
run '' profile export web file
config "$alpha" "%profiles = ( $("$bin/nfsen" --config "$base/nfsen.conf" \
    profile export group/dns) $("$bin/nfsen" --config "$base/nfsen.conf" \
    profile export web) $("$bin/nfsen" --config "$base/nfsen.conf" \
    profile export old) $("$bin/nfsen" --config "$base/nfsen.conf" \
    profile export hand/made) );"
run '' reconfig
config "$alpha" "%profiles = ( 'hand/made' => { 'shadow' => 1, 'channels' => {
    'tcp' => { 'filter' => 'proto tcp', 'col' => '#112233' } } } );"
run 'y\n' reconfig
config "$alpha $fixed" '%profiles = ( );'
run 'y\n' reconfig

note what is refused
config "$alpha 'a-b' => { 'port' => '29990' }"
run '' status
run '' reconfig
config "$alpha 'ok1' => { 'port' => '29995' }"
run '' start
config ''
run '' reconfig
config "$alpha $fixed" "$(echo "%profiles = ( $web );" | sed 's/port 80/prt 80/')"
run '' --check
run '' reconfig
config "$alpha $fixed" "\$USER = 'nosuchuser';"
run '' start
run '' status
run '' --check
config "$alpha $fixed" "\$WWWGROUP = 'nosuchgroup';"
run '' reconfig
rm "$base/nfsen.conf"
run '' status

note a second reconfig while the first waits for its answer
config "$alpha"
mkfifo "$tmp/fifo"
"$bin/nfsen" --config "$base/nfsen.conf" reconfig \
    <"$tmp/fifo" >"$tmp/first" 2>&1 &
first=$!
exec 3>"$tmp/fifo"
n=0
until grep -q Continue "$tmp/first" || [ $n -gt 200 ]; do
	sleep 0.05
	n=$((n + 1))
done
run 'y\n' reconfig
exec 3>&-
wait $first
sed 's/^/first: /' "$tmp/first" >>"$out"

note left-over pid files
config "$alpha"
run '' reconfig -y
echo 99999999 >"$base/var/run/nfsend.pid"
run '' status
run '' stop
: >"$base/var/run/nfsend.pid"
echo 99999999 >"$base/var/run/nfsen-collector.pid"
run '' status
run '' stop
run '' status

note everything runs
mkdir "$tmp/bin"
bin=$tmp/bin
cp "$build/bin/nfsen" "$bin/"
for d in nfsen-collector nfsen-profiler; do
	cp "$build/tests/tools/fakedaemon" "$bin/$d"
done
config "$alpha $betas $fixed"
run 'y\n' reconfig
export FAKE_START=fail
run '' start
unset FAKE_START
run '' start
run '' start
run '' status
run '' reload

note sources and profiles change while it runs
config "$alpha 'beta2' => { 'port' => '29996' },
    'gamma' => { 'port' => '29997', 'col' => '#00ff00' }, $fixed" \
    "%profiles = ( $web );"
run '' reload
run 'y\n' reconfig
run '' status
config "$alpha 'beta2' => { 'port' => '29998' }, $fixed" "%profiles = ( );"
run '' reconfig -y
config "$alpha 'beta2' => { 'port' => '29999' }, $fixed" "%profiles = ( );"
run '' status
run 'n\n' reconfig
run 'y\n' reconfig
run '' reconfig
run '' stop

note one of the two dies
run '' start
kill -9 "$(cat "$base/var/run/nfsend.pid")"
n=0
while "$bin/nfsen" --config "$base/nfsen.conf" status >/dev/null 2>&1 &&
    [ $n -lt 200 ]; do
	sleep 0.05
	n=$((n + 1))
done
run '' status
run '' reload
run '' start
run '' status
run '' stop

note a daemon refuses
export FAKE_RELOAD=fail
run '' start
config "$alpha" '%profiles = ( );'
run 'y\n' reconfig
run '' stop

note a collector of a version that does not tell its configuration
unset FAKE_RELOAD
export FAKE_CONFIG=none
config "$alpha 'beta2' => { 'port' => '29999' }" '%profiles = ( );'
run 'y\n' reconfig
run '' start
config "$alpha 'beta2' => { 'port' => '29998' }" '%profiles = ( );'
run 'y\n' reconfig
run '' status
run '' stop
unset FAKE_CONFIG

note only sources that are not collected
config "'zero' => { 'port' => '0' },
    'flow' => { 'port' => '29995', 'type' => 'pcap' }"
run 'y\n' reconfig
run '' start
run '' status
run '' stop

sed -E "s|$base|@BASE@|g; s|$build/bin\|$tmp/bin|@BIN@|g
    s/pid $first\$/pid @PID@/
    s/'tstart' => '[0-9]+'/'tstart' => '@TIME@'/
    s/\[[1-9][0-9]*\]/[@PID@]/g; s/\.\.+( |$)/.\1/" "$out" >"$tmp/got"
if [ "$update" = --update ]; then
	cp "$tmp/got" dialogues.ok
else
	diff -u dialogues.ok "$tmp/got"
fi
