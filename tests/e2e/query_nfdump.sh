#!/bin/sh
# nfsen-query against Debian's nfdump: the same command lines on the same
# flow files must give the same output.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"

need nfdump python3 "$bin/flowgen"
# Another version prints and counts in its own way.
nfdump -V | grep -q '1\.7\.1$' || skip "nfdump is not 1.7.1"

seed=1
for source in s1 s2; do
	"$bin/flowgen" --files "$tmp" --source $source -n 1500 -s $seed -q \
	    --start 1795392000 --until 1795393200
	seed=$((seed + 1))
done
"$build/tests/tools/random_flows" "$tmp/all.nf" bz2 500 1 all
"$build/tests/tools/rich_flows" "$tmp/rich.nf" lzo 300 171
"$build/tests/tools/two_way_flows" "$tmp/two.nf"
python3 "$here/_query_diff.py" "$bin/nfsen-query" "$tmp"
