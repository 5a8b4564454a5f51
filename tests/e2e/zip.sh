#!/bin/sh
# Every form of $ZIPcollected and $ZIPprofiles, from the config to the files:
# what nfdump says the codec is, and that it reads all flows.
#
#   zip.sh BUILD [FORM CODEC]   the second form checks one, in its own folder
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen" "$bin/flowgen"

# NfSen's values as their users mean them, nfdump's options, ours.
forms="0=not 00=not =not none=not -z=none=not
1=lz4 2=lz4 99=lz4 -y=lz4 lz4=lz4 lz4:1=lz4 -z=lz4=lz4 -z=lz4:5=lz4 -z=lz4:12=lz4 -z=lz4:fast=lz4
-z=lzo lzo=lzo -z=lzo=lzo
-j=bz2 bz2=bz2 -z=bz2=bz2 -z=bz2:1=bz2 -z=bz2:9=bz2
zstd=zstd -z=zstd=zstd -z=zstd:1=zstd -z=zstd:19=zstd"
refused="-Z -q yes lz4: lz4:0 lz4:13 lzo:1 none:1 bz2:10 zstd:23 -z= -z=gzip -y:3"

config() { # form
	write_conf "'up' => { 'port' => '$port', 'col' => '#0000ff' }" "
\$CYCLETIME = 2; \$SUBDIRLAYOUT = 0;
\$ZIPcollected = '$1'; \$ZIPprofiles = '$1';
%profiles = ( 'all' => { 'channels' => { 'any' => { 'filter' => 'any' } } } );"
}

codec_of() { # file
	case $(nfdump -v "$1" 2>&1) in
	*'not compressed'*) echo not ;;
	*lz4*) echo lz4 ;;
	*lzo*) echo lzo ;;
	*bz2*) echo bz2 ;;
	*) # nfdump 1.7.1 does not know it: byte 16 of the header
		case $(od -An -tu1 -j16 -N1 "$1" | tr -d ' ') in
		4) echo zstd ;;
		*) echo unknown ;;
		esac
		;;
	esac
}

flows_in() { # folder
	n=0
	for f in "$1"/nfcapd.[0-9]*; do
		[ -e "$f" ] || continue
		case $want in
		zstd) k=$("$bin/nfsen-query" -r "$f" -I) ;;
		*) k=$(nfdump -r "$f" -I) ;;
		esac
		n=$((n + $(echo "$k" | sed -n 's/^Flows: //p')))
	done
	echo $n
}

all_there() {
	[ "$(flows_in "$live/up")" -eq 3000 ] &&
	    [ "$(flows_in "$tmp/data/all/any")" -eq 3000 ]
}

one_form() { # form
	port=$(free_ports 1)
	config "$1"
	nfsen reconfig -y >/dev/null 2>&1 || fail "'$1': reconfig"
	start_daemon nfsen-collector
	start_daemon nfsen-profiler
	flowgen --to "127.0.0.1:$port" -v 9 -n 3000 -r 10000 -q
	wait_for 30 all_there || fail "'$1': $(flows_in "$live/up") flows in
live, $(flows_in "$tmp/data/all/any") in the channel, of 3000"
	for f in "$live"/up/nfcapd.[0-9]* "$tmp"/data/all/any/nfcapd.[0-9]*; do
		got=$(codec_of "$f")
		[ "$got" = "$want" ] || fail "'$1': $f is $got"
	done
}

if [ $# -gt 1 ]; then
	want=$3
	one_form "$2"
	exit 0
fi

# So many at once as take a few seconds each.
n=0
for form in $forms; do
	case $form in
	-z=lzo) value=-z codec=lzo ;;
	*) value=${form%=*} codec=${form##*=} ;;
	esac
	{
		"$0" "$build" "$value" "$codec" 2>&1 || echo "form '$value'"
	} >"$tmp/form.$n" &
	n=$((n + 1))
	[ $((n % 9)) -ne 0 ] || wait
done
wait
cat "$tmp"/form.* >"$tmp/failed"
[ ! -s "$tmp/failed" ] || fail "$(cat "$tmp/failed")"

port=9995
for form in $refused; do
	config "$form"
	rc=0
	nfsen --check >"$tmp/check.txt" 2>&1 || rc=$?
	[ $rc -ne 0 ] || fail "'$form' is taken"
	grep -q "nfsen.conf:[0-9]*:[0-9]*: '\$ZIPcollected': compression '$form': expected none, lzo," \
	    "$tmp/check.txt" || fail "'$form': $(cat "$tmp/check.txt")"
done
echo "$n forms in both kinds of files, $(echo "$refused" | wc -w) refused"
