#!/bin/sh
# What exporters call their interfaces, VRFs and applications, and how they
# sample, is in every file with flows of theirs: Debian's nfdump prints it from
# the collector's files, from those of later slots, and from channels'.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/nfsen-profiler" \
    "$bin/nfsen-query"

port=$(free_ports 1)
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
echo "named in $slot, its channel and ${later##*/}"
