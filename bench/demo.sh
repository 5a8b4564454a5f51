#!/bin/sh
# The whole system on 127.0.0.1 with live input:  bench/demo.sh BUILD
#
# Works in BUILD/demo (or $DEMO_DIR) alone, as whoever calls it: a day of
# history for three sources, then collector, profiler, frontend and nginx,
# three simulated and two softflowd exporters.  Ctrl-C ends all of it.
# DEMO_PORT asks for a web port other than 8088, 0 for any.
# shellcheck disable=SC2317  # what traps call
set -eu
cd "$(dirname "$0")/.."
build=$(cd "${1:-build}" && pwd)
bin=$build/bin
dir=${DEMO_DIR:-$build/demo}
conf=$dir/nfsen.conf
log=$dir/log
PATH=$PATH:/usr/sbin:/sbin
day=86400
slot=300
# flows per second on average
upstream_rate=20 peer1_rate=12 peer2_rate=8
services='' # pids that must live
feeders=''

say() {
	echo "demo: $*"
}

die() {
	say "$*" >&2
	exit 1
}

# Ended but not yet waited for by its parent is not alive.
alive() { # pid
	case $(ps -o stat= -p "$1" 2>/dev/null) in
	'' | Z*) return 1 ;;
	esac
}

# End processes we started, and wait for them.
end() { # pid...
	for p; do kill -TERM "$p" 2>/dev/null || :; done
	for p; do
		n=0
		while alive "$p"; do
			n=$((n + 1))
			[ "$n" -ne 100 ] || kill -KILL "$p" 2>/dev/null || :
			[ "$n" -le 120 ] || break
			sleep 0.1
		done
	done
}

stop_all() {
	rc=$?
	trap - EXIT
	trap '' INT TERM HUP # a second Ctrl-C does not end the ending
	# shellcheck disable=SC2086  # pids are words
	{
		end $feeders
		end $services
	}
	rm -f "$dir/demo.pid"
	[ "$rc" -ne 0 ] || say "stopped; data and logs are in $dir"
	exit "$rc"
}

