# The inner half of package.sh: in namespaces of its own, with $system a bare
# Debian that has the packages to install in its cache.
# shellcheck shell=sh disable=SC2154
set -eu
conf=$system/etc/nfsen/nfsen.conf
data=$system/var/lib/nfsen
run=$system/run/nfsen

fail() {
	echo "FAIL: $*"
	exit 1
}

in_system() {
	chroot "$system" env PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

install_these() { # package...
	in_system apt-get -q -y --no-install-recommends install \
	    "$@" >"$tmp/apt.log" 2>&1 ||
	    fail "apt-get install $*: $(tail -n 5 "$tmp/apt.log")"
}

wait_for() { # seconds command...
	end_at=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end_at" ] || return 1
		sleep 0.1
	done
}

files() {
	find "$system" -xdev \( -path "$system/proc" -o -path "$system/tmp" \
	    -o -path "$data" -o -path "$system/var/cache" \
	    -o -path "$system/var/lib/dpkg" -o -path "$system/var/lib/apt" \
	    -o -path "$system/var/log" -o -path "$system/root" \) -prune \
	    -o -print | sort
}

flows() {
	in_system nfsen-query -R /var/lib/nfsen/profiles-data/live/upstream1 \
	    -o json 2>/dev/null | grep -c '"type"' || :
}

python3 - <<'PY'
import fcntl, socket, struct
s = socket.socket()
flags = struct.pack('16sh22x', b'lo', 0x1 | 0x40)
fcntl.ioctl(s, 0x8914, flags)
PY

# ---- installed -------------------------------------------------------------------
in_system apt-get -q -y --no-install-recommends install \
    nginx-light >"$tmp/apt.log" 2>&1 || fail "nginx: $(tail -n 5 "$tmp/apt.log")"
in_system apt-get -q -y --no-install-recommends satisfy \
    "$(dpkg-deb -f "$system/root/first.deb" Depends)" >"$tmp/apt.log" 2>&1 ||
    fail "dependencies: $(tail -n 5 "$tmp/apt.log")"
files >"$tmp/before.txt"
install_these /root/first.deb
grep -q 'nothing is collected yet' "$tmp/apt.log" &&
    fail "the first reconfig failed: $(cat "$tmp/apt.log")"
in_system getent passwd nfsen >/dev/null || fail "no user"
in_system nfsen --check | grep -q ': ok$' || fail "its configuration is bad"
[ -s "$data/profiles-stat/live/upstream1.rrd" ] || fail "no first reconfig"
in_system dpkg -V nfsen-server >"$tmp/verify.txt" || :
[ ! -s "$tmp/verify.txt" ] || fail "changed files: $(cat "$tmp/verify.txt")"
in_system dpkg-query -W -f '${Conffiles}' nfsen-server |
    grep -q /etc/nfsen/nfsen.conf || fail "the configuration is no conffile"
for unit in nfsen-collector.service nfsen-profiler.service nfsen-fcgi.socket \
    nfsen.target; do
	[ -e "$system/lib/systemd/system/$unit" ] || fail "no $unit"
	[ -n "$(find "$system/etc/systemd" -name $unit -type l)" ] ||
	    fail "$unit is not enabled"
done

# ---- the first day -----------------------------------------------------------------
# Short slots, before anything is collected.
rm -rf "$data/profiles-stat" "$data/profiles-data"
echo "\$CYCLETIME = 5;" >>"$conf"
in_system nfsen reconfig -y >/dev/null || fail "reconfig"
in_system nfsen start >"$tmp/start.txt" || fail "start: $(cat "$tmp/start.txt")"
in_system nfsen status >/dev/null || fail "status: does not run"
pid=$(cat "$run/nfsen-collector.pid")
user=$(in_system id -u nfsen)
for p in $pid $(cat "$run/nfsend.pid"); do
	[ "$(awk '$1 == "Uid:" { print $2 }' "$system/proc/$p/status")" = "$user" ] ||
	    fail "process $p is another user's"
done
"$bin/flowgen" --to 127.0.0.1:9995 -v 9 -n 2000 -r 5000 >/dev/null
updated() {
	in_system nfsen-query -R \
	    /var/lib/nfsen/profiles-data/live/upstream1 -s record/bytes |
	    grep -q '^Total flows processed: 2000,'
}
wait_for 20 updated || fail "no flows: $(flows) found"
in_system nfsen-fcgi -D || fail "no frontend"
ln -s /usr/share/nfsen/examples/nginx-nfsen.conf \
    "$system/etc/nginx/sites-enabled/nfsen.conf"
in_system nginx || fail "nginx"
page() { # path
	curl -sf -o "$tmp/page" "http://127.0.0.1:8080$1"
}
wait_for 10 page / || fail "no home page"
grep -qi '<html' "$tmp/page" || fail "the home page is none"
page '/p/live/graph.png?width=400' || fail "no graph"
[ "$(head -c 4 "$tmp/page" | od -An -tx1 | tr -d ' \n')" = 89504e47 ] ||
    fail "the graph is no image"
page /www/nfsen.css || fail "no style sheet"

# ---- upgraded, while flows come -------------------------------------------------------
before=$(flows)
socket() {
	awk '$2 ~ /:270B$/ { print $10 }' "$system/proc/net/udp" "$system/proc/net/udp6"
}
inode=$(socket)
"$bin/flowgen" --to 127.0.0.1:9995 -v 9 -n 20000 -r 2000 >/dev/null &
traffic=$!
install_these /root/newer.deb
wait $traffic || fail "the simulator failed"
cp "$tmp/apt.log" "$tmp/upgrade.log"
new=$(cat "$run/nfsen-collector.pid")
[ "$new" != "$pid" ] || fail "no new collector: $(cat "$tmp/upgrade.log")"
[ "$(socket)" = "$inode" ] || fail "the collector's socket was opened anew"
tail -n 1 "$conf" | grep -q CYCLETIME || fail "the configuration was replaced"
in_system nfsen status >/dev/null || fail "does not run after the upgrade"
all_there() {
	[ "$(flows)" -eq $((before + 20000)) ]
}
wait_for 20 all_there || fail "$(($(flows) - before)) flows of 20000"

# ---- removed: it ends, configuration and data stay -------------------------------------
in_system nginx -s stop
rm "$system/etc/nginx/sites-enabled/nfsen.conf"
in_system apt-get -q -y remove nfsen-server >"$tmp/apt.log" 2>&1 ||
    fail "remove: $(tail -n 5 "$tmp/apt.log")"
for p in "$system"/proc/[0-9]*; do
	case $(cat "$p/comm" 2>/dev/null) in
	nfsen*) fail "still runs: $(tr '\0' ' ' <"$p/cmdline")" ;;
	esac
