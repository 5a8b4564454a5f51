#!/bin/sh
# 'nfsen profile expire --check' tells what an expiry would remove, and
# removes nothing; then the expiry removes just that.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen-profiler" "$bin/nfsen" "$bin/flowgen"

write_conf "'a' => { 'port' => '0' }, 'b' => { 'port' => '0' }" ""
nfsen reconfig -y >"$tmp/reconfig.log" 2>&1 || fail "reconfig failed"
now=$(date +%s)
last=$((now - now % 300 - 600))
first=$((last - 100 * 300))
for s in a b; do
	flowgen --files "$live" --source $s --start $first \
	    --until $((last + 300)) --layout 1 -n 3000 -s 7 -q
done
is() { # what found expected
	[ "$2" = "$3" ] || fail "$1: $2, not $3"
}
files() {
	find "$live" -name 'nfcapd.[0-9]*' | sort
}
kb=$(files | xargs du -k -c | tail -n 1 | cut -f 1)
python3 "$here/_build.py" set "$tmp" live tstart=$first tend=$last \
    updated=$last maxsize=$((kb * 512)) expire=0

files >"$tmp/before"
nfsen profile expire live --check >"$tmp/check" || fail "not checked"
cat "$tmp/check"
files | cmp - "$tmp/before" || fail "files have gone"
going=$(sed -n 's/^all	\([0-9]*\) of 202 files	.*/\1/p' "$tmp/check")
[ "${going:-0}" -gt 90 ] || fail "not what goes"
sum=0
for n in $(sed -n 's/^[ab]	\([0-9]*\) files	.*/\1/p' "$tmp/check"); do
	sum=$((sum + n))
done
is "files of both channels" "$sum" "$going"
nfsen profile expire live --check --json >"$tmp/json"
is "files in JSON" "$going" \
    "$(python3 -c 'import json,sys; d = json.load(open(sys.argv[1]))
print(d["files"] if d["files"] == sum(c["files"] for c in d["channels"])
      else d)' "$tmp/json")"
nfsen profile expire nothing --check 2>"$tmp/err" && fail "no such profile"
grep -q nothing "$tmp/err" || fail "not named: $(cat "$tmp/err")"

start_daemon nfsen-profiler
nfsen profile expire live >"$tmp/expired" || fail "not expired"
gone() {
	[ "$(files | wc -l)" -eq $((202 - going)) ]
}
wait_for 30 gone || fail "not as many files as told have gone"
files >"$tmp/after"
# The oldest have gone, and nothing has come.
tail -n +1 "$tmp/after" | comm -13 "$tmp/before" - | grep . &&
    fail "files that were not there"
is "first slot that stays" \
    "$(sed -n 's/^tstart	//p' "$tmp/check")" \
    "$(sed 's/.*nfcapd\.//' "$tmp/after" | sort | head -n 1)"
