#!/bin/sh
# nfsen's dialogues on a tree of its own while no daemon runs.
# run.sh BUILD [--update]
set -u
build=$(cd "$1" && pwd)
update=${2-}
cd "$(dirname "$0")" || exit 2
tmp=$(mktemp -d)
base=$tmp/base
mkdir "$base"
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out

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
	    "$build/bin/nfsen" --config "$base/nfsen.conf" "$@" \
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
run '' status
config "$alpha $fixed" "\$WWWGROUP = 'nosuchgroup';"
run '' status
rm "$base/nfsen.conf"
run '' status

note a second reconfig while the first waits for its answer
config "$alpha"
mkfifo "$tmp/fifo"
"$build/bin/nfsen" --config "$base/nfsen.conf" reconfig \
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
echo 999999 >"$base/var/run/nfsend.pid"
run '' status
run '' stop
: >"$base/var/run/nfsend.pid"
echo 999999 >"$base/var/run/nfsen-collector.pid"
run '' status
run '' stop
run '' status

sed "s|$base|@BASE@|g; s|$build|@BUILD@|g; s/pid $first\$/pid @PID@/" "$out" \
    >"$tmp/got"
if [ "$update" = --update ]; then
	cp "$tmp/got" dialogues.ok
else
	diff -u dialogues.ok "$tmp/got"
fi
