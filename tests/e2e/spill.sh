#!/bin/sh
# Groups beyond --memory: the same answers by way of a temporary file; when
# that cannot be made or written the message names the folder and the cause,
# the exit status is 3 and nothing is left behind.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"

need "$bin/flowgen"
query=$bin/nfsen-query
"$bin/flowgen" --files "$tmp" --source up -n 100000 -q \
    --start 1795392000 --until 1795392600
mkdir "$tmp/scratch"
TMPDIR=$tmp/scratch
export TMPDIR

# What of the footer depends on the clock is left out.
answer() {
	"$query" -R "$tmp/up" "$@" | sed '/^Sys: /d'
}

same() {
	answer --memory 4G "$@" >"$tmp/all"
	answer --memory 1M "$@" >"$tmp/some"
	cmp "$tmp/all" "$tmp/some" || fail "$*: other answers in little memory"
	[ "$(wc -l <"$tmp/all")" -gt 10 ] || fail "$*: no answers"
}
same -s record/bytes -n 20
same -s srcip/flows -s dstport/bps -n 20
same -A srcip,dstip,srcport -o extended
same -a -q -o csv

# A file-size limit is a full disk that any user can have.
refused() {
	rc=0
	"$@" --memory 1M -R "$tmp/up" -s record/bytes >"$tmp/out" 2>"$tmp/err" ||
	    rc=$?
	[ $rc -eq 3 ] || fail "exit $rc: $(cat "$tmp/err")"
	[ ! -s "$tmp/out" ] || fail "an answer all the same: $(cat "$tmp/out")"
	[ -z "$(ls -A "$tmp/scratch")" ] || fail "left: $(ls -A "$tmp/scratch")"
}
limited() (
	ulimit -f 2000
	exec "$query" "$@"
)
refused limited
grep -q "temporary file in $tmp/scratch cannot be written: File too large" \
    "$tmp/err" || fail "the message: $(cat "$tmp/err")"
TMPDIR=$tmp/nowhere
refused "$query"
grep -q "temporary file in $tmp/nowhere cannot be made: No such file" \
    "$tmp/err" || fail "the message: $(cat "$tmp/err")"
