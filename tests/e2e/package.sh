#!/bin/sh
# The Debian package on a bare Debian in a folder: installed, a first day,
# upgraded while flows come, removed, purged.  In namespaces of its own, so
# that its ports, processes and mounts are nobody else's.
#   PACKAGE=1 tests/e2e/package.sh build      (make check-package)
# The first run fetches the bare system and what the package depends on from
# the machine's own package sources, and keeps it in build/package.
build=$1
[ -n "${PACKAGE-}" ] || {
	echo "make check-package runs it: it fetches packages, some minutes"
	exit 77
}
mkdir -p "$build/package"
TMPDIR=$(cd "$build/package" && pwd)
export TMPDIR
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need debootstrap dpkg-buildpackage dh unshare chroot curl python3 \
    "$bin/flowgen"
[ "$(id -u)" -eq 0 ] || skip "only root can make a system in a folder"
unshare --mount --pid --net --fork true 2>/dev/null ||
    skip "no namespaces can be made here"
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
cache=$build/package
system=$tmp/system

in_system() {
	chroot "$system" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# ---- the package, and a newer one of the same files ----------------------------
"$root/debian/build" "$build/deb" >"$tmp/deb.log" 2>&1 || fail "no package"
deb=$(tail -n 1 "$tmp/deb.log")
dpkg-deb -R "$deb" "$tmp/newer"
sed -i 's/^Version: .*/&+1/' "$tmp/newer/DEBIAN/control"
dpkg-deb --root-owner-group -b "$tmp/newer" "$tmp/newer.deb" >/dev/null

# ---- a bare system, with what has to be fetched in its cache -------------------
# Of the machine's sources those that Debian itself made.
sources() {
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN) $(COMPONENT)' \
	    'Created-By: Packages' 2>/dev/null |
	    awk '$3 == "Debian" && $4 == "main" { print $1, $2 }' | sort -u
}
# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
mirror=$(sources | awk -v c="$codename" '$2 == c { print $1; exit }')
[ -n "$mirror" ] || skip "no package sources of Debian $codename here"
depends=$(dpkg-deb -f "$deb" Depends)
base=$cache/base-$codename-$(echo "$depends $mirror" | cksum | tr ' ' -).tar

make_base() {
	debootstrap --variant=minbase "$codename" "$system" "$mirror" \
	    >"$tmp/base.log" 2>&1 || return 1
	sources | while read -r uri suite; do
		echo "deb $uri $suite main"
	done >"$system/etc/apt/sources.list"
	apt-config dump | grep -E '^Acquire::(http|https)::Proxy ' \
	    >"$system/etc/apt/apt.conf.d/proxy" || :
	cp -L /etc/resolv.conf "$system/etc/resolv.conf"
	{
		in_system apt-get -q update &&
		    in_system apt-get -q -y --download-only \
		        --no-install-recommends install nginx-light &&
		    in_system apt-get -q -y --download-only \
		        --no-install-recommends satisfy "$depends"
	} >>"$tmp/base.log" 2>&1 || return 1
	rm -f "$cache"/base-*.tar
	tar -C "$system" -cf "$base.new" . && mv "$base.new" "$base"
}
mkdir "$system"
if [ -e "$base" ]; then
	tar -C "$system" -xpf "$base"
else
	make_base || {
		rm -f "$base.new"
		skip "no bare system: $(tail -n 1 "$tmp/base.log")"
	}
fi
cp "$deb" "$system/root/first.deb"
cp "$tmp/newer.deb" "$system/root/newer.deb"

# ---- inside --------------------------------------------------------------------
# The rest in one process with its own network, processes and mounts: what it
# starts ends with it.
export tmp system here bin shared build root
unshare --mount --pid --net --fork --kill-child \
    --mount-proc="$system/proc" sh -eu "$here/_package.sh" >"$tmp/inside.log" \
    2>&1 || fail "inside: $(tail -n 15 "$tmp/inside.log")"
tail -n 1 "$tmp/inside.log"
