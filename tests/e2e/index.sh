#!/bin/sh
# Indexes beside flow files: the confined profiler makes them behind its slots,
# queries say the same with them, without, with damaged ones and with those of
# other files; stock nfdump does not meet them; they go with their files.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump "$bin/nfsen-collector" "$bin/nfsen-profiler" "$bin/nfsen" \
    "$bin/nfsen-query" "$bin/flowgen"

# shellcheck disable=SC2046  # words
set -- $(free_ports 1)
step=2
config() { # more
	write_conf "'a' => { 'port' => '$port' }" "\$CYCLETIME = $step;
%profiles = ( 'p' => { 'channels' => {
    'tcp' => { 'filter' => 'proto tcp' } } } ); $1"
}
port=$1
config ''
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"
start_daemon nfsen-collector
start_daemon nfsen-profiler
"$bin/flowgen" --to "127.0.0.1:$port" -v 9 -r 2000 -t 6 -q ||
    fail "the simulator failed"
status() { nfsen index status "$1"; }
indexed() { # profile: all its files, and there are some
	status "$1" | grep -q ' [1-9][0-9]* known, 0 to do'
}
wait_for 20 indexed live || fail "live: $(status live)"
wait_for 20 indexed p || fail "p: $(status p)"
end "$(cat "$tmp/run/nfsen-collector.pid")" TERM
end "$(cat "$tmp/run/nfsend.pid")" TERM
nfsen index update >"$tmp/update" || fail "update: $(cat "$tmp/update")"

all() { "$bin/nfsen-query" -R "$live" "$@"; }
host=$(all -q -o fmt:%da -c 1 'proto tcp' | tr -d ' ')
[ -n "$host" ] || fail "there are no flows"
# what is found, without what it took to find it
answers() { # option...
	for f in "host $host" 'proto udp and port 53' 'host 198.51.100.1' \
	    'not proto tcp' 'bytes > 100000' 'net 192.0.2.0/24' any; do
		all "$@" -o line "$f"
		all "$@" -o null "$f"
	done | sed 's/Blocks skipped: .*//; /^Sys: /d'
}
answers --no-index >"$tmp/want"
same() {
	answers >"$tmp/got"
	cmp -s "$tmp/want" "$tmp/got" || fail "$1: another answer"
}
skipped() { all "$@" | sed -n 's/.*Blocks skipped: \([0-9]*\),.*/\1/p'; }
same "with indexes"
[ "$(skipped 'host 198.51.100.1')" -gt 0 ] || fail "nothing is passed over"
[ "$(skipped --no-index 'host 198.51.100.1')" -eq 0 ] ||
    fail "--no-index passes over blocks"

# what would be read is what is read
all --explain 'host 198.51.100.1' >"$tmp/plan"
grep -q "^blocks: .* by their indexes: $(skipped 'host 198.51.100.1')\$" \
    "$tmp/plan" || fail "another plan: $(cat "$tmp/plan")"

# stock nfdump walks into hidden folders, but there are none below a profile
nfdump -R "$live" -o null any >"$tmp/nfdump" 2>&1 || fail "nfdump failed"
grep -q 'bad magic' "$tmp/nfdump" && fail "nfdump meets an index"

# ours passes over them also where all profiles are
"$bin/nfsen-query" -R "$tmp/data" -o null any >"$tmp/ours" 2>&1 ||
    fail "all profiles: $(cat "$tmp/ours")"
grep -q '\.index' "$tmp/ours" && fail "our query meets an index"

# damaged, cut, of another time
cp -R "$tmp/data/.index" "$tmp/good"
find "$tmp/data/.index" -type f -exec sh -c 'head -c 3000 /dev/urandom |
    dd of="$1" bs=1 seek=500 conv=notrunc 2>/dev/null' - {} \;
same "with damaged indexes"
find "$tmp/data/.index" -type f -exec truncate -s 700 {} \;
same "with indexes that are cut"
rm -r "$tmp/data/.index"
same "without indexes"
mv "$tmp/good" "$tmp/data/.index"
same "with indexes put back"
newest=$(find "$live/a" -name 'nfcapd.2*' | sort | tail -n 1)
oldest=$(find "$live/a" -name 'nfcapd.2*' | sort | head -n 1)
cp "$newest" "$tmp/copy"
mv "$tmp/copy" "$oldest"
answers --no-index >"$tmp/want"
same "with an index of another file"

# a damaged flow file is complained of as ever
truncate -s 300 "$oldest"
nfsen index update live >"$tmp/update" || fail "update: $(cat "$tmp/update")"
grep -q '1 not readable whole' "$tmp/update" || fail "$(cat "$tmp/update")"
for o in --no-index -q; do
	rc=0
	all $o 'host 198.51.100.1' >/dev/null 2>"$tmp/err.$o" || rc=$?
	[ $rc -eq 2 ] || fail "status $rc with a damaged file"
done
cmp -s "$tmp/err.--no-index" "$tmp/err.-q" || fail "other complaints"

# a dry run changes nothing; what is gone takes its index along
nfsen index drop --check >/dev/null || fail "drop --check failed"
[ -d "$tmp/data/.index/live" ] || fail "a dry run dropped the index"
find "$live/a" -name 'nfcapd.2*' -exec rm {} +
nfsen index update >"$tmp/update" || fail "update: $(cat "$tmp/update")"
[ ! -e "$tmp/data/.index/live" ] || fail "an index without files is left"
[ -e "$tmp/data/.index/p" ] || fail "the other profile's index is gone"
nfsen index drop >/dev/null || fail "drop failed"
[ ! -e "$tmp/data/.index" ] || fail "drop left something"
