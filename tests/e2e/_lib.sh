# Read by the end-to-end tests:  . tests/e2e/_lib.sh  after build=$1.
#
# Gives a temporary folder $tmp, the programs of $build in $bin, and an end
# that stops by pid whatever was started, on every way out.
# shellcheck shell=sh disable=SC2034  # the tests use them
set -eu
export TZ=UTC LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
shared=$(cd "${SHARED:-$root/../shared}" 2>/dev/null && pwd) || shared=
build=$(cd "$build" && pwd)
bin=$build/bin
PATH=$PATH:/usr/sbin:/sbin
tmp=$(mktemp -d)
conf=$tmp/nfsen.conf
live=$tmp/data/live
pids=
: "$shared"
# A detached daemon has no terminal: sanitizers report into files, and what
# they report is a failure (cleanup).
: "${LSAN_OPTIONS:=suppressions=$root/tests/lsan.supp:print_suppressions=0}"
for s in ASAN UBSAN TSAN LSAN; do
	eval "export ${s}_OPTIONS=\"\${${s}_OPTIONS-}:log_path=$tmp/sanitizer\""
done

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# Programs in PATH, or of the build by an absolute path.
need() {
	for p; do
		command -v "$p" >/dev/null || skip "$p is not there"
	done
}

# Ended but not yet waited for by its parent is not alive.
alive() { # pid
	case $(ps -o stat= -p "$1" 2>/dev/null) in
	'' | Z*) return 1 ;;
	esac
}

end() { # pid signal: end a process we started, hard after 10 s
	kill -"$2" "$1" 2>/dev/null || return 0
	i=0
	while alive "$1"; do
		i=$((i + 1))
		if [ $i -gt 200 ]; then
			echo "process $1 does not end" >&2
			kill -9 "$1" 2>/dev/null || :
			break
		fi
		sleep 0.05
	done
}

cleanup() {
	rc=$?
	trap - EXIT INT TERM
	for p in $pids $(cat "$tmp"/run/*.pid 2>/dev/null); do
		end "$p" TERM
	done
	if [ -n "$(find "$tmp" -maxdepth 1 -name 'sanitizer.*')" ]; then
		echo "FAIL: a sanitizer has something to say" >&2
		head -n 40 "$tmp"/sanitizer.* >&2
		rc=1
	fi
	if [ $rc -ne 0 ] && [ $rc -ne 77 ]; then
		tail -n 30 "$tmp"/*.log >&2 2>/dev/null || :
	fi
	if [ -n "${KEEP-}" ]; then
		echo "kept: $tmp" >&2
	else
		rm -rf "$tmp"
	fi
	exit $rc
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Start a program in the background with its output in a log: $! is its pid.
run_bg() { # log command...
	l=$1
	shift
	"$@" >>"$tmp/$l.log" 2>&1 </dev/null &
	pids="$pids $!"
}

# Poll until a command succeeds; false after so many seconds.
wait_for() { # seconds command...
	end_at=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end_at" ] || return 1
		sleep 0.1
	done
}

# So many different free ports (UDP and TCP) on 127.0.0.1.
free_ports() { # n
	python3 - "$1" <<'PY'
import socket, sys
held, out = [], []
while len(out) < int(sys.argv[1]):
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.bind(('127.0.0.1', 0))
    t = socket.socket()
    held += [u, t]
    try:
        t.bind(u.getsockname())
    except OSError:
        continue
    out.append(str(u.getsockname()[1]))
print(' '.join(out))
PY
}

# No datagram waits at these UDP ports.
udp_empty() { # port...
	for p; do
		awk -v p="$(printf ':%04X' "$p")" 'index($2, p) {
			split($5, q, ":")
			if (q[2] != "00000000")
				exit 1
		}' /proc/net/udp || return 1
	done
}

# A config in $tmp.  $1 sources, $2 more statements, both as they stand in
# the file.
write_conf() {
	mkdir -p "$tmp/run" "$tmp/stat" "$tmp/data"
	cat >"$conf" <<CONF
\$BASEDIR = "$tmp";
\$BINDIR = "$bin";
\$HTMLDIR = "$build/www";
\$PIDDIR = "\$BASEDIR/run";
\$PROFILESTATDIR = "\$BASEDIR/stat";
\$PROFILEDATADIR = "\$BASEDIR/data";
\$USER = '$(id -un)';
\$WWWUSER = '$(id -un)';
\$WWWGROUP = '$(id -gn)';
\$BUFFLEN = 8000000;
\$SUBDIRLAYOUT = 1;
\$ZIPcollected = '-z=lz4';
\$ZIPprofiles = '-z=lz4';
\$BINDADDR = '127.0.0.1';
\$FCGISOCKET = "\$PIDDIR/fcgi.sock";
%sources = ( $1 );
$2
1;
CONF
}

nfsen() {
	"$bin/nfsen" --config "$conf" "$@"
}

# The collector and profiler, detached; each is ready when it returns.
start_daemon() { # name
	"$bin/$1" -c "$conf" -D >>"$tmp/$1.log" 2>&1 </dev/null ||
	    fail "$1 did not start"
}

flowgen() {
	"$bin/flowgen" "$@"
}

# nginx in front of nfsen-fcgi, on port $1 of 127.0.0.1.
start_nginx() {
	mkdir -p "$tmp/nginx"
	# Root's nginx would serve as nobody, who may not use the socket.
	as=
	[ "$(id -u)" -ne 0 ] || as="user $(id -un) $(id -gn);"
	cat >"$tmp/nginx.conf" <<NGINX
daemon off;
$as
worker_processes 1;
error_log $tmp/nginx.log;
pid $tmp/run/nginx.pid;
events { worker_connections 64; }
http {
	access_log off;
	types { text/css css; text/javascript js; image/svg+xml svg; image/png png; }
	client_body_temp_path $tmp/nginx/body;
	proxy_temp_path $tmp/nginx/proxy;
	fastcgi_temp_path $tmp/nginx/fastcgi;
	uwsgi_temp_path $tmp/nginx/uwsgi;
	scgi_temp_path $tmp/nginx/scgi;
	server {
		listen 127.0.0.1:$1;
		location / {
			include /etc/nginx/fastcgi_params;
			fastcgi_pass unix:$tmp/run/fcgi.sock;
		}
		location /www/ { alias $build/www/; }
	}
}
NGINX
	run_bg nginx nginx -c "$tmp/nginx.conf" -e "$tmp/nginx.log"
	wait_for 10 curl -sf -o /dev/null "http://127.0.0.1:$1/" ||
	    fail "nginx does not answer on port $1"
}
