#!/bin/sh
# The collector as nfcapd: the command lines of start scripts, side by side
# with Debian's nfcapd on the very same datagrams; the same tree of files with
# the same flows.  Then what both refuse, pid files, commands at rotation,
# and sfcapd.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump nfcapd python3 "$bin/nfsen-collector" "$bin/flowgen"
theirs=$(command -v nfcapd)
mkdir "$tmp/bin" "$tmp/run"
ln -s "$bin/nfsen-collector" "$tmp/bin/nfcapd"
ln -s "$bin/nfsen-collector" "$tmp/bin/sfcapd"
ours=$tmp/bin/nfcapd
slot=4

read -r pa pb tee <<PORTS
$(free_ports 3)
PORTS
run_bg tee python3 "$here/_tee.py" "$tee" "$pa" "$pb"
teepid=$!
wait_for 10 grep -qx ready "$tmp/tee.log" || fail "no tee"

# Until so many seconds into the next slot.
into_slot() {
	python3 -c 'import sys, time
s = int(sys.argv[1])
time.sleep(s - time.time() % s + float(sys.argv[2]))' $slot "$1"
}

files() { # tree: how many have their name
	find "$1" -name 'nfcapd.2*' | wc -l
}

more_files() { # tree count
	[ "$(files "$1")" -gt "$2" ]
}

# Two slots of flows through both, each early in its slot; the end is late in
# one, as 1.7.1 may begin a file a second after its time.
slots() { # exporters
	for seed in 1 2; do
		into_slot 0.2
		was=$(files "$tmp/a")
		flowgen --to "127.0.0.1:$tee" -n 3000 -r 20000 -s $seed -e "$1" -q
		wait_for 10 udp_empty "$tee" "$pa" "$pb" || fail "stuck"
		wait_for 10 more_files "$tmp/a" "$was" || fail "no new file"
	done
	into_slot 2
}

same() { # what
	python3 "$here/_nfcapd_cli.py" "$tmp/a" "$tmp/b" >"$tmp/same.txt" ||
	    fail "$1: $(cat "$tmp/same.txt")"
	cat "$tmp/same.txt"
	rm -rf "$tmp/a" "$tmp/b"
}

fresh() { # folder...
	for d; do
		mkdir -p "$tmp/a/$d" "$tmp/b/$d"
	done
}

# ---- the command line of nfdump 1.6, and its translation for 1.7 ----
fresh .
into_slot 1
"$ours" -w -D -p "$pa" -u "$(id -un)" -g "$(id -gn)" -B 200000 -S 1 -t $slot \
    -P "$tmp/run/a.pid" -z -I example -b 127.0.0.1 -l "$tmp/a" 2>"$tmp/a.log" ||
    fail "1.6's command line: exit $?"
"$theirs" -w "$tmp/b" -D -p "$pb" -B 200000 -S 1 -t $slot \
    -P "$tmp/run/b.pid" -y -I example -b 127.0.0.1 2>"$tmp/b.log" ||
    fail "Debian's nfcapd: exit $?"
wait_for 5 test -s "$tmp/run/b.pid" || fail "no pid file of Debian's"
a=$(cat "$tmp/run/a.pid") b=$(cat "$tmp/run/b.pid")
alive "$a" || fail "not in the background"
rc=0
"$ours" -w "$tmp/a" -p "$pa" -P "$tmp/run/a.pid" 2>"$tmp/twice" || rc=$?
[ $rc -eq 1 ] && grep -q "already running, pid $a" "$tmp/twice" ||
    fail "started twice: $rc, $(cat "$tmp/twice")"
slots 1
end "$a" HUP
end "$b" TERM
[ ! -e "$tmp/run/a.pid" ] || fail "the pid file stays"
same "-w -l"

# ---- several sources by their senders, others are left out ----
fresh one two
into_slot 1
for x in a b; do
	eval "p=\$p$x"
	case $x in a) program=$ours ;; b) program=$theirs ;; esac
	run_bg $x "$program" -p "$p" -t $slot -b 127.0.0.1 -S 0 -j \
	    -n "one,127.0.1.1,$tmp/$x/one" -n "two,127.0.1.3,$tmp/$x/two"
	eval "$x=$!"
	wait_for 10 grep -q Startup "$tmp/$x.log" || fail "-n: $program"
