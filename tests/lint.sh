#!/bin/sh
# Style, analysers, manuals, scripts and the rules of the tree.
#
#   tests/lint.sh              everything
#   tests/lint.sh FILE ...     these files alone (make lint FILES='...')
#
# Every step runs even when one before it failed.  What clang-tidy found clean
# is remembered by content in build/lint, so that a second run is quick.
set -u
cd "$(dirname "$0")/.." || exit 2
export LC_ALL=C
state=build/lint
programs='collector|profiler|fcgi|query|admin'
failed=0

# One C file; silent when it, its headers and the rules are known to be clean.
if [ "${1-}" = --tidy ]; then
	file=$2
	shift 2
	name=$state/$(echo "$file" | tr / _)
	stamp=$name.$({ cat .clang-tidy; clang "$@" -E "$file"; } 2>/dev/null |
	    cksum | tr ' ' -)
	[ ! -e "$stamp" ] || exit 0
	if ! out=$(clang-tidy --quiet "$file" -- "$@" 2>/dev/null); then
		echo "$out"
		exit 1
	fi
	rm -f "$name".*
	: >"$stamp"
	exit 0
fi

for tool in clang clang-format clang-tidy cppcheck mandoc shellcheck; do
	command -v $tool >/dev/null || {
		echo "lint: $tool is missing: tests/deps.sh lint installs it" >&2
		exit 2
	}
done

# Committed and new files, apart from those that are ignored or deleted.
files=$(git ls-files -co --exclude-standard -- "$@" |
    while read -r f; do [ ! -f "$f" ] || echo "$f"; done)
[ -n "$files" ] || {
	echo "lint: no such file: $*" >&2
	exit 2
}

pick() { # extended pattern: the files to look at whose name matches
	echo "$files" | grep -E "$1"
}

step() { # name command...
	name=$1
	shift
	if "$@"; then
		echo "ok    $name"
	else
		echo "FAIL  $name"
		failed=$((failed + 1))
	fi
}

# Print the lines of the files on stdin that match; true when there are none.
no_line() { # options and pattern of grep
	paths=$(cat)
	[ -z "$paths" ] || ! echo "$paths" | xargs grep -nE "$@" /dev/null
}

format() {
	pick '\.[ch]$' | xargs -r clang-format --dry-run -Werror
}

tidy() {
	mkdir -p $state
	# shellcheck disable=SC2046  # flags are words
	pick '\.c$' | xargs -r -P 2 -I '{}' \
	    tests/lint.sh --tidy '{}' $(make -s flags)
}

# ctuuninitvar takes a struct whose count is 0 for one without a value;
# internalAstError is cppcheck's own.
check_c() {
	mkdir -p $state/cppcheck
	# Its exit status leaves out what it finds across files.
	found=$(pick '\.c$' | cppcheck --quiet -j 2 --std=c11 --file-list=- \
	    --enable=warning,performance,portability --inline-suppr \
	    --suppress=missingIncludeSystem --suppress=ctuuninitvar \
	    --suppress=internalAstError \
	    --cppcheck-build-dir=$state/cppcheck -D_GNU_SOURCE -Ilib -I. 2>&1)
	[ -z "$found" ] || { echo "$found"; return 1; }
}

# Functions with hidden state, without bounds, or that start a shell.
calls() {
	bad='localtime|gmtime|ctime|asctime|strtok|rand|srand|inet_ntoa|gethostbyname'
	bad="$bad|gets|sprintf|vsprintf|strcpy|strcat|strncpy|strncat|tmpnam|mktemp"
	bad="$bad|system|popen|alloca|atoi|atol|atoll"
	pick '\.[ch]$' | no_line "(^|[^A-Za-z0-9_.>])($bad)\(([^0-9]|$)"
}

# What a folder may include: the dependencies point one way.
allowed() {
	case $1 in
	lib/base) echo base ;;
	lib/flow) echo base flow ;;
	lib/decode) echo base flow decode ;;
	lib/nffile) echo base flow nffile ;;
	lib/filter) echo base flow filter ;;
	lib/scan) echo base flow nffile scan ;;
	lib/anon) echo base flow nffile anon ;;
	lib/index) echo base flow nffile index ;;
	lib/encode) echo base flow encode ;;
	lib/store) echo base flow store ;;
	lib/conf) echo base conf nffile/layout.h nffile/codec.h ;;
	lib/ctl) echo base ctl ;;
	lib/runner) echo base runner ;;
	lib/ledger) echo base ledger ;;
	lib/profile) echo base flow decode nffile filter scan store conf ctl \
	    profile ;;
	lib/alert) echo base filter store conf profile alert ;;
	*) echo base flow decode encode nffile anon index filter scan store \
	    conf ctl runner ledger profile alert "${1%%/*}" ;;
	esac
}

