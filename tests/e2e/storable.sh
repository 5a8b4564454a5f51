#!/bin/sh
# Perl's Storable files are read as Perl reads them, and Perl reads ours:
# recorded hints and alert states, and random data.  storable.sh BUILD
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
cat=$build/tests/tools/storable_cat
need perl python3 "$cat"
perl -MStorable -MJSON::PP -e 1 2>/dev/null || skip "perl lacks Storable"

n=0
same() { # file: by us, by Perl from what we write, by Perl itself
	"$cat" "$1" >"$tmp/ours" || fail "$1 is not read"
	"$cat" -w "$1" >"$tmp/written"
	for f in "$1" "$tmp/written"; do
		perl -MStorable -MJSON::PP -e 'print JSON::PP->new->pretty
		    ->utf8->canonical->encode(retrieve($ARGV[0]))' "$f" \
		    >"$tmp/perl" || fail "Perl does not read $f"
		python3 - "$tmp/ours" "$tmp/perl" <<'PY' || fail "$1 differs"
import json, sys
a, b = (json.load(open(f, encoding='utf-8')) for f in sys.argv[1:])
sys.exit(repr(a) != repr(b))
PY
	done
	n=$((n + 1))
}

mkdir "$tmp/random"
perl -MStorable=store,nstore -e '
srand 7;
my @text = ("", "0", "25", "a b", "gr\x{fc}n", "\x{20ac}", "x" x 300, "\"\\\n");
sub value {
	my $d = shift;
	my $k = int rand($d > 5 ? 5 : 8);
	return $k == 0 ? undef : $k == 1 ? int(rand 200) - 100
	    : $k == 2 ? int(rand 2**40) - 2**39 : $k == 3 ? $text[rand @text]
	    : $k == 4 ? int(rand 1000) / 8 : $k < 7
	    ? { map { ($text[rand @text] . $_ => value($d + 1)) } 1 .. rand 6 }
	    : [ map { value($d + 1) } 1 .. rand 6 ];
}
for my $i (1 .. 40) {
	my $v = { map { ("k$_" => value(0)) } 1 .. 8 };
	store($v, "$ARGV[0]/$i");
	# the network form holds what is neither too big nor a fraction
	nstore({ a => [1, -1, 70000, undef], b => "x" }, "$ARGV[0]/n$i")
	    if $i < 3;
}' "$tmp/random"
for f in "$tmp"/random/*; do
	same "$f"
done
tree=$shared/data/nfsen/tree-a
if [ -e "$tree.tar.xz" ]; then
	xz -dc "$tree.tar.xz" | tar xf - -C "$tmp"
	for want in "$tree".expected/storable/*.json; do
		f=${want##*/}
		f=profiles-stat/$(echo "${f%.json}" | sed 's/^profiles-stat@//; s|@|/|')
		same "$tmp/tree-a/$f"
		cmp "$tmp/ours" "$want" || fail "$f is not as recorded"
	done
else
	echo "no recorded tree (SHARED): random data only"
fi
[ "$n" -ge 42 ] || fail "only $n files"
echo "$n files the same as Perl has them"