done
slots 4
end "$a" TERM
end "$b" TERM
same "-n"

# ---- a folder for every sender ----
rm -f "$tmp/a.log" "$tmp/b.log"
fresh .
into_slot 1
for x in a b; do
	eval "p=\$p$x"
	case $x in a) program=$ours ;; b) program=$theirs ;; esac
	run_bg $x "$program" -M "$tmp/$x" -p "$p" -t $slot -b 127.0.0.1 -S 7 -y
	eval "$x=$!"
	wait_for 10 grep -q Startup "$tmp/$x.log" || fail "-M: $program"
done
slots 3
end "$a" TERM
end "$b" TERM
same "-M"
kill "$teepid"

# ---- what both refuse, with the same exit status ----
mkdir "$tmp/d"
refused() { # options...
	for program in "$ours" "$theirs"; do
		rc=0
		timeout 10 "$program" "$@" >"$tmp/out" 2>&1 || rc=$?
		[ $rc -eq 1 ] || fail "$program $*: $rc"
		[ -s "$tmp/out" ] || fail "$program $*: silent"
	done
}
refused
refused -w "$tmp/none" -p "$pa"
refused -w "$tmp/d" -p abc
refused -w "$tmp/d" -S 9 -p "$pa"
refused -w "$tmp/d" -I 'a b' -p "$pa"
refused -w "$tmp/d" -s 0 -p "$pa"
refused -w "$tmp/d" -z -y -p "$pa"
refused -w "$tmp/d" -q
refused -w "$tmp/d" -n "a,127.0.0.1,$tmp/d" -p "$pa"
refused -n a,127.0.0.1 -p "$pa"
refused -w "$tmp/d" -u no.such.user -p "$pa"
refused -w "$tmp/d" -b 999.1.1.1 -p "$pa"
refused -w "$tmp/d" -p "$pa" -P "$tmp/none/pid"

# ---- a command for every file, at a slow one no two at once ----
cat >"$tmp/told" <<'SH'
#!/bin/sh
d=$(dirname "$0")
mkdir "$d/busy" || echo twice >>"$d/told.txt"
echo "$#|$1|$2|$3|$4|$5|$6" >>"$d/told.txt"
nfdump -r "$2/$1" -I | grep Flows: >>"$d/told.txt"
rmdir "$d/busy"
SH
chmod +x "$tmp/told"
run_bg x "$ours" -w "$tmp/d" -p "$pa" -b 127.0.0.1 -t 2 -S 1 -I me -Z -v \
    -x "$tmp/told %f %d %t %u %i 'it is \$HOME'"
x=$!
wait_for 10 grep -q Startup "$tmp/x.log" || fail "-x"
flowgen --to "127.0.0.1:$pa" -n 500 -q
wait_for 20 grep -q '^Flows: 500$' "$tmp/told.txt" || fail "-x: not run"
end "$x" INT
line=$(head -n 1 "$tmp/told.txt")
name=$(find "$tmp/d" -name 'nfcapd.2*' -printf '%P\n' | sort | head -n 1)
time=${name##*.}
time=${time%+0000}
at=$(date -u -d "$(echo "$time" |
    sed 's/\(....\)\(..\)\(..\)\(..\)\(..\)/\1-\2-\3 \4:\5:/')" +%s)
[ "$line" = "6|$name|$tmp/d|$time|$at|me|it is \$HOME" ] ||
    fail "-x was told '$line', not of $name"
case $name in
20??/??/??/nfcapd.*+0000) ;;
*) fail "-S 1 -Z: $name" ;;
esac
! grep -q twice "$tmp/told.txt" || fail "-x: two at once"

# ---- sfcapd ----
mkdir "$tmp/s"
run_bg s "$tmp/bin/sfcapd" -w "$tmp/s" -p "$pb" -4 -b 127.0.0.1 -T all
s=$!
wait_for 10 grep -q 'Startup sfcapd' "$tmp/s.log" || fail "sfcapd"
grep -q 'option -T all means nothing here' "$tmp/s.log" || fail "-T: no note"
flowgen --to "127.0.0.1:$pb" -v sflow -n 100 -q
wait_for 5 udp_empty "$pb"
end "$s" TERM
nfdump -R "$tmp/s" -I | grep -q '^Flows: 100$' || fail "sfcapd: not 100 flows"
