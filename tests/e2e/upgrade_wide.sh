#!/bin/sh
# An upgrade with more connections than one message between processes can
# carry, and with TLS, whose connections end with it, in order: what has come
# over them is stored, the exporters come again.  Sequence numbers go on where
# they were: nothing is missing but what really is.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 openssl "$bin/nfsen-collector" "$bin/nfsen"

n=300
[ "$(getconf OPEN_MAX)" -gt $((n * 3)) ] ||
    skip "not so many descriptors are allowed"
# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
plain=$1 secure=$2
ctl=$tmp/run/nfsen-collector.ctl
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=collector -addext subjectAltName=DNS:collector \
    -keyout "$tmp/key" -out "$tmp/cert" 2>/dev/null
write_conf "'plain' => { 'port' => '$plain', 'transport' => 'tcp' },
    'secure' => { 'port' => '$secure', 'transport' => 'tls' }" \
    "\$CYCLETIME = 3600; \$TCPCONNECTIONS = 1000;
    \$TLSCERT = '$tmp/cert'; \$TLSKEY = '$tmp/key';"
nfsen reconfig -y >"$tmp/out.log" 2>&1 || fail "$(cat "$tmp/out.log")"
run_bg collector "$bin/nfsen-collector" -d -c "$conf"
first=$!
wait_for 10 test -S "$ctl" || fail "no start"

stream() { # key number
	[ "$(python3 "$here/_ctl.py" "$ctl" status | sed -n 's/^_stream=/ /p' |
	    tr ' ' '\n' | sed -n "s/^$1=//p")" = "$2" ]
}
mkfifo "$tmp/go.plain" "$tmp/go.secure"
# shellcheck disable=SC2046  # words
python3 "$here/_ipfix_tcp.py" "$plain" $(yes held:2 | head -n $n) gap:4 \
    <"$tmp/go.plain" >"$tmp/sent.plain" &
plains=$!
exec 3>"$tmp/go.plain"
python3 "$here/_ipfix_tcp.py" "$secure" --tls "$tmp/cert" back:5 back:5 back:5 \
    <"$tmp/go.secure" >"$tmp/sent.secure" &
secures=$!
pids="$pids $plains $secures"
exec 4>"$tmp/go.secure"
wait_for 30 stream connections $((n + 4)) || fail "no connections"
wait_for 30 stream messages $((2 * n + 4 + 15)) || fail "not all has come"

nfsen upgrade >"$tmp/upgrade.txt" 2>&1 ||
    fail "upgrade: $(cat "$tmp/upgrade.txt")"
[ "$(cat "$tmp/run/nfsen-collector.pid")" != "$first" ] || fail "nobody new"
# Those of TLS are new, with their template once more; the others are not.
wait_for 30 stream accepted 3 ||
    fail "accepted: $(python3 "$here/_ctl.py" "$ctl" status | grep _stream)"
wait_for 30 stream messages $((15 + 3)) || fail "not all came again"
stream connections $((n + 4)) || fail "connections are gone"
exec 3>&- 4>&-
wait $plains || fail "a connection was reset"
wait $secures || fail "a connection of TLS was reset"
wait_for 30 stream connections 0 || fail "connections stay"
stream closed $((n + 4)) || fail "they did not end in order"
end "$(cat "$tmp/run/nfsen-collector.pid")" TERM

for s in plain secure; do
	got=$(nfdump -R "$live/$s" -I | awk -F': ' '$1 == "Flows" { f += $2 }
		$1 == "Packets" { p += $2 } $1 == "Bytes" { b += $2 }
		END { printf "%d %d %.0f\n", f, p, b }')
	[ "$got" = "$(cat "$tmp/sent.$s")" ] ||
	    fail "$s: stored $got, sent $(cat "$tmp/sent.$s")"
done
lost() { # source
	cat "$tmp/stat/live/.ledger/$1"/* | tr ' ' '\n' |
	    awk -F= '$1 == "sequence_lost" { n += $2 } END { print n + 0 }'
}
[ "$(lost secure)" = 0 ] || fail "secure: $(lost secure) flows are said to miss"
[ "$(lost plain)" = 30 ] || fail "plain: $(lost plain) of 30 flows missing"
grep -h 'no_template=\|malformed=\|truncated=' "$tmp"/stat/live/.ledger/*/* &&
    fail "something was given up"
echo "$(cat "$tmp/sent.plain" "$tmp/sent.secure" |
    awk '{ n += $1 } END { print n }') flows over $((n + 4)) connections"
