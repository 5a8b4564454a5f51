#!/bin/sh
# Payload terms: Debian's nfdump and our engine must find the same flows among
# random texts and TLS hello messages.  tests/e2e/payload_nfdump.sh BUILD
#
# SEED=n takes other ones, COUNT=n more filters on each of FILES files.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nfdump python3

python3 "$here/_payload.py" "$build" "$tmp" "${SEED:-1}" "${FILES:-3}" \
	"${COUNT:-60}"
