#!/bin/sh
# Countries and AS numbers: -G, $GEODB, what is said without a database.
# tests/e2e/geo.sh BUILD
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
tools=$build/tests/tools

# Flows of 192.0.2.1 to 198.51.100.1, without AS numbers.
for i in 1 2 3; do echo "6 100$i 80 - -"; done |
	"$tools/payload_flows" "$tmp/flows"
"$tools/mmdbgen" "$tmp/country.mmdb" country <<-END
	192.0.2.0/24 CH 0
	198.51.100.0/25 GE 0
END
echo '192.0.2.0/24 - 64496' | "$tools/mmdbgen" "$tmp/asn.mmdb" asn
both=$tmp/country.mmdb:$tmp/asn.mmdb

query() {
	"$bin/nfsen-query" -r "$tmp/flows" -q -o fmt:%sp "$@" 2>&1
}
is() { # lines, then query's arguments
	want=$1
	shift
	got=$(query "$@" | grep -c '^ *100[123]$' || :)
	[ "$got" = "$want" ] || fail "$* gave $got flows, not $want"
}
says() { # status, text, then a command
	want=$1 text=$2
	shift 2
	status=0
	"$@" >"$tmp/said" 2>&1 || status=$?
	[ "$status" = "$want" ] || fail "$* ended with $status, not $want"
	grep -qF "$text" "$tmp/said" || fail "$*: $(cat "$tmp/said")"
}

is 3 -G "$both" 'src geo CH'
is 3 -G "$both" 'dst geo ge and src as 64496'
is 0 -G "$both" 'geo US or dst as 64496'
is 3 -G "$both" 'dst as 0'
is 0 -G "$tmp/country.mmdb" 'src as 64496'
says 254 'no database of countries' query -G none 'geo CH'
says 254 'no database of countries' query -G "$tmp/asn.mmdb" 'geo CH'
says 1 'No such file' query -G "$tmp/none" any
says 1 "a file of nfdump's" query -G "$tmp/flows" any

config() { # settings
	cat >"$conf" <<-END
		\$BASEDIR = '$tmp';
		$1
		%sources = ( 'up' => { 'port' => '9995', 'col' => '#112233' } );
		%profiles = ( 'p' => { 'channels' => {
		    'c' => { 'filter' => 'src geo CH' } } } );
		1;
	END
}
config "\$GEODB = '$both';"
is 3 --config "$conf" 'src geo CH'
is 0 --config "$conf" -G "$tmp/asn.mmdb" 'src as 1'
says 0 ok "$bin/nfsen" --config "$conf" --check
config "\$GEODB = '$tmp/gone.mmdb';"
says 1 "\$GEODB: $tmp/gone.mmdb: No such file" "$bin/nfsen" --config "$conf" --check
config ''
says 1 "channel 'c': filter: Line 1: column 9: no database of countries" \
	"$bin/nfsen" --config "$conf" --check

# ---- channels of nfprofile: databases and files of the configuration ----
mkdir -p "$tmp/data/live/up" "$tmp/var/filters" "$tmp/stat/p"
cp "$tmp/flows" "$tmp/data/live/up/nfcapd.202611230600"
job() { # filter; the channel's file is asked for what it has
	rm -rf "$tmp/data/p" && mkdir -p "$tmp/data/p/c"
	echo "$1" >"$tmp/stat/p/c-filter.txt"
	echo '.#p#2#c#' | NFSEN_CONF=$conf "$bin/nfsen-profiler" --nfprofile -I \
	    -p "$tmp/data" -P "$tmp/stat" -M "$tmp/data/live/up" \
	    -r nfcapd.202611230600 && "$bin/nfsen-query" -q -o fmt:%sp \
	    -r "$tmp/data/p/c/nfcapd.202611230600"
}
kept() { # lines, filter
	got=$(job "$2" | grep -c '^ *100[123]$' || :)
	[ "$got" = "$1" ] || fail "channel '$2' kept $got flows, not $1"
}
echo 'src port 1002' >"$tmp/var/filters/second"
echo 192.0.2.0/24 >"$tmp/var/filters/nets"
config "\$GEODB = '$both';"
kept 3 'src geo CH and src as 64496'
kept 1 '@include second'
kept 2 'not filter second and ip in [@nets]'
says 1 "'count'" job 'count < 3'
config ''
kept 1 'filter second'
says 1 'no database of countries' job 'src geo CH'
conf=$tmp/none
kept 3 any
says 1 'line 1: channel' job '@include second'
echo 'countries and AS numbers as configured'