take_folder() {
	mkdir -p "$dir" "$log"
	if [ -e "$dir/demo.pid" ] &&
	    alive "$(cat "$dir/demo.pid")"; then
		die "already running as process $(cat "$dir/demo.pid")"
	fi
	for f in "$dir"/run/*.pid; do
		[ -e "$f" ] || continue
		! alive "$(cat "$f")" ||
		    die "process $(cat "$f") of an earlier demo still runs ($f)"
	done
	echo $$ >"$dir/demo.pid"
	trap stop_all EXIT
	trap 'exit 0' INT TERM HUP
	rm -rf "$dir/stat" "$dir/data" "$dir/run" "$log"
	mkdir -p "$log" "$dir/run" "$dir/nginx"
}

# Six free ports; the first is DEMO_PORT or 8088 when that is free.
find_ports() {
	python3 - "${DEMO_PORT:-8088}" <<'PY'
import socket, sys
held, out = [], []
def take(port):
    pair = (socket.socket(), socket.socket(type=socket.SOCK_DGRAM))
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.extend(pair)
    try:
        pair[0].bind(('127.0.0.1', port))
        pair[1].bind(pair[0].getsockname())
    except OSError:
        return
    out.append(str(pair[0].getsockname()[1]))
take(int(sys.argv[1]))
while len(out) < 6:
    take(0)
print(' '.join(out))
PY
}

write_config() {
	cat >"$conf" <<CONF
# Written by bench/demo.sh at each start.
\$BASEDIR = "$dir";
\$BINDIR = "$bin";
\$HTMLDIR = "$build/www";
\$PIDDIR = "\$BASEDIR/run";
\$PROFILESTATDIR = "\$BASEDIR/stat";
\$PROFILEDATADIR = "\$BASEDIR/data";
\$USER = '$(id -un)';
\$WWWUSER = '$(id -un)';
\$WWWGROUP = '$(id -gn)';
\$BINDADDR = '127.0.0.1';
\$FCGISOCKET = "\$PIDDIR/fcgi.sock";
\$FCGIWORKERS = 2;
\$BUFFLEN = 4000000;
\$SUBDIRLAYOUT = 1;
\$CYCLETIME = $slot;

%sources = (
	'upstream'   => { 'port' => '$2', 'col' => '#0072b2' },
	'peer1'      => { 'port' => '$3', 'col' => '#e69f00' },
	'peer2'      => { 'port' => '$4', 'col' => '#009e73' },
	'softflowd1' => { 'port' => '$5', 'col' => '#cc79a7' },
	'softflowd2' => { 'port' => '$6', 'col' => '#d55e00' },
);

%profiles = (
	'web' => {
		'description' => 'Web traffic and what it needs',
		'type' => 'continuous', 'expire' => '30 days', 'maxsize' => '2g',
		'channels' => {
			'https' => { 'filter' => 'proto tcp and port 443',
			    'sources' => '*', 'col' => '#0072b2', 'sign' => '+', 'order' => 1 },
			'quic' => { 'filter' => 'proto udp and port 443',
			    'sources' => '*', 'col' => '#56b4e9', 'sign' => '+', 'order' => 2 },
			'http' => { 'filter' => 'proto tcp and (port 80 or port 8080)',
			    'sources' => '*', 'col' => '#009e73', 'sign' => '+', 'order' => 3 },
			'dns' => { 'filter' => 'port 53',
			    'sources' => '*', 'col' => '#e69f00', 'sign' => '-', 'order' => 1 },
		},
	},
	'protocols' => {
		'description' => 'Every flow by its protocol',
		'type' => 'continuous', 'shadow' => 1,
		'channels' => {
			'tcp' => { 'filter' => 'proto tcp',
			    'sources' => '*', 'col' => '#0072b2', 'sign' => '+', 'order' => 1 },
			'udp' => { 'filter' => 'proto udp',
			    'sources' => '*', 'col' => '#e69f00', 'sign' => '+', 'order' => 2 },
			'icmp' => { 'filter' => 'proto icmp or proto icmp6',
			    'sources' => '*', 'col' => '#009e73', 'sign' => '+', 'order' => 3 },
			'other' => { 'filter' => 'not (proto tcp or proto udp or proto icmp or proto icmp6)',
			    'sources' => '*', 'col' => '#cc79a7', 'sign' => '+', 'order' => 4 },
		},
	},
	'site/direction' => {
		'description' => 'What comes in above the line, what goes out below',
		'type' => 'continuous', 'shadow' => 1,
		'channels' => {
			'in' => { 'filter' => 'dst net 10.0.0.0/8 or dst net 2001:db8::/32',
			    'sources' => 'upstream|peer1|peer2', 'col' => '#0072b2', 'sign' => '+', 'order' => 1 },
			'out' => { 'filter' => 'src net 10.0.0.0/8 or src net 2001:db8::/32',
			    'sources' => 'upstream|peer1|peer2', 'col' => '#d55e00', 'sign' => '-', 'order' => 1 },
		},
	},
	'site/scans' => {
		'description' => 'Lonely SYNs and resets',
		'type' => 'continuous', 'shadow' => 1,
		'channels' => {
			'syn' => { 'filter' => 'proto tcp and flags S and not flags A and packets < 3',
			    'sources' => '*', 'col' => '#d55e00', 'sign' => '+', 'order' => 1 },
			'reset' => { 'filter' => 'proto tcp and flags R and packets < 3',
			    'sources' => '*', 'col' => '#999999', 'sign' => '+', 'order' => 2 },
		},
	},
);
1;
CONF
	cat >"$dir/nginx.conf" <<NGINX
daemon off;
worker_processes 1;
$([ "$(id -u)" -ne 0 ] || echo "user $(id -un) $(id -gn);")
pid $dir/run/nginx.pid;
error_log $log/nginx.log;
events { worker_connections 256; }
http {
	access_log off;
	gzip on;
	gzip_types text/css text/javascript application/json image/svg+xml;
	types {
		text/css css;
		text/javascript js mjs;
		image/svg+xml svg;
		image/png png;
		image/x-icon ico;
	}
	client_body_temp_path $dir/nginx/body;
	proxy_temp_path $dir/nginx/proxy;
	fastcgi_temp_path $dir/nginx/fastcgi;
	uwsgi_temp_path $dir/nginx/uwsgi;
	scgi_temp_path $dir/nginx/scgi;
	server {
		listen 127.0.0.1:$1;
		location / {
			include /etc/nginx/fastcgi_params;
			fastcgi_pass unix:$dir/run/fcgi.sock;
		}
		location /www/ {
			alias $build/www/;
		}
	}
}
NGINX
}

traffic() { # source: its exporters, as flowgen's options
	case $1 in
	upstream) echo "-v 9 -s 11 -e 2 -r $upstream_rate" ;;
	peer1) echo "-v 5 -s 22 -e 1 -r $peer1_rate" ;;
	peer2) echo "-v 10 -s 33 -e 2 -r $peer2_rate" ;;
	esac
}

# A day up to the running slot, as the collector would have left it.
write_history() {
	now=$(date +%s)
	until=$((now - now % slot))
	writers=
	for s in upstream peer1 peer2; do
		# shellcheck disable=SC2046  # options are words
		"$bin/flowgen" --files "$dir/data/live" --source $s --layout 1 \
		    --slot $slot --start $((until - day)) --until $until --live \
		    -q $(traffic $s) &
		writers="$writers $!"
	done
	for p in $writers; do
		wait "$p" || die "no history could be written"
	done
	"$bin/backdate" "$conf" $((until - day)) ||
	    die "sources and profiles could not be set up"
}

service() { # name pidfile command...
	name=$1 pidfile=$dir/run/$2
	shift 2
	"$@" >>"$log/$name.log" 2>&1 </dev/null || {
		tail -n 5 "$log/$name.log" >&2
		die "$name did not start"
	}
	services="$services $(cat "$pidfile")"
}

start_nginx() { # port
	nginx -c "$dir/nginx.conf" -e "$log/nginx.log" >>"$log/start.log" 2>&1 \
	    </dev/null &
	services="$services $!"
	n=0
	until curl -sf -o /dev/null "http://127.0.0.1:$1/"; do
		n=$((n + 1))
		if [ $n -ge 100 ] || ! alive $!; then
			tail -n 5 "$log/start.log" "$log/nginx.log" >&2
			die "nginx did not start"
		fi
		sleep 0.1
	done
}

feed() { # source port
	# shellcheck disable=SC2046  # options are words
	"$bin/flowgen" --to "127.0.0.1:$2" --live -q $(traffic "$1") \
	    >>"$log/flowgen.log" 2>&1 </dev/null &
	feeders="$feeders $!"
}

# softflowd watching a wire: a capture of the last minute's packets, again
# and again (watching a real interface would take root's rights).
watch() { # name version port seed
	(
		trap '[ -z "$child" ] || kill $child 2>/dev/null; exit 0' TERM
		child='' seed=$4
		while :; do
			seed=$((seed + 1))
			"$bin/flowgen" --packets "$dir/$1.pcap" -n 400 \
			    -s $seed --start $(($(date +%s) - 121))
			timeout 60 softflowd -d -a -r "$dir/$1.pcap" -v "$2" \
			    -n "127.0.0.1:$3" -p "$dir/run/$1.softflowd" -c none &
			child=$!
			wait $child || echo "softflowd: exit $?"
			sleep 20 &
			child=$!
			wait $child || :
		done
	) >>"$log/$1.log" 2>&1 </dev/null &
	feeders="$feeders $!"
}

# The page is worth a look when the history is in the RRDs.
wait_for_history() {
	n=0
	until [ "$(rrdtool last "$dir/stat/live/upstream.rrd")" -ge \
	    $((until - slot)) ]; do
		n=$((n + 1))
		[ $n -lt 300 ] || break
		sleep 0.1
	done
}

all_alive() {
	for p in $services $feeders; do
		alive "$p" || return 1
	done
}

for p in python3 curl nginx softflowd rrdtool; do
	command -v $p >/dev/null || die "$p is missing: make deps installs it"
done
for p in nfsen-collector nfsen-profiler nfsen-fcgi nfsen flowgen backdate; do
	[ -x "$bin/$p" ] || die "$bin/$p is missing: run make"
done

begin=$(date +%s)
take_folder
# shellcheck disable=SC2046  # ports are words
set -- $(find_ports)
[ $# -eq 6 ] || die "no free ports"
write_config "$@"
say "writing a day of history for three sources"
write_history
say "profiles are working it off"
# The profiler first: with a collector there it would wait for the end of the
# running slot before it looks at older ones.
service nfsen-profiler nfsend.pid "$bin/nfsen-profiler" -c "$conf" -D
wait_for_history
service nfsen-collector nfsen-collector.pid "$bin/nfsen-collector" -c "$conf" -D
feed upstream "$2"
feed peer1 "$3"
feed peer2 "$4"
watch softflowd1 9 "$5" 1000
watch softflowd2 10 "$6" 2000
service nfsen-fcgi nfsen-fcgi.pid "$bin/nfsen-fcgi" -c "$conf" -D
start_nginx "$1"
say "ready after $(($(date +%s) - begin)) s; Ctrl-C stops everything"
echo
echo "    http://127.0.0.1:$1/"
echo
while all_alive; do
	sleep 1 &
	wait $! || :
done
die "a part of it ended by itself; its log is in $log"
