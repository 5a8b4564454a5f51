#!/bin/sh
# IPFIX over TCP and TLS: connections of all kinds at once, in pieces of any
# size, cut, broken, crowded; what whole messages bring is in the files, to the
# byte, and nothing else is.  A reload leaves connections alone.  TLS takes
# exporters with a certificate of ours and nobody else.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 openssl "$bin/nfsen-collector" "$bin/nfsen"

ports=$(free_ports 3)
# shellcheck disable=SC2086
set -- $ports
plain=$1 secure=$2 third=$3

# ---- certificates: an authority, what it signed, and a stranger's ------------
pki=$tmp/pki
mkdir "$pki"
authority() { # name
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj "/CN=$1" -keyout "$pki/$1.key" -out "$pki/$1.pem" \
	    2>/dev/null
}
signed() { # name authority
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj "/CN=$1" -keyout "$pki/$1.key" -out "$pki/$1.csr" 2>/dev/null
	printf 'subjectAltName=DNS:%s\n' "$1" >"$pki/ext"
	openssl x509 -req -in "$pki/$1.csr" -CA "$pki/$2.pem" \
	    -CAkey "$pki/$2.key" -CAcreateserial -days 2 -extfile "$pki/ext" \
	    -out "$pki/$1.pem" 2>/dev/null
}
authority ours
authority theirs
signed collector ours
signed exporter ours
signed stranger theirs

config() { # more sources, idle seconds
	write_conf "'plain' => { 'port' => '$plain', 'transport' => 'udp tcp' },
	    'secure' => { 'port' => '$secure', 'transport' => 'tls' }, $1" \
	    "\$CYCLETIME = 3600; \$TCPCONNECTIONS = 100; \$TCPIDLE = ${2:-100};
	    \$TLSCERT = '$pki/collector.pem'; \$TLSKEY = '$pki/collector.key';
	    \$TLSCA = '$pki/ours.pem';"
}
mkdir -p "$live/plain" "$live/secure" "$live/third"
config ''
start_daemon nfsen-collector
collector=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $collector"

send() { # port words...
	python3 "$here/_ipfix_tcp.py" "$@"
}

# A number of the collector's line about streams.
stream() { # key
	python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" status |
	    sed -n 's/^_stream=/ /p' | tr ' ' '\n' | sed -n "s/^$1=//p"
}
stream_is() { # key number
	[ "$(stream "$1")" = "$2" ]
}
await() { # key number
	wait_for 20 stream_is "$1" "$2" ||
	    fail "$1 is $(stream "$1"), not $2"
}

# ---- plain --------------------------------------------------------------------
send "$plain" plain:300 one:300 bytes:20 odd:300 big:40 again:30 many:15 \
    half:7 junk:5 short:4 redefine:20 old:6 >"$tmp/sent.1" ||
    fail 'sending failed'
# Datagrams to the same port are not disturbed.
flowgen --to "127.0.0.1:$plain" -v 10 -n 2000 -r 20000 -s 1 -e 2 \
    --from 127.0.1.1 --json >"$tmp/udp.json"
wait_for 5 udp_empty "$plain" || fail 'datagrams are stuck'
await connections 0
await cut 1
await bad_version 1
await bad_length 1

# ---- a reload leaves connections; a new port is there -------------------------
# The exporter goes on over the same connection, with the same templates.
mkfifo "$tmp/go"
send "$plain" held:50 <"$tmp/go" >"$tmp/sent.2" &
held=$!
pids="$pids $held"
exec 3>"$tmp/go"
await connections 1
config "'third' => { 'port' => '$third', 'transport' => 'tcp' },"
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload >/dev/null ||
    fail 'reload failed'
send "$third" plain:20 odd:20 >"$tmp/sent.3" || fail 'the new port is deaf'
[ "$(stream connections)" -ge 1 ] || fail 'the reload closed a connection'
exec 3>&-
wait "$held" || fail 'the held connection was not held'
await connections 0
config ''
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload >/dev/null ||
    fail 'second reload failed'
if send "$third" plain:1 >/dev/null 2>&1; then
	fail 'a port that went still answers'
fi

# ---- many that say nothing: bounded, they make room, and are idle in the end ---
mkfifo "$tmp/go2"
send "$plain" silent:200 <"$tmp/go2" >/dev/null 2>&1 &
silent=$!
pids="$pids $silent"
exec 3>"$tmp/go2"
wait_for 20 stream_is connections 50 ||
    fail "half of 100 is 50, not $(stream connections)"
[ "$(stream crowded)" -gt 0 ] || fail 'nobody had to make room'
send "$plain" plain:30 one:30 >"$tmp/sent.4" ||
    fail 'silent ones keep others out'
# The time they have can change while they wait.
config '' 1
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload >/dev/null ||
    fail 'third reload failed'
wait_for 20 stream_is connections 0 || fail 'the silent are not ended'
config ''
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload >/dev/null ||
    fail 'fourth reload failed'
[ "$(stream idle)" -gt 0 ] || fail 'nobody was idle'
exec 3>&-
wait "$silent" || :

# ---- said -----------------------------------------------------------------------
nfsen status >"$tmp/status.txt" 2>&1 || : # the profiler does not run
grep -q '^TCP and TLS: 0 connections of [0-9]*, [0-9]* messages, .*1 ended: cut.* ended: idle' \
    "$tmp/status.txt" || fail "nfsen status: $(cat "$tmp/status.txt")"
