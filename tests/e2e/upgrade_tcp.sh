#!/bin/sh
# Another binary takes the collector's place while exporters send over TCP and
# data waits for its template: connections stay open, with half a message in
# them, templates of their sessions are known on, and no flow is lost.  When
# the new one fails the old one goes on with all of it.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3 "$bin/nfsen-collector" "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
tcp=$1 udp=$2
ctl=$tmp/run/nfsen-collector.ctl
mkdir "$tmp/bin"
cp "$bin/nfsen-collector" "$bin/nfsen" "$tmp/bin/"
write_conf "'t' => { 'port' => '$tcp', 'transport' => 'tcp' },
    'u' => { 'port' => '$udp' }" "\$CYCLETIME = 2;"
mkdir -p "$live/t" "$live/u"
run_bg collector "$tmp/bin/nfsen-collector" -d -c "$conf"
wait_for 10 test -S "$ctl" ||
    fail "no start"

ask() {
	python3 "$here/_ctl.py" "$ctl" "$@"
}
number() { # line key
	ask status | grep "^_$1=" | head -n 1 | sed 's/^_[a-z]*=/ /' | tr ' ' '\n' |
	    sed -n "s/^$2=//p"
}
is() { # line key value
	[ "$(number "$1" "$2")" = "$3" ]
}

mkfifo "$tmp/go"
python3 "$here/_ipfix_tcp.py" "$tcp" steady:50 steady:50 steady:200 steady:5 \
    <"$tmp/go" >"$tmp/sent.t" &
senders=$!
pids="$pids $senders"
exec 3>"$tmp/go"
wait_for 10 is stream connections 4 || fail "no connections"
# Two domains whose templates come after the last of the upgrades.
flowgen --to "127.0.0.1:$udp" -v 10 -d 2 -n 3000 -r 10000 \
    --template-delay 1000000 --json >"$tmp/udp.1.json"
waits() {
	[ "$(ask status | grep '^_source=ident=u' | tr ' ' '\n' |
	    sed -n 's/^waiting=//p')" -gt 20 ]
}
wait_for 10 waits || fail "nothing waits for a template"

replace() { # program: put it in the collector's place
	cp "$1" "$tmp/bin/new"
	chmod 755 "$tmp/bin/new"
	mv "$tmp/bin/new" "$tmp/bin/nfsen-collector"
}
for last in ready receiving; do
	printf '#!/bin/sh\nexec python3 "%s" %s\n' "$here/_successor.py" $last \
	    >"$tmp/quitter"
	replace "$tmp/quitter"
	ask upgrade >"$tmp/reply.txt" && fail "an upgrade to nothing went through"
	wait_for 5 is stream connections 4 || fail "$last: connections are gone"
done
replace "$bin/nfsen-collector"
for i in 1 2 3; do
	was=$(cat "$tmp/run/nfsen-collector.pid")
	ask upgrade >"$tmp/reply.txt" || fail "upgrade: $(cat "$tmp/reply.txt")"
	pid=$(cat "$tmp/run/nfsen-collector.pid")
	[ "$pid" != "$was" ] || fail "nobody else took over"
	wait_for 10 is stream connections 4 ||
	    fail "$i: $(number stream connections) of 4 connections go on"
	is stream accepted 0 || fail "$i: they were made anew"
	m=$(number stream messages)
	more() { [ "$(number stream messages)" -gt $((m + 100)) ]; }
	wait_for 10 more || fail "$i: nothing comes over them"
	waits || fail "$i: what waited is gone"
done

exec 3>&-
wait $senders || fail "senders: a connection was reset"
flowgen --to "127.0.0.1:$udp" -v 10 -d 2 -n 3000 -r 10000 -s 2 --json \
    >"$tmp/udp.2.json"
wait_for 5 is stream connections 0 || fail "connections stay open"
is stream closed 4 || fail "they did not end in order"
wait_for 5 udp_empty "$udp" || fail "datagrams are stuck"
[ "$(ask status | grep -c ' waiting=[1-9]')" = 0 ] || fail "some still wait"
end "$pid" TERM

sums() { # source: flows packets bytes
	nfdump -R "$live/$1" -I | awk -F': ' '$1 == "Flows" { f += $2 }
		$1 == "Packets" { p += $2 } $1 == "Bytes" { b += $2 }
		END { printf "%d %d %.0f\n", f, p, b }'
}
[ "$(sums t)" = "$(cat "$tmp/sent.t")" ] ||
    fail "TCP: stored $(sums t), sent $(cat "$tmp/sent.t")"
want=$(python3 "$here/_stations.py" want "$tmp"/udp.[12].json |
    awk '$1 == "any" { print $2, $3, $4 }')
[ "$(sums u)" = "$want" ] || fail "UDP: stored $(sums u), sent $want"
grep -h 'no_template=\|malformed=\|bad_version=\|truncated=' \
    "$tmp"/stat/live/.ledger/*/* && fail "something was given up"
echo "$(sums t | cut -d' ' -f1) flows over 4 connections through 3 upgrades"
