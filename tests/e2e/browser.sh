#!/bin/sh
# The pages in Chromium, through nginx and nfsen-fcgi.
# browser.sh BUILD
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need nginx curl node chromium python3 "$bin/nfsen-fcgi" \
    "$build/tests/tools/fixture"
[ -d "$here/node_modules/playwright-core" ] ||
    skip "playwright-core is not there: make deps"
# shellcheck disable=SC2046  # ports are words
set -- $(free_ports 1)
write_conf "'upstream1' => { 'port' => '9995' },
    'peer1' => { 'port' => '9996' }, 'peer2' => { 'port' => '9997' }" ''
"$build/tests/tools/fixture" "$conf" "$(date +%s)" 2
start_daemon nfsen-fcgi
start_nginx "$1"
SHOTS=${SHOTS-} timeout 150 node "$here/_browser.mjs" "http://127.0.0.1:$1" ||
    fail "see above"