nfsen exporters --json >"$tmp/books.json" || fail 'nfsen exporters'
grep -q '"transport":"tcp"' "$tmp/books.json" || fail 'nobody came over TCP'
grep -q '"transport":"udp"' "$tmp/books.json" || fail 'nobody came over UDP'

# ---- TLS ----------------------------------------------------------------------
bad=$(stream tls)
send "$secure" --tls "$pki/ours.pem" --cert "$pki/exporter.pem" \
    --key "$pki/exporter.key" plain:100 one:200 bytes:3 odd:100 big:20 \
    again:10 half:3 redefine:10 many:10 >"$tmp/sent.5" ||
    fail 'TLS with our certificate failed'
await connections 0
[ "$(stream tls)" = "$bad" ] || fail 'a good connection counts as bad'
# A stranger's certificate, none at all, and no TLS at all.
send "$secure" --tls "$pki/ours.pem" --cert "$pki/stranger.pem" \
    --key "$pki/stranger.key" plain:5 >/dev/null 2>&1 || :
await tls $((bad + 1))
send "$secure" --tls "$pki/ours.pem" plain:5 >/dev/null 2>&1 || :
await tls $((bad + 2))
send "$secure" one:5 >/dev/null 2>&1 || :
await tls $((bad + 3))
if echo | openssl s_client -connect "127.0.0.1:$secure" -tls1_1 \
    -cipher 'ALL:@SECLEVEL=0' >/dev/null 2>&1; then
	fail 'TLS 1.1 is accepted'
fi
# A reload has new certificates: what was not trusted is.
cp "$pki/theirs.pem" "$pki/ours.pem.new"
cat "$pki/ours.pem" >>"$pki/ours.pem.new"
cp "$pki/ours.pem" "$pki/collector-ca.pem"
mv "$pki/ours.pem.new" "$pki/ours.pem"
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload >/dev/null ||
    fail 'reload with other certificates failed'
send "$secure" --tls "$pki/collector-ca.pem" --cert "$pki/stranger.pem" \
    --key "$pki/stranger.key" plain:5 >"$tmp/sent.6" ||
    fail 'what is trusted now is refused'
# A key that is no key changes nothing.
mv "$pki/collector.key" "$pki/saved"
echo nonsense >"$pki/collector.key"
if python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" reload >"$tmp/out"
then
	fail 'a reload without a key went through'
fi
grep -q 'collector.key' "$tmp/out" || fail "the message does not name the file: $(cat "$tmp/out")"
send "$secure" --tls "$pki/collector-ca.pem" --cert "$pki/exporter.pem" \
    --key "$pki/exporter.key" plain:5 >"$tmp/sent.7" ||
    fail 'a reload that failed has changed something'

# ---- another binary takes the ports over -----------------------------------------
if python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" upgrade >"$tmp/out"
then
	fail 'an upgrade without a key went through'
fi
mv "$pki/saved" "$pki/collector.key"
python3 "$here/_ctl.py" "$tmp/run/nfsen-collector.ctl" upgrade >"$tmp/out" ||
    fail "upgrade failed: $(cat "$tmp/out")"
collector=$(cat "$tmp/run/nfsen-collector.pid")
pids="$pids $collector"
send "$plain" again:20 many:10 >"$tmp/sent.9" || fail 'deaf after the upgrade'
send "$secure" --tls "$pki/collector-ca.pem" --cert "$pki/exporter.pem" \
    --key "$pki/exporter.key" plain:7 >"$tmp/sent.10" ||
    fail 'no TLS after the upgrade'
await connections 0

# ---- the end: what was sent is there ------------------------------------------
# Sent and closed a moment before the end: taken all the same.
send "$plain" one:400 >"$tmp/sent.8" || fail 'the last did not go out'
end "$collector" TERM

sums() { # source: flows packets bytes
	nfdump -R "$live/$1" -I | awk -F': ' '$1 == "Flows" { f += $2 }
		$1 == "Packets" { p += $2 } $1 == "Bytes" { b += $2 }
		END { printf "%d %d %.0f\n", f, p, b }'
}
plus() { # files: their sums
	awk '{ f += $1; p += $2; b += $3 } END { printf "%d %d %.0f\n", f, p, b }' "$@"
}
python3 "$here/_stations.py" want "$tmp/udp.json" |
    awk '$1 == "any" { print $2, $3, $4 }' >"$tmp/sent.udp"
same() { # source files
	s=$1
	shift
	[ "$(sums "$s")" = "$(plus "$@")" ] ||
	    fail "$s: stored $(sums "$s"), sent $(plus "$@")"
	echo "$s: $(plus "$@")"
}
same plain "$tmp/sent.1" "$tmp/sent.2" "$tmp/sent.4" "$tmp/sent.8" \
    "$tmp/sent.9" "$tmp/sent.udp"
same third "$tmp/sent.3"
same secure "$tmp/sent.5" "$tmp/sent.6" "$tmp/sent.7" \
    "$tmp/sent.10"
nfdump -R "$live" -I | grep -q '^Sequence failures: 0$' ||
    fail 'flows are missing by sequence number'
