#!/bin/sh
# nfprofile under a running NfSen: its command line on a tree that NfSen left,
# slot after slot, against Debian's nfprofile; then any number of threads,
# and kill -9.
#
# Meant to be different, and left out where it is compared (_nfprofile.py):
#   ident of channel files   the channel's name; 1.7.1 leaves `none`
#   export_sysid             each exporter of a file has a number of its own;
#                            1.7.1 mixes those of several sources up
#   .nfstat's first          known from the first file on, 1.7.1 leaves 0
#   -z                       theirs run without: what 1.7.1 packs with LZO
#                            is often broken; -z=lz4 it does not know
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump nfprofile rrdtool python3 "$bin/nfsen-profiler" "$bin/flowgen" \
    "$bin/nfsen-query"
[ -n "$shared" ] && [ -e "$shared/data/nfsen/tree-a.tar.xz" ] ||
    skip "no recorded tree: SHARED is not set"
theirs=$(command -v nfprofile)
mkdir "$tmp/bin"
ln -s "$bin/nfsen-profiler" "$tmp/bin/nfprofile"
ours=$tmp/bin/nfprofile

# ---- the recorded tree, six slots that its databases lack ----
tar -C "$tmp" -xf "$shared/data/nfsen/tree-a.tar.xz"
mv "$tmp/tree-a" "$tmp/a"
chmod -R u+w "$tmp/a"
t=1795413600 # 2026-11-23 06:00
for m in 00 05 10 15 20 25; do
	for s in peer1 peer2 upstream1; do
		# one source has nothing in one slot, none has in another
		case $m$s in 10peer2 | 20*) continue ;; esac
		cp "$tmp/a/profiles-data/live/$s/nfcapd.2026112305$((30 + m))" \
		    "$tmp/a/profiles-data/live/$s/nfcapd.2026112306$m"
	done
done
cp -R "$tmp/a" "$tmp/b"

# As NfSen's daemon: two processes, channels dealt round robin.
cycle() { # program tree slot name options
	d=$tmp/$2/profiles-data
	for n in 0 1; do
		awk -v n=$n 'NR % 2 == n' "$tmp/list" |
		    "$1" -I -t "$3" $5 -p "$d" -P "$tmp/$2/profiles-stat" \
			-S 1 -L local3 -M "$d/live/peer1:peer2:upstream1" \
			-r "$4" >>"$tmp/$2.log" 2>&1 || fail "$1: exit $?" &
		jobs="${jobs-} $!"
	done
	for p in $jobs; do
		wait "$p" || fail "$1 on $4"
	done
	jobs=
}

python3 "$here/_nfprofile.py" list "$tmp/a" >"$tmp/list"
[ "$(wc -l <"$tmp/list")" -ge 8 ] || fail "channel list: $(cat "$tmp/list")"
for i in 0 1 2 3 4 5; do
	slot=$((t + 300 * i))
	name=nfcapd.$(date -u -d "@$slot" +%Y%m%d%H%M)
	cycle "$ours" a $slot "$name" -z=lz4
	cycle "$theirs" b $slot "$name" ''
done
python3 "$here/_nfprofile.py" compare "$tmp/a" "$tmp/b" nfcapd.202611230555 ||
    fail "other results than Debian's nfprofile"

# ---- any number of threads ----
mkdir -p "$tmp/c/stat/p"
"$bin/flowgen" --files "$tmp/c/live" --source up -n 60000 -q \
    --start $t --until $((t + 300))
"$bin/flowgen" --files "$tmp/c/live" --source down -n 60000 -s 2 -q \
    --start $t --until $((t + 300))
i=0
while [ $i -lt 25 ]; do
	mkdir -p "$tmp/c/p/c$i"
	echo "bytes > $((i * 300)) and not port $((i + 40))" \
	    >"$tmp/c/stat/p/c$i-filter.txt"
	echo ".#p#2#c$i#"
	i=$((i + 1))
