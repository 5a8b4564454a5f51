#!/bin/sh
# What exporters call their interfaces, VRFs and applications, and how they
# sample, is in every file with flows of theirs: Debian's nfdump prints it from
# the collector's files, from those of later slots, and from channels'.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen-query"

# shellcheck disable=SC2046  # words
set -- $(free_ports 3)
port=$1 port_default=$2 port_override=$3
sources="'up' => { 'port' => '$port', 'col' => '#0000aa' }"
mkdir -p "$live/up"
columns='fmt:%in %inam,%out %onam,%nbid %nbnam,%ivrf %ivrfnam,%evrf %evrfnam,%pkt %byt'

start() { # statements
	write_conf "$sources" "$1"
	start_daemon nfsen-collector
	collector=$(cat "$tmp/run/nfsen-collector.pid")
	pids="$pids $collector"
}

stop() {
	wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
	end "$collector" TERM
}

export_from() { # version word...
	python3 "$here/_names.py" "$port" "$@"
}

named() { # file, what it is, lines wanted on stdin
	cat >"$tmp/want.txt"
	nfdump -q -r "$1" -o "$columns" 2>"$tmp/complaints.txt" | tr -s ' ' |
	    sed 's/^ //; s/ $//' >"$tmp/got.txt"
	diff "$tmp/want.txt" "$tmp/got.txt" >&2 || fail "$2: names"
	[ ! -s "$tmp/complaints.txt" ] ||
	    fail "$2: nfdump says $(cat "$tmp/complaints.txt")"
}

# ---- one slot, two exporters, and a name that changes within it ----
start '$CYCLETIME = 3600;'
export_from 9 announce flow
export_from 10 announce flow rename flow
stop
file=$(find "$live/up" -name 'nfcapd.2*')
cat >"$tmp/lines" <<'EOF'
1 eth0, 2 xe-0/0/1, 3..80 http/World Wide Web, 3 red, 4 blue, 1000 100000
1 eth0, 2 xe-0/0/1, 3..80 http/World Wide Web, 3 red, 4 blue, 1000 100000
1 wan0, 2 xe-0/0/1, 3..80 http/World Wide Web, 3 red, 4 blue, 2000 200000
EOF
named "$file" "the collector's file" <"$tmp/lines"
described() { # file
	nfdump -E "$1" | tr -s ' ' | sed -n -e 's/, Sequence.*//; s/ - no flows sent//' \
	    -e '/^SysID/p; /Sampler/p' \
	    >"$tmp/exporters.txt"
	cat <<'EOF' | diff - "$tmp/exporters.txt" >&2 || fail "$1: nfdump -E"
SysID: 1, IP: 127.0.0.9, version: 9, ID: 7
 Sampler: Assigned Sampler: id: 5, algorithm: 2, packet interval: 1, packet space: 99
SysID: 2, IP: 127.0.0.10, version: 10, ID: 7
 Sampler: Assigned Sampler: id: 5, algorithm: 2, packet interval: 1, packet space: 99
 Sampler: Assigned Sampler: id: 5, algorithm: 2, packet interval: 1, packet space: 199
EOF
}
described "$file"
"$bin/nfsen-query" -q -r "$file" -o 'fmt:%in,%out,%pkt' | grep -c '1, *2' |
    grep -qx 3 || fail "nfsen-query: flows of a file with names"

# ---- a channel's file ----
mkdir -p "$tmp/data/p/c" "$tmp/stat/p"
echo 'proto tcp' >"$tmp/stat/p/c-filter.txt"
ln -s "$bin/nfsen-profiler" "$tmp/nfprofile"
slot=$(basename "$file")
echo '.#p#2#c#' | "$tmp/nfprofile" -I -p "$tmp/data" -P "$tmp/stat" -S 1 \
    -t "$(date -u -d "$(echo "${slot#nfcapd.}" |
	sed 's/\(....\)\(..\)\(..\)\(..\)/\1-\2-\3 \4:/')" +%s)" \
    -M "$live/up" -r "${file#"$live/up/"}" >"$tmp/nfprofile.log" 2>&1 ||
    fail "nfprofile: exit $?"
channel=$(find "$tmp/data/p/c" -name 'nfcapd.2*')
# What is known at a block's end is in front of the block's flows.
sed 's/eth0/wan0/' "$tmp/lines" | named "$channel" "the channel's file"
described "$channel"

# ---- said once, in every file since ----
find "$live" -name 'nfcapd.*' -delete
start '$CYCLETIME = 1;'
export_from 9 announce
wait_for 5 sh -c "[ \$(find '$live/up' -name 'nfcapd.2*' | wc -l) -ge 2 ]" ||
    fail "no rotation"
