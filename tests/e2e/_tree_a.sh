# The recorded tree of NfSen for takeover.sh and takeover_damaged.sh: read
# behind _lib.sh.
# shellcheck shell=sh disable=SC2154,SC2034
tree=$tmp/tree-a
stat=$tree/profiles-stat
data=$tree/profiles-data
expected=$shared/data/nfsen/tree-a.expected
last=1795413300 # its newest slot
[ -e "$shared/data/nfsen/tree-a.tar.xz" ] ||
    skip "no recorded tree of NfSen (SHARED)"

# Unpack; $1: user, $2: group, $3: ports of upstream1, peer1 and peer2.
tree_a() {
	xz -dc "$shared/data/nfsen/tree-a.tar.xz" | tar xf - -C "$tmp"
	[ "$(id -u)" -ne 0 ] || chown -R "$1:$2" "$tree"
	mkdir -p "$tmp/run"
	conf=$tree/etc/nfsen.conf
	# shellcheck disable=SC2086  # ports are words
	set -- "$1" "$2" $3
	sed -i "s|@BASE@|$tree|; s|@NFDUMP@|/usr/bin|
	    s|^\$VARDIR=.*|&\n\$PIDDIR=\"$tmp/run\"; \$BINDADDR = '127.0.0.1';|
	    s|^\$SIMmode = 1|\$SIMmode = 0|
	    s|\"www-data\"|\"$1\"|; s|^\(\$WWWGROUP *= *\)\"[^\"]*\"|\1\"$2\"|
	    /'upstream1'/s|'0'|'$3'|; /'peer1'/s|'0'|'$4'|
	    /'peer2'/s|'0'|'$5'|" "$conf"
}

py() {
	python3 "$here/_takeover.py" "$@"
}
