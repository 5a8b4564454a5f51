#!/bin/sh
# Random filters of 1.7.1's language: Debian's nfdump and our engine must find
# the same flows, packets and bytes, or filter_nfdump.differ names the fault of
# nfdump that explains exactly what it finds.  Both are held against a model,
# and so is what 1.7.1 does not take: terms, names and spellings of 1.7.5 and
# later, named filters, AS terms (refused without a country database).
#
#   tests/e2e/filter_nfdump.sh BUILD
#
# SEED=n other filters, N=n so many in all (make soak: on more files).
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump nfcapd python3 "$bin/flowgen"

# What nfcapd writes of v5, v9, IPFIX and a firewall's events.
collected() {
	port=$(free_ports 1)
	mkdir "$tmp/collected"
	run_bg nfcapd nfcapd -b 127.0.0.1 -p "$port" -w "$tmp/collected" \
	    -t 3600 -I edge -z
	nfcapd=$!
	wait_for 5 test -e "$tmp/collected/nfcapd.current.$nfcapd" ||
	    fail "nfcapd did not start"
	for v in 5 9 10; do
		flowgen -v $v --to "127.0.0.1:$port" -n 500 -r 5000 -s $v -q
	done
	if [ -n "$shared" ]; then
		for c in v9_cisco_asa_nsel_1 ipfix_pmacct_cisco_100; do
			python3 "$shared/tools/replay.py" --port "$port" \
			    --pps 4000 "$shared/data/flows/$c.pcap" >/dev/null
		done
	fi
	wait_for 5 udp_empty "$port" || fail "datagrams are stuck"
	end "$nfcapd" TERM
	mv "$tmp"/collected/nfcapd.2* "$tmp/nfcapd"
}

tools=$build/tests/tools
collected
flowgen --files "$tmp/live" --source up -n 2000 --start 1795000200 \
    --until 1795000500 -q
mv "$tmp"/live/up/nfcapd.2* "$tmp/flowgen"
"$tools/random_flows" "$tmp/random" lz4 1000 1 all
"$tools/edge_flows" "$tmp/full" bz2 1500 1 full
"$tools/edge_flows" "$tmp/sparse" lzo 1500 2 sparse
set -- "$tmp/nfcapd" "$tmp/flowgen" "$tmp/random" "$tmp/full" "$tmp/sparse"
if [ -n "$shared" ]; then
	dir=$shared/data/flows/nffiles
	set -- "$@" "$dir/v9_cisco_asa_nsel_1.171.lz4.nfcapd" \
	    "$dir/mixed_five_exporters.171.none.nfcapd" \
	    "$dir/anon.nfdump16.flows" "$dir/sflow5_akv_1140.171.bz2.nfcapd"
	if [ -n "${SOAK-}" ]; then
		set -- "$@" "$dir/ipfix_mikrotik.head.none.nfcapd" \
		    "$dir/ipfix_pmacct_cisco_100.head.lzo.nfcapd" \
		    "$dir/v9_pmacctd.head.bz2.nfcapd"
	fi
fi
python3 "$here/_filters.py" "$build" "$here/filter_nfdump.differ" \
    "${SEED:-1}" "${N:-1400}" "$@"
