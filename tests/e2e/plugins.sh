#!/bin/sh
# Programs of plugins: called by commands, in a sandbox; what they do wrong is
# their client's answer and nothing else.
build=$1
# shellcheck source=tests/e2e/_lib.sh
. "$(dirname "$0")/_lib.sh"
need python3 "$bin/nfsen-profiler" "$bin/nfsen"
mkdir -p "$tmp/plugins" "$tmp/var" "$tmp/elsewhere"
write_conf "'a' => { 'port' => '0', 'col' => '#0000ff' }" "
\$BACKEND_PLUGINDIR = '$tmp/plugins';
@plugins = ( [ 'live', 'demo' ], [ '!', 'bad' ], [ '*', 'missing' ],
    [ '*', 'plain' ] );"
nfsen reconfig -y >/dev/null
cp "$here/_demoplugin.sh" "$tmp/plugins/demo"
echo 'echo OK' >"$tmp/plugins/plain"
: >"$tmp/secret"
cat >"$tmp/plugins/bad" <<'SH'
#!/bin/sh
base=${0%/plugins/*}
case $1-${2-} in
command-leave) printf 'a=1\n.\nOK first\n.\nOK second\n' ;;
command-silent) ;;
command-fail) exit 3 ;;
command-die) kill -9 $$ ;;
command-deaf) exec <&-; echo OK deaf ;;
command-write)
	for f in elsewhere/x plugins/x stat/x data/x; do
		(echo x >"$base/$f") 2>/dev/null && echo "_written=$f"
	done
	(echo x >"$base/var/plugins/x") && echo "_written=own"
	echo OK ;;
command-env) echo "_dir=$(pwd)"; echo OK ;;
command-stay)
	sleep 300 <&- >&- 2>&- &
	echo "child=$!"
	echo OK ;;
condition-) echo 'condition=2'; echo 'ERR no' ;;
action-) echo 'ERR no' ;;
*) exit 64 ;;
esac
SH
chmod 755 "$tmp/plugins/demo" "$tmp/plugins/bad"
start_daemon nfsen-profiler

cat >"$tmp/ask.py" <<'PY'
import ctypes, os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
s.connect(sys.argv[1])
f = s.makefile('rw', encoding='latin1', newline='\n')
f.readline()


def ask(*lines):
    f.write('\n'.join(lines[:1] + ('.silent=1',) + lines[1:]) + '\n.\n')
    f.flush()
    out = []
    while (line := f.readline().rstrip('\n')) != '.':
        out.append(line)
    return [x for x in out if x[:1] != '.'], f.readline().rstrip('\n')


def expect(want, *lines):
    got = ask(*lines)
    if got != want:
        sys.exit(f'{lines[0]}: {got}, not {want}'[:600])


ERR = "ERR Plugin: Error while running plugin 'bad': "
expect((['a=1'], 'OK second'), 'bad::leave')
expect(([], ERR + 'no status line'), 'bad::silent')
expect(([], ERR + 'exit status 3'), 'bad::fail')
expect(([], ERR + 'the process that did it died: signal 9'), 'bad::die')
expect(([], 'OK deaf'), 'bad::deaf', *['_xyz=' + 'y' * 9000] * 20)
expect(([], "ERR Plugin 'bad' command unknown: 'nosuch'"), 'bad::nosuch')
expect(([], "ERR Plugin 'bad' command unknown: '../x'"), 'bad::../x')
for name in ('missing', 'plain', 'nosuch', '../bad', ''):
    expect(([], f"ERR Plugin '{name}' unknown"), name + '::try')
live = sys.argv[2] + '/live/a/nfcapd.1'
alert = ('alert=al', 'timeslot=202611230430')
expect(([], ERR + 'ERR no'), 'get-alertcondition', *alert,
       'alertfile=' + live, 'plugin=bad')
expect((['condition=1'], 'OK command completed'), 'get-alertcondition',
       *alert, 'alertfile=' + live, 'plugin=demo')
for path in ('/etc/passwd', sys.argv[2] + '/../secret', sys.argv[2]):
    expect(([], f"ERR alert flow file '{path}' does not exists!"),
           'get-alertcondition', *alert, 'alertfile=' + path, 'plugin=demo')
expect(([], ERR + 'ERR no'), 'run-alertaction', *alert, 'plugin=bad')
expect(([], 'OK command completed'), 'run-alertaction', *alert, 'plugin=demo')

held, _ = ask('bad::write')
# landlock_create_ruleset with LANDLOCK_CREATE_RULESET_VERSION.
if ctypes.CDLL(None).syscall(444, None, 0, 1) > 0 and \
        held != ['_written=own']:
    sys.exit(f'a plugin wrote: {held}')
if '_written=own' not in held:
    sys.exit(f'a plugin cannot write where it may: {held}')

# What a plugin starts and leaves behind goes with it.
said, _ = ask('bad::stay')
child = int(said[0].split('=')[1])
end = time.monotonic() + 20
while os.path.exists(f'/proc/{child}') and time.monotonic() < end:
    if open(f'/proc/{child}/stat').read().rsplit(')')[1].split()[0] == 'Z':
        break
    time.sleep(0.05)
else:
    if os.path.exists(f'/proc/{child}'):
        sys.exit('a child of a plugin stays')

# Of a slot: those that want the profile, one after the other.
expect(([], 'OK command completed.'), 'run-plugins',
       '_plugins=.:live:202611230430', '_plugins=g:p:202611230430')
expect(([], 'OK command completed.'), 'run-plugin', 'plugin=demo',
       'profile=live', 'timeslot=202611230435')
expect(([], "ERR Plugin 'plain' unknown"), 'run-plugin', 'plugin=plain',
       'profile=live', 'timeslot=202611230435')
expect(([], "ERR 'a:b' is no group:profile:timeslot"), 'run-plugins',
       '_plugins=a:b')
expect(([], "ERR '..:b:202611230430' is no group:profile:timeslot"),
       'run-plugins', '_plugins=..:b:202611230430')
PY
mkdir -p "$live/a" "$tmp/stat/~al"
echo flows >"$live/a/nfcapd.1"
echo 'name = al' >"$tmp/stat/~al/alert.dat"
python3 "$tmp/ask.py" "$tmp/run/nfsen.comm" "$tmp/data"
[ "$(cat "$tmp/var/plugins/runs")" = "./live 202611230430
./live 202611230435" ] || fail "runs: $(cat "$tmp/var/plugins/runs")"
echo "plugins: calls, errors, sandbox, runs of a slot"
