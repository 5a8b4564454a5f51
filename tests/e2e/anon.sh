#!/bin/sh
# Files made anonymous: IPv4 as Debian's nfanon does it, byte for byte in what
# nfdump prints; the command line, and what it leaves when something is wrong.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need "$bin/nfsen-query" "$bin/flowgen"
key=abcdefghijklmnopqrstuvwxyz012345
hex=0x6162636465666768696a6b6c6d6e6f707172737475767778797a303132333435
start=1767268800

"$bin/flowgen" --files "$tmp/in" --source a -n 3000 --start $start \
	--until $((start + 900)) --v6 0 -q
"$bin/flowgen" --files "$tmp/in" --source b/2026/01/01 -n 1000 \
	--start $start --v6 30 --codec zstd -q
ln -s "$bin/nfsen-query" "$tmp/nfanon"
anon=$tmp/nfanon

# The same flows as nfanon's, file for file.
"$anon" -q -K $key -r "$tmp/in/a" -w "$tmp/ours"
[ "$(ls "$tmp/ours")" = "$(ls "$tmp/in/a")" ] || fail "files are missing"
if command -v nfanon >/dev/null; then
	for f in "$tmp"/in/a/*; do
		n=${f##*/}
		nfanon -q -K $key -r "$f" -w "$tmp/theirs" >/dev/null
		for side in theirs "ours/$n"; do
			nfdump -q -r "$tmp/$side" -o csv
		done | sort | uniq -c | awk '$1 % 2' >"$tmp/differ"
		[ ! -s "$tmp/differ" ] || fail "$n: $(head -n 3 "$tmp/differ")"
	done
fi

# A whole tree in place, by subcommand, with the key from a file.
printf '%s\n' $hex >"$tmp/key"
before=$("$bin/nfsen-query" -q -r "$tmp/in/b/2026/01/01" -A srcip4/24 \
	-o 'fmt:%pkt %byt' | sort | md5sum)
said=$("$bin/nfsen-query" anon -K "@$tmp/key" -R "$tmp/in")
[ "$said" = "4 files, 10000 flows anonymised" ] || fail "said: $said"
after=$("$bin/nfsen-query" -q -r "$tmp/in/b/2026/01/01" -A srcip4/24 \
	-o 'fmt:%pkt %byt' | sort | md5sum)
[ "$before" = "$after" ] || fail "networks are not what they were"
for f in "$tmp"/in/a/*; do
	[ "$("$bin/nfsen-query" -q -r "$f" -o csv | md5sum)" = \
		"$("$bin/nfsen-query" -q -r "$tmp/ours/${f##*/}" -o csv |
			md5sum)" ] || fail "${f##*/}: hexadecimal key differs"
done
[ -z "$(find "$tmp/in" -name '.*' ! -name .)" ] || fail "something is left"

# With standard streams closed.
"$anon" -K $key -r "$tmp/in/a" -w "$tmp/closed" <&- >&- 2>&- ||
	fail "closed streams: $?"

# A file that is damaged stays what it was; the others are done.
mkdir "$tmp/mixed"
cp "$tmp"/in/a/* "$tmp/mixed"
first=$(find "$tmp/mixed" -type f | sort | head -n 1)
size=$(wc -c <"$first")
head -c $((size - 500)) "$first" >"$tmp/cut" && cp "$tmp/cut" "$first"
rc=0
"$anon" -K $key -r "$tmp/mixed" >"$tmp/out" 2>&1 || rc=$?
[ $rc = 2 ] || fail "damaged: status $rc, not 2"
grep -q "^nfanon: $first: " "$tmp/out" || fail "$(cat "$tmp/out")"
grep -q '^2 files, ' "$tmp/out" || fail "$(cat "$tmp/out")"
cmp -s "$tmp/cut" "$first" || fail "a damaged file was changed"

# What is wrong is said, and the key is not.
wrong() { # words in the message, arguments...
	words=$1
	shift
	rc=0
	"$anon" "$@" >"$tmp/out" 2>&1 || rc=$?
	[ $rc = 1 ] || fail "$*: status $rc"
	grep -q "^nfanon: .*$words" "$tmp/out" || fail "$*: $(cat "$tmp/out")"
	! grep -q "$key" "$tmp/out" || fail "$*: shows the key"
}
wrong 'no key' -r "$tmp/in"
wrong 'has 32' -K short -r "$tmp/in"
wrong 'no input' -K $key
wrong 'No such file' -K "@$tmp/none" -r "$tmp/in"
wrong 'no key' -K @/dev/null -r "$tmp/in"
wrong 'none' -K $key -r "$tmp/none"
wrong 'unknown option' -K $key --frob
wrong 'needs an argument' -K $key -r
wrong 'without -w' -K $key -r "$tmp/in" -t 2026/01/01
wrong 'is no option' -K $key -r "$tmp/in" word
wrong 'at once' -K $key -r "$tmp/in" -R "$tmp/in"