includes() {
	found=$(pick "^(lib/[a-z]+|$programs)/[^/]*\\.[ch]$" |
	    while read -r f; do
		may=$(allowed "$(dirname "$f")" | sed 's/\.h/\\&/g; s/ /|/g')
		grep -nE '^#[ ]*include "' "$f" |
		    grep -vE "include \"($may)(/|\")" | sed "s|^|$f:|"
	    done)
	[ -z "$found" ] || { echo "$found"; return 1; }
}

# One folder owns each outside library.
owners() {
	while read -r header folder; do
		pick "^(lib|$programs)/.*\\.[ch]$" |
		    grep -vE "^($folder)/" | no_line "include <$header" || return 1
	done <<-'END'
	rrd lib/store
	fcgi fcgi
	pcre2|include.<maxminddb lib/filter
	nettle lib/(filter|anon)
	expat lib/(store|decode)
	seccomp|include.<linux/landlock lib/base
	lz4|include.<zstd|include.<bzlib|include.<lzo lib/nffile
	END
}

manuals() {
	ok=0
	for page in $(pick '^man/.*\.[1-9]$'); do
		mandoc -Tlint -Wstyle "$page"
	done | grep -Ev 'referenced manual not found|outdated mandoc.db' && ok=1
	# Ours name each other; what they name and is ours must be there.
	for ref in $(pick '^man/.*\.[1-9]$' | xargs -r sed -nE \
	    's/^\.Xr (nfsen[^ ]*) ([1-9]).*/\1.\2/p' | sort -u); do
		[ -e "man/$ref" ] || { echo "man/$ref: named, not there"; ok=1; }
	done
	return $ok
}

scripts() {
	for f in $(pick '^[^.]*$|\.sh$|^\.ci/run$'); do
		case $(head -n 1 "$f" | tr -d '\000') in
		'#!'*sh*) echo "$f" ;;
		esac
	done | xargs -r shellcheck -x -P SCRIPTDIR:. --severity=warning
}

# Nothing tied to one machine or one download server; no stray white space.
tree() {
	ok=0
	pick . | no_line -I '(^|[^A-Za-z0-9_.*$}-])/wor[k]/' || ok=1
	pick . | no_line -I \
	    'https?://[A-Za-z0-9.-]*(registry|mirror|debian|npmjs|pypi)[A-Za-z0-9.-]*' ||
	    ok=1
	pick 'package-lock\.json$' | no_line '"resolved"' || ok=1
	pick '\.(c|h|sh|css|js|mjs|py|[158])$|^Makefile$' | no_line -I '[ 	]+$' || ok=1
	return $ok
}

# As installed, with programs that do nothing; what systemd itself would bring
# is not there.  Exposure as systemd-analyze security counts it, in tenths.
units() {
	[ -n "$(pick '^etc/systemd/|^Makefile$')" ] || return 0
	command -v systemd-analyze >/dev/null || {
		echo 'systemd-analyze is missing: not looked at'
		return 0
	}
	dir=$(mktemp -d)
	ok=0
	make -s install-services OS=Linux DESTDIR="$dir" PREFIX=/usr || ok=1
	mkdir -p "$dir/usr/sbin" "$dir/bin" "$dir/etc"
	for p in usr/sbin/nfsen-collector usr/sbin/nfsen-profiler \
	    usr/sbin/nfsen-fcgi bin/kill; do
		printf '#!/bin/sh\n' >"$dir/$p"
		chmod 755 "$dir/$p"
	done
	found=$(systemd-analyze verify --man=no --root="$dir" \
	    "$dir"/usr/lib/systemd/system/nfsen* 2>&1 |
	    grep -v 'Unit sysinit.target not found')
	[ -z "$found" ] || { echo "$found"; ok=1; }
	for u in "$dir"/usr/lib/systemd/system/*.service; do
		systemd-analyze security --offline=true --no-pager \
		    --threshold=15 "$u" >"$dir/out" 2>&1 || {
			grep Overall "$dir/out" || tail -n 1 "$dir/out"
			ok=1
		}
	done
	rm -rf "$dir"
	return $ok
}

step 'style (make format)' format
step 'includes point one way' includes
step 'one owner for each library' owners
step 'calls' calls
step 'manuals' manuals
step 'scripts' scripts
step 'tree' tree
step 'service units' units
step cppcheck check_c
step clang-tidy tidy
[ $failed -eq 0 ] || echo "lint: $failed steps failed"
[ $failed -eq 0 ]
