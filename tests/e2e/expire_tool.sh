#!/bin/sh
# The command line of nfexpire: ours and Debian's on copies of the same random
# trees, the same words and the same files left; dry runs; wrong arguments.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen-query"
ln -s "$bin/nfsen-query" "$tmp/nfexpire"
python3 "$here/_expire_tool.py" "$tmp/nfexpire" "$bin/nfsen-query" "$tmp" \
	"${TREES:-40}"