done
[ -s "$conf" ] || fail "the configuration has gone"
find "$data" -name 'nfcapd.2*' | grep -q . || fail "the data has gone"

# ---- purged: nothing but data --------------------------------------------------------
in_system apt-get -q -y purge nfsen-server >"$tmp/apt.log" 2>&1 ||
    fail "purge: $(tail -n 5 "$tmp/apt.log")"
find "$data" -name 'nfcapd.2*' | grep -q . || fail "the data has gone"
files | grep -vxFf "$tmp/before.txt" |
    grep -vE '/(etc/(passwd|group|shadow|gshadow|subuid|subgid)-|var/lib/nginx/.*|run/nginx.*|run/adduser|etc/.pwd.lock)$' \
    >"$tmp/left.txt" || :
[ ! -s "$tmp/left.txt" ] || fail "left behind: $(cat "$tmp/left.txt")"
[ -z "$(in_system dpkg-query -W nfsen-server 2>/dev/null)" ] ||
    fail "dpkg still knows the package"
# and again over what is there
install_these /root/newer.deb
in_system nfsen start >"$tmp/start.txt" || fail "start: $(cat "$tmp/start.txt")"
[ "$(flows)" -eq $((before + 20000)) ] || fail "flows are lost"
in_system nfsen stop >/dev/null
echo "installed, $(flows) flows, upgraded, removed, purged"