export_from 9 flow
stop
for file in $(find "$live/up" -name 'nfcapd.2*' | sort); do
	nfdump -q -r "$file" -I | grep -qx 'Flows: 1' || continue
	head -n 1 "$tmp/lines" | named "$file" "a later slot"
	nfdump -E "$file" | grep -q 'id: 5, .* packet space: 99' ||
	    fail "a later slot: no sampler"
	later=$file
done
[ -n "${later-}" ] || fail "the flow is in no file"

# ---- and after a restart ----
find "$live" -name 'nfcapd.*' -delete
start "\$CYCLETIME = 3600;"
export_from 9 flow
stop
file=$(find "$live/up" -name 'nfcapd.2*')
head -n 1 "$tmp/lines" | named "$file" "after a restart"
nfdump -E "$file" | grep -q 'id: 5, .* packet space: 99' ||
    fail "after a restart: no sampler"

# ---- what only newer files can hold ----
rich() { # format
	find "$live" -name 'nfcapd.*' -delete
	start "\$CYCLETIME = 3600; \$FLOWFORMAT = '$1';"
	export_from 9 rich
	export_from 10 rich frame
	stop
	file=$(find "$live/up" -name 'nfcapd.2*')
	"$bin/nfsen-query" -q -r "$file" -o json | tr -d '\t ' | grep -E \
	    '(vlan|phys|ether|ip_|flowID|sampler_id|frame|link|service|nat_)' |
	    sed 's/,$//' >"$tmp/rich.txt"
}
layer2='"vlanID":0
"post_vlanID":0
"cust_vlanID":103
"post_cust_vlanID":104
"phys_ingress":11
"phys_egress":12
"ethertype":"0x8100"
"ip_version":4'
vlan='"src_vlan":101
"dst_vlan":102'
ttl='"ip_minttl":3
"ip_maxttl":250
"ip_fragment":64'
rich newest
cat <<EOF | diff - "$tmp/rich.txt" >&2 || fail "what newest files hold"
$vlan
"sampler_id":77
"frame_size":1514
"link_type":1
$layer2
$ttl
$vlan
"sampler_id":77
"frame_size":1514
"link_type":1
$layer2
"flowID":73588229205
"in_service_id":601
"out_service_id":602
"nat_string":"pool"
$ttl
"frame_size":1514
"link_type":1
"frame":"02000000000102000000000208004500002800000000400600000a0000010a00000204d2005000000000000000000000000000000000"
"vlanID":0
"post_vlanID":0
"cust_vlanID":0
"post_cust_vlanID":0
"phys_ingress":0
"phys_egress":0
"ethertype":"0x0800"
"ip_version":0
"ip_minttl":64
"ip_maxttl":64
"ip_fragment":0
EOF
rich 1.7.1
printf '%s\n%s\n' "$vlan" "$vlan" | diff - "$tmp/rich.txt" >&2 ||
    fail "what files for 1.7.1 hold"
nfdump -q -r "$file" -o 'fmt:%pkt' 2>&1 | tr -d ' ' | sort | uniq -c |
    tr -s ' \n' ' ' | grep -qx ' 1 1 2 10 ' || fail "nfdump on them"
# ---- sampling that the configuration says, by source ----
find "$live" -name 'nfcapd.*' -delete
plain=$sources
mkdir -p "$live/default" "$live/override"
sources="'default' => { 'port' => '$port_default', 'col' => '#0000aa',
	'optarg' => '-s 10' },
    'override' => { 'port' => '$port_override', 'col' => '#00aa00',
	'optarg' => '-s -5' }, $plain"
start "\$CYCLETIME = 3600;"
for p in "$port_default" "$port_override"; do
	python3 "$here/_names.py" "$p" 9 rich announce flow
	wait_for 5 udp_empty "$p" || fail "datagrams are stuck"
done
stop
applied() { # source, packets and samplers wanted
	nfdump -q -R "$live/$1" -o 'fmt:%pkt' | tr -d ' ' | tr '\n' ' ' \
	    >"$tmp/packets.txt"
	[ "$(cat "$tmp/packets.txt")" = "$2" ] ||
	    fail "$1: packets $(cat "$tmp/packets.txt")"
	nfdump -E "$(find "$live/$1" -name 'nfcapd.2*')" | grep -q "$3" ||
	    fail "$1: nfdump -E lacks $3"
}
applied default '100 1000 ' 'Sampler: Static default.*packet space: 9$'
applied override '50 50 ' 'Sampler: Static overwrite.*packet space: 4$'
echo "named in $slot, its channel and ${later##*/}"
