#!/bin/sh
# A first day with it: a config with one source, start refused, reconfig,
# start, files, query, graphs over HTTP, stop.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump rrdtool python3 curl nginx "$bin/nfsen-collector" \
    "$bin/nfsen-profiler" "$bin/nfsen-fcgi" "$bin/nfsen-query" \
    "$bin/nfsen" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 2)
port=$1 http=$2
step=60
write_conf "'upstream1' => { 'port' => '$port', 'col' => '#0000ff' }" \
    "\$CYCLETIME = $step;"

said() { # text: the last command's output has this line
	grep -qxF -- "$1" "$tmp/out.log" || {
		cat "$tmp/out.log" >&2
		fail "'$1' was not said"
	}
}

# start before reconfig is refused
nfsen start >"$tmp/out.log" 2>&1 && fail "start went on before reconfig"
said "Configured sources do not match existing sources. Run 'nfsen reconfig' first!"

# the end of input is a no; n is a no
nfsen reconfig </dev/null >"$tmp/out.log" 2>&1 || :
[ ! -e "$tmp/stat/live/upstream1.rrd" ] || fail "end of input was taken for yes"
echo n | nfsen reconfig >"$tmp/out.log" 2>&1 || :
grep -qF 'New sources to configure : upstream1' "$tmp/out.log" ||
    fail "reconfig did not name the new source"
[ ! -e "$tmp/stat/live/upstream1.rrd" ] || fail "n was taken for yes"

# reconfig, start
echo y | nfsen reconfig >"$tmp/out.log" 2>&1 || fail "reconfig failed"
grep -qF 'Continue? [y/n]' "$tmp/out.log" || fail "reconfig did not ask"
said "Add source 'upstream1'"
said "Reconfig done!"
[ -e "$tmp/stat/live/upstream1.rrd" ] || fail "no RRD for the source"
nfsen reconfig >"$tmp/out.log" 2>&1
said "Reconfig: No changes found!"
nfsen start >"$tmp/out.log" 2>&1 || fail "start failed: $(cat "$tmp/out.log")"
pids="$pids $(cat "$tmp/run/nfsen-collector.pid" "$tmp/run/nfsend.pid")"
nfsen start >"$tmp/out.log" 2>&1 && fail "a second start went on"
nfsen status >"$tmp/out.log" 2>&1 || fail "status says it does not run"
grep -q upstream1 "$tmp/out.log" || fail "status does not list the source"

# traffic, and the slot's file under NfSen's name
flowgen --to "127.0.0.1:$port" -v 9 -n 20000 -r 20000 --json >"$tmp/sent.json"
now=$(date +%s)
slot=$((now - now % step))
file=$live/upstream1/$(date -d "@$slot" +%Y/%m/%d/nfcapd.%Y%m%d%H%M)
wait_for $((step + 5)) test -e "$file" || fail "no file $file"
python3 "$here/_stations.py" want "$tmp/sent.json" >"$tmp/want.txt"
python3 "$here/_stations.py" nfdump-I "$live/upstream1" |
    diff "$tmp/want.txt" - >&2 || fail "the files do not hold what was sent"

# query
"$bin/nfsen-query" -R "$live/upstream1" -o extended -s record/bytes \
    >"$tmp/query.txt" || fail "nfsen-query failed"
grep -q '^Top 10 flows ordered by bytes' "$tmp/query.txt" ||
    fail "no top list: $(cat "$tmp/query.txt")"
grep -q '^Total flows processed: 20000, ' "$tmp/query.txt" ||
    fail "wrong footer: $(tail -n 5 "$tmp/query.txt")"

# the graph
updated() {
	[ "$(rrdtool last "$tmp/stat/live/upstream1.rrd")" -ge "$slot" ]
}
wait_for 5 updated || fail "the RRD was not updated"
start_daemon nfsen-fcgi
pids="$pids $(cat "$tmp"/run/nfsen-fcgi.pid)"
start_nginx "$http"
url=http://127.0.0.1:$http
curl -sf "$url/" >"$tmp/home.html" || fail "no home page"
grep -qi '<html' "$tmp/home.html" || fail "the home page is no page"
for page in /p/live/graphs /p/live/details; do
	curl -sf "$url$page" >"$tmp/page.html" || fail "no $page"
	grep -oE '(src|data-src)="[^"]*\.(png|svg)[^"]*"' "$tmp/page.html" |
	    sed 's/^[^"]*"//; s/"$//; s/&amp;/\&/g' >"$tmp/images.txt"
	[ -s "$tmp/images.txt" ] || fail "$page shows no graph"
	image=$(head -n 1 "$tmp/images.txt")
	curl -sf -D "$tmp/head.txt" "$url$image" >"$tmp/image" ||
	    fail "$page: no graph $image"
	case $(head -c 4 "$tmp/image" | od -An -tx1 | tr -d ' \n') in
	89504e47 | 3c3f786d | 3c737667) ;; # PNG, <?xm, <svg
	*) fail "$image is neither PNG nor SVG" ;;
	esac
done

# stop
nfsen stop >"$tmp/out.log" 2>&1 || fail "stop failed"
[ ! -e "$tmp/run/nfsend.pid" ] || fail "pid file is left"
nfsen status >"$tmp/out.log" 2>&1 && fail "status says it runs after stop"
echo "20000 flows walked through"
