#!/bin/sh
# Our flow files read by Debian's nfdump, and nfdump's by us.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"

need nfdump python3
# Every element alone, and random ones of those that nfdump 1.7.1 knows, in
# every codec that it knows.
for codec in none lzo lz4 lz4:9 lz4:fast bz2 bz2:1; do
	mkdir "$tmp/$codec"
	id=1
	while [ $id -le 42 ]; do
		"$build/tests/tools/random_flows" "$tmp/$codec/$id.nf" \
		    $codec 50 $id $id
		id=$((id + 1))
	done
	f=$tmp/$codec/all.nf
	"$build/tests/tools/random_flows" "$f" $codec 2000 1 all
	nfdump -v "$f" >"$tmp/verify.txt" 2>&1 || fail "$codec: nfdump -v"
	case $codec in
	none) word='not compressed' ;;
	*) word="${codec%:*} compressed" ;;
	esac
	grep -q "^Version *: 2 - $word" "$tmp/verify.txt" &&
	    grep -q '^Records *: 2002$' "$tmp/verify.txt" || {
		cat "$tmp/verify.txt" >&2
		fail "$codec: codec or records"
	}
	nfdump -r "$f" -I >"$tmp/theirs"
	"$bin/nfsen-query" -r "$f" -I >"$tmp/ours"
	diff "$tmp/theirs" "$tmp/ours" >&2 || fail "$codec: -I"
	# What nfdump makes of it is the file it wrote: the same counters.
	nfdump -r "$f" -w "$tmp/copy.nf" -y
	nfdump -r "$tmp/copy.nf" -I | grep -v '^Ident' >"$tmp/theirs"
	grep -v '^Ident' "$tmp/ours" | diff "$tmp/theirs" - >&2 ||
	    fail "$codec: counters of a copy"
done
python3 "$here/_same_json.py" "$bin/nfsen-query" \
    "$here/nffile_nfdump.differ" "$tmp"/*/*.nf ||
    fail "nfdump reads something else"

# zstd, which it does not know, holds the same.
"$build/tests/tools/random_flows" "$tmp/zstd.nf" zstd:3 2000 1 all
"$bin/nfsen-query" -r "$tmp/zstd.nf" -o json | cksum >"$tmp/zstd.sum"
"$bin/nfsen-query" -r "$tmp/none/all.nf" -o json | cksum |
    diff "$tmp/zstd.sum" - >&2 || fail "zstd: other flows"

# What describes senders.
f=$tmp/names.nf
"$build/tests/tools/random_flows" "$f" lz4 0 1 names
nfdump -q -r "$f" -o 'fmt:%in %inam,%out %onam,%nbid %nbnam,%ivrf %ivrfnam,%evrf %evrfnam' |
    tr -s ' ' >"$tmp/names.txt"
grep -q '^ 1 eth0, 2 xe-0/0/1, 3..80 http/World Wide Web, 3 red, 4 blue$' \
    "$tmp/names.txt" || fail "names: $(cat "$tmp/names.txt")"
nfdump -E "$f" | tr -s ' ' >"$tmp/exporters.txt"
for want in 'SysID: 1, IP: 192.0.2.1, version: 9, ID: 7, Sequence failures: 3, packets: 4, flows: 5' \
    'id: 5, algorithm: 2, packet interval: 1, packet space: 99' \
    'SysID: 2, IP: 2001:db8::1, version: 10, ID: 8, Sequence failures: 0, packets: 6, flows: 7'; do
	grep -qF "$want" "$tmp/exporters.txt" || {
		cat "$tmp/exporters.txt" >&2
		fail "nfdump -E: no $want"
	}
done

# Files of nfdump 1.6, whose events nfdump 1.7.1 does not take over.
events=connect_id,xevent_id,nat_event_id,src_xlt_port,dst_xlt_port,user_name
events=$events,ingress_acl,egress_acl,src4_xlt_ip,dst4_xlt_ip,src6_xlt_ip
events=$events,dst6_xlt_ip,pblock_start,pblock_end,pblock_step,pblock_size
events=$events,event,event_id,t_event,nat_event,nat_pool_id
events=$events,ingress_vrf,egress_vrf,src_net,dst_net
for codec in none lzo lz4 bz2; do
	f=$tmp/old.$codec
	"$build/tests/tools/old_flows" "$f" $codec 2000 1
	python3 "$here/_same_json.py" -x "$events" "$bin/nfsen-query" \
	    "$here/nffile_nfdump.differ" "$f" ||
	    fail "1.6, $codec: nfdump reads something else"
	nfdump -r "$f" -I >"$tmp/theirs"
	"$bin/nfsen-query" -r "$f" -I >"$tmp/ours"
	diff "$tmp/theirs" "$tmp/ours" >&2 || fail "1.6, $codec: -I"
	# Our filters see in them what nfdump's do.
	for filter in 'proto tcp' 'not proto icmp6' 'inet6' 'src tos 32' \
	    'packets > 10'; do
		nfdump -r "$f" -o json "$filter" 2>/dev/null |
		    grep -c '"first"' >"$tmp/theirs"
		"$bin/nfsen-query" -r "$f" -o json "$filter" |
		    grep -c '"first"' >"$tmp/ours"
		diff "$tmp/theirs" "$tmp/ours" >&2 || fail "1.6: $filter"
	done
done

[ -d "$shared/data/flows/nffiles" ] || {
	echo "files of nfdump not compared: no $shared/data/flows/nffiles"
	exit 0
}
# The files that nfdump's versions wrote (and one of 1.6), each field.  What
# differs and why is in nffiles.differ.
n=0 known=0
for f in "$shared"/data/flows/nffiles/*.nfcapd \
    "$shared"/data/flows/nffiles/*.nfdump16.flows; do
	name=${f##*/}             # capture.version.codec.nfcapd
	case $name in
	*.nfcapd) want=${f%.*.nfcapd}.records.json ;;
	*) want=$f.json ;;
	esac
	[ -e "$want" ] || want=$want.gz
	# Fields, a tab, the reason: those alone may differ, and they must.
	differ=$(sed -n "s/^$name	\([^	]*\)	.*/\1/p" "$here/nffiles.differ")
	"$bin/nfsen-query" -r "$f" -o json >"$tmp/got.json"
	python3 "$shared/tools/compare.py" ${differ:+--ignore "$differ"} \
	    "$want" "$tmp/got.json" >"$tmp/compare.txt" || {
		tail -5 "$tmp/compare.txt" >&2
		fail "$name"
	}
	if [ -n "$differ" ]; then
		python3 "$shared/tools/compare.py" "$want" "$tmp/got.json" \
		    >/dev/null && fail "$name does not differ any more"
		known=$((known + 1))
	fi
	n=$((n + 1))
done
[ $n -gt 15 ] || fail "only $n files found"
echo "$n files of nfdump read as nfdump reads them, $known of them but for" \
    "what nffiles.differ names"
