#!/bin/sh
# Install what building and testing need and this machine lacks.
#
#   tests/deps.sh        build, tests, demo
#   tests/deps.sh lint   and what make lint and make fuzz need
#   tests/deps.sh deb    what make deb and make check-package need
#
# Debian's packages, by apt-get: as root, or through sudo.  Nothing is asked
# of the network, and no right is needed, when nothing is missing.  Front-end
# and browser-test packages are pinned by the package-lock.json beside them.
set -eu
cd "$(dirname "$0")/.."

# package, or package:command when another package may bring the command
build='gcc:cc libc6-dev make:make pkgconf:pkg-config
    librrd-dev libfcgi-dev libpcre2-dev libexpat1-dev
    liblz4-dev libzstd-dev libbz2-dev liblzo2-dev libmaxminddb-dev nettle-dev
    libgnutls28-dev
    libmicrohttpd-dev libseccomp-dev
    check'
run='nginx-light:nginx rrdtool:rrdtool rrdcached:rrdcached nfdump:nfdump
    nfdump-sflow:sfcapd softflowd:softflowd python3:python3 curl:curl
    ca-certificates openssl:openssl xz-utils:xz tzdata procps:ps perl:perl
    chromium:chromium fonts-dejavu-core nodejs:node npm:npm'
lint='git:git clang:clang clang-format:clang-format clang-tidy:clang-tidy
    libclang-rt-dev cppcheck:cppcheck mandoc:mandoc shellcheck:shellcheck
    binutils:readelf systemd:systemd-analyze'
deb='debhelper:dh dpkg-dev:dpkg-buildpackage lintian:lintian
    debootstrap:debootstrap'

die() {
	echo "deps: $*" >&2
	exit 1
}

wanted="$build $run"
case ${1-} in
'') ;;
lint) wanted="$wanted $lint" ;;
deb) wanted="$build $deb" ;;
*) die "unknown word '$1': tests/deps.sh [lint|deb]" ;;
esac

names() {
	for w in $wanted; do echo "${w%%:*}"; done | tr '\n' ' '
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	die "not a Debian system; install what corresponds to these packages
(docs/freebsd.md has FreeBSD's names), then use make and make check-quick:
$(names)"
fi

# Daemons live in sbin, which an ordinary user's PATH leaves out.
PATH=$PATH:/usr/sbin:/sbin
missing=
for w in $wanted; do
	p=${w%%:*}
	case $w in *:*) ! command -v "${w#*:}" >/dev/null || continue ;; esac
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
	    missing="$missing $p"
done

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif ! command -v sudo >/dev/null; then
		die "neither root nor sudo; as root run: apt-get install$missing"
	elif [ -t 0 ]; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

# Packages of daemons start them when installed.  Tests start their own, so
# that start is refused (policy-rc.d), unless the machine has a policy already.
install_packages() {
	echo "deps: installing$missing"
	# shellcheck disable=SC2016  # expanded by the shell that root runs
	as_root env DEBIAN_FRONTEND=noninteractive sh -c '
		policy=/usr/sbin/policy-rc.d
		if [ ! -e $policy ]; then
			trap "rm -f $policy" EXIT
			trap "exit 1" HUP INT TERM
			printf "#!/bin/sh\nexit 101\n" >$policy
			chmod 755 $policy
		fi
		apt-get -qq -o DPkg::Lock::Timeout=300 update || exit
		apt-get -qq -y -o DPkg::Lock::Timeout=300 \
		    -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
	' deps "$@" </dev/null >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die 'apt-get failed (its last lines are above)'
	}
}

# npm's tree of a folder, when its lock file is not the one installed last.
npm_packages() { # folder
	[ -e "$1/package-lock.json" ] || return 0
	sum=$(cksum <"$1/package-lock.json")
	[ "$(cat "$1/node_modules/.installed" 2>/dev/null)" != "$sum" ] || return 0
	echo "deps: npm ci in $1"
	(cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts \
	    --no-audit --no-fund --no-progress </dev/null >"$log" 2>&1) || {
		tail -n 20 "$log" >&2
		die "npm ci in $1 failed (its last lines are above)"
	}
	echo "$sum" >"$1/node_modules/.installed"
	changed=1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
changed=
if [ -n "$missing" ]; then
	# shellcheck disable=SC2086  # a list of words
	install_packages $missing
	changed=1
fi
npm_packages tests/e2e
npm_packages www
if [ -n "$changed" ]; then
	echo 'deps: done'
else
	echo 'deps: everything is installed'
fi