done >"$tmp/list"
threaded() { # threads options...
	n=$1
	shift
	"$ours" --threads "$n" -I -p "$tmp/c" -P "$tmp/c/stat" "$@" \
	    -M "$tmp/c/live/up:down" -r nfcapd.202611230600 <"$tmp/list"
}
for n in 1 2 5; do
	threaded $n -z=lz4 || fail "$n threads: exit $?"
	(cd "$tmp/c/p" && md5sum c*/nfcapd.*) >"$tmp/sums.$n"
	cmp "$tmp/sums.1" "$tmp/sums.$n" || fail "$n threads write other files"
done
[ "$(wc -l <"$tmp/sums.5")" -eq 25 ] || fail "not a file per channel"

# ---- a thousand channels that keep flows ----
# 260 MB of records: far more than may wait in memory.
k=$tmp/k
mkdir -p "$k/stat/p"
"$bin/flowgen" --files "$k/live" --source up -n 2000 -q \
    --start $t --until $((t + 300))
i=0
while [ $i -lt 1000 ]; do
	echo "not port $((i + 1))" >"$k/stat/p/c$i-filter.txt"
	echo ".#p#2#c$i#"
	i=$((i + 1))
done >"$tmp/thousand"
cut -d '#' -f 4 "$tmp/thousand" | sed "s|^|$k/p/|" | xargs mkdir -p
python3 "$here/_peak.py" 300 "$ours" --threads 2 -I -p "$k" -P "$k/stat" \
    -z=lz4 -M "$k/live/up" -r nfcapd.202611230600 <"$tmp/thousand" ||
    fail "1000 channels"
n=$(find "$k/p" -name nfcapd.202611230600 | wc -l)
[ "$n" -eq 1000 ] || fail "$n files of 1000 channels"
sums() { # program file filter
	"$1" -r "$2/nfcapd.202611230600" -o fmt:%byt "$3" | grep '^Summary'
}
for i in 0 79 442 999; do
	want=$(sums "$bin/nfsen-query" "$k/live/up" "not port $((i + 1))")
	for p in "$bin/nfsen-query" "$(command -v nfdump)"; do
		have=$(sums "$p" "$k/p/c$i" any)
		[ "$want" = "$have" ] || fail "channel $i, $p: $have, not $want"
	done
done

# ---- killed at any time ----
# What is there is whole: files are the same as before, databases are either
# not touched or hold the slot; the next run takes left-overs away.
threaded 2 -z=lz4 -t $t || fail "with databases: exit $?"
(cd "$tmp/c" && md5sum p/*/nfcapd.*) >"$tmp/whole"
idle() { # nobody has the tree as working directory: what a child is given
	# when its parent dies, it ends
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/cwd")" != "$tmp/c" ] || return 1
	done
}
for ms in 5 15 30 50 80 120 180 250; do
	rm -f "$tmp/c/p/"*/nfcapd.* "$tmp/c/stat/p/"*.rrd
	threaded 2 -z=lz4 -t $t &
	p=$!
	sleep "$(printf '0.%03d' $ms)"
	kill -9 $p 2>/dev/null || :
	wait $p 2>/dev/null || :
	for f in "$tmp/c/p/"*/nfcapd.*; do
		[ -e "$f" ] || continue
		(cd "$tmp/c" && md5sum "${f#"$tmp/c/"}") >"$tmp/one"
		grep -qxFf "$tmp/one" "$tmp/whole" || fail "half a file: $f"
	done
	wait_for 10 idle || fail "the writing child does not end"
	for f in "$tmp/c/stat/p/"*.rrd; do
		[ -e "$f" ] || continue
		[ "$(rrdtool last "$f")" -eq $t ] || fail "half a database: $f"
	done
done
threaded 1 -z=lz4 || fail "after kills: exit $?"
(cd "$tmp/c" && md5sum p/*/nfcapd.*) >"$tmp/again"
cmp "$tmp/whole" "$tmp/again" || fail "other files after kills"
left=$(find "$tmp/c/p" -name 'nfprofile.*')
[ -z "$left" ] || fail "left-overs: $left"
