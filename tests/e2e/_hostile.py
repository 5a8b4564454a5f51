"""Hostile and impatient clients of the profiler's socket.

  _hostile.py SOCKET FOLDER PID     (see socket.sh)
"""
import os
import signal
import socket
import sys
import time

PATH, TOP, PID = sys.argv[1], sys.argv[2], int(sys.argv[3])
DATA = os.path.join(TOP, 'data')
failures = []


def check(ok, text):
    if not ok:
        failures.append(text)
        print('FAIL:', text)


class Client:
    def __init__(self):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(30)
        self.s.connect(PATH)
        self.f = self.s.makefile('rb')
        assert self.f.readline().startswith(b'220 ')

    def send(self, data):
        try:
            self.s.sendall(data)
        except ConnectionError:
            pass

    def reply(self):
        """Data lines and the status; status '' when the connection ended."""
        lines = []
        try:
            while (line := self.f.readline()) not in (b'.\n', b''):
                lines.append(line.rstrip(b'\n').decode('latin1'))
            return lines, self.f.readline().decode('latin1').rstrip('\n')
        except ConnectionError:
            return lines, ''

    def ask(self, command, *args):
        self.send('\n'.join(['.silent=1', command, *args, '.', '']).encode())
        return self.reply()

    def close(self):
        self.f.close()
        self.s.close()


# ---- names and values -------------------------------------------------------

NAMES = ['../x', '..', '.', '/etc/passwd', 'a/../../b', 'a;id', '$(id)', '`id`',
         'a b', 'a|b', 'x\ty', '*', '~', '-rf', '%s%n', "'", '"', '\\', 'a:b',
         '\xe4', '\x01', 'x' * 300, 'x' * 10240, '', '.hidden', 'a=b', '#', '|',
         'live/../../outside', '..%2f..', 'a\r']
NUMBERS = ['x', '-1', '99999999999999999999', '1e9', '0x10', '', '1;2', 'nan']

COMMANDS = {
    'get-profile': ['profile'],
    'get-channelstat': ['profile', 'channel'],
    'get-channelfilter': ['profile', 'channel'],
    'get-filter': ['filter'],
    'get-statinfo': ['profile', 'channel', 'tstart', 'tend'],
    'get-peek': ['profile', 'channellist', 'tinit', 'type'],
    'get-picture': ['profile', 'picture'],
    '@get-anypicture': ['picture'],
    'get-alert': ['alert'],
    'get-alertfilter': ['alert'],
    'add-filter': ['filtername'],
    'delete-filter': ['filtername'],
    'add-format': ['format'],
    'delete-format': ['format'],
    'add-profile': ['profile', 'profilegroup', 'tstart', 'tend', 'expire',
                    'maxsize'],
    'commit-profile': ['profile'],
    'cancel-profile': ['profile'],
    'modify-profile': ['profile', 'newgroup', 'locked', 'status', 'expire',
                       'profile_type'],
    'add-channel': ['profile', 'channel', 'colour', 'sign', 'order',
                    'sourcelist', 'filterfile'],
    'modify-channel': ['profile', 'channel', 'colour', 'sign', 'order',
                       'sourcelist'],
    'delete-channel': ['profile', 'channel'],
    'delete-profile': ['profile'],
    'rebuild-profile': ['profile'],
    'expire-profile': ['profile'],
    'run-nfdump': ['profile', 'srcselector', 'type', 'args', 'and_filter'],
    'signal': ['flag'],
    '@lookup': ['lookup'],
    'arm-alert': ['alert'],
    'delete-alert': ['alert'],
}
GOOD = {'profile': 'p', 'channel': 'c', 'picture': 'flows-day.png',
        'type': 'real', 'srcselector': 'c', 'args': '-r nfcapd.202601010000',
        'formatdef': '%ts', 'tstart': '202601010000'}


def names():
    """What there is below the two trees and the saved files."""
    out = set()
    for top in ('stat', 'data', 'var/filters', 'var/fmt', 'outside', 'pics'):
        for folder, dirs, files in os.walk(os.path.join(TOP, top)):
            out |= {os.path.relpath(os.path.join(folder, n), TOP)
                    for n in dirs + files}
    return out


def hostile_values():
    before = names()
    c = Client()
    n = 0
    for command, keys in COMMANDS.items():
        for key in keys:
            for value in NAMES + NUMBERS:
                if '\n' in value:
                    continue
                args = [f'{k}={GOOD.get(k, "x")}' for k in keys if k != key]
                if command == 'add-format':
                    args.append('formatdef=%ts')
                if command == 'add-filter':
                    args.append('_filter=any')
                if command == 'add-profile':
                    args = []
                if command == 'add-profile' and key != 'profile':
                    args = ['profile=p']        # it is there already
                lines, status = c.ask(command, *args, f'{key}={value}')
                n += 1
                if command[0] == '@':
                    check('root:' not in ''.join(lines), f'{command}: a file')
                    c.close()
                    c = Client()
                    continue
                if not status:
                    check(False, f'{command} {key}={value!r}: no answer')
                    c = Client()
                    continue
                check(status.split(' ')[0] in ('OK', 'ERR', 'ALERT'),
                      f'{command} {key}={value!r}: {status!r}')
                check(len(status) < 12000 and '\x00' not in status,
                      f'{command} {key}: a status too long')
                check('secret' not in ''.join(lines), f'{command}: a secret')
    c.close()
    new = {x for x in names() - before
           if not os.path.basename(x).startswith('.')}
    for x in new:
        check(all(part.replace('-', '').replace('_', '').replace('+', '')
                  .replace('.', '').replace('~', '').isalnum()
                  for part in x.split('/')), f'made: {x!r}')
    with open(os.path.join(TOP, 'outside', 'file'), encoding='utf-8') as f:
        check(f.read() == 'secret\n', 'a file outside has changed')
    print(n, 'hostile values;', len(new), 'new names')


def refused():
    """These must be errors, with a word on why."""
    c = Client()
    for command, args, word in [
            ('get-profile', ['_profile=p'], 'one value'),
            ('add-channel', ['profile=p', '_channel=x'], 'one value'),
            ('get-picture', ['profile=p', 'picture=../../outside/file'],
             'does not exist'),
            ('get-picture', ['profile=p', 'picture=profile.dat'],
             'does not exist'),
            ('add-channel', ['profile=p', 'channel=x',
                             'filterfile=/etc/passwd'], 'filterfile'),
            ('add-channel', ['profile=p', 'channel=../x'], 'Ambiguous'),
            ('add-channel', ['profile=p', 'channel=a;b'], 'channel name'),
            ('run-nfdump', ['args=-r /etc/passwd'], 'not below'),
            ('run-nfdump', ['args=-M /etc -r passwd'], 'not below'),
            ('run-nfdump', [f'args=-M {DATA}/live/a -r ../../../x'], 'leaves'),
            ('run-nfdump', ['args=-Z -w /tmp/x'], "'-w'"),
            ('run-nfdump', ['args=-Z', '_filter=any `id`'], 'Illegal'),
            ('run-nfdump', ['args=-o fmt:x -r x;id'], 'Illegal'),
            ('run-nfdump', ['args='], 'No flow files'),
            ('get-detailsgraph', ['profile=p'] + ['_arg=1'] * 13, 'argument'),
            ('get-detailsgraph', ['profile=p', '_arg=c', '_arg=any',
                                  '_arg=flows', '_arg=1', '_arg=1', '_arg=9',
                                  '_arg=0', '_arg=0', '_arg=999999999',
                                  '_arg=200', '_arg=0', '_arg=0', '_arg=0'],
             'argument 9'),
            ('get-profile', ['no equal sign'], 'key format error'),
            ('get-profile', ['profile=' + 'x' * 10241], 'value too long'),
            ('reconfig;id', [], 'Command unknown'),
            ('nosuch::command', [], "Plugin 'nosuch' unknown"),
            ('get-anypicture', ['picture=a/../../outside/file'], 'invalid'),
            ('get-anypicture', ['picture=/etc/passwd'], 'invalid'),
            ('get-anypicture', ['picture=link.png'], 'does not exist')]:
        lines, status = c.ask(command, *args)
        check(status.startswith('ERR') and word in status,
              f'{command} {args}: {status!r}')
    # A filter that begins like an option is a filter.
    lines, status = c.ask('run-nfdump', 'args=-Z', '_filter=-w /tmp/x')
    check('exit=65024' in lines, f'a filter as an option: {lines}')
    lines, status = c.ask('get-globals')
    for line in lines:
        name, _, value = line.removeprefix('_globals=').partition(' = ')
        check(value.endswith(';') and (value[0] != '"' or '"' not in
              value[1:-2].replace('\\\\', '').replace('\\"', '')),
              f'pages would evaluate {line!r}')
    c.close()


def long_lines():
    for data, word in [
            (b'get-profile\nprofile=' + b'x' * 65536 * 2, 'line too long'),
            (b'get-profile\nprofile=' + b'x' * 60000 + b'\n.\n',
             'value too long'),
            (b'x' * 60000 + b'\n.\n', 'Command unknown'),
            (b'get-profile\n' + b'_key=1\n' * 5000 + b'.\n', 'more than'),
            (b'get-profile\n' + b'_key=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n'
             * 10000 + b'.\n', 'request too long'),
            (b'get\x00-profile\n.\n', 'NUL'),
            (b'\xff\xfe\n.\n', 'Command unknown'),
            (b'@' + b'\n.\n', "Command unknown: ''")]:
        c = Client()
        c.send(b'.silent=1\n' + data)
        lines, status = c.reply()
        check(status.startswith('ERR') and word in status,
              f'{data[:40]!r}...: {status[:80]!r}')
        c.close()


# ---- slow work -----------------------------------------------------------------

def working_on(word):
    """Processes with `word` among their arguments."""
    out = []
    for p in os.listdir('/proc'):
        try:
            with open(f'/proc/{p}/cmdline', 'rb') as f:
                text = f.read()
        except OSError:
            continue
        if p.isdigit() and word.encode() in text and b'_hostile' not in text:
            out.append(int(p))
    return out


def until(what, text):
    end = time.monotonic() + 60
    while not what():
        if time.monotonic() > end:
            check(False, text)
            return
        time.sleep(0.02)


def hanging():
    """A query that goes on for ever (socket.sh)."""
    c = Client()
    c.send(b'run-nfdump\nprofile=live\ntype=real\nsrcselector=a\n'
           b'args=-r nfcapd.202601010005\n.\n')
    until(lambda: working_on('nfcapd.202601010005'), 'the query begins')
    return c


def slow_work():
    c = hanging()
    other = Client()
    for _ in range(20):
        lines, status = other.ask('get-profilelist')
        check(status == 'OK Profile Listing', 'others are answered')
    c.close()
    until(lambda: not working_on('nfcapd.202601010005'),
          'the query of a client that has left ends')
    # A reader that stops in the middle holds up nobody either.
    lazy = Client()
    lazy.send(b'get-globals\n.\n' * 500)
    lines, status = other.ask('get-status')
    check(status == 'OK status', 'a lazy reader')
    lazy.close()
    other.close()


def parent(pid):
    with open(f'/proc/{pid}/stat', encoding='utf-8') as f:
        return int(f.read().rpartition(')')[2].split()[1])


def lost_runner():
    """The process that starts programs dies: another takes its place."""
    c = hanging()
    query = working_on('nfcapd.202601010005')[0]
    os.kill(parent(query), signal.SIGKILL)
    lines, status = c.reply()
    check(status.startswith('OK') and 'exit=32512' in lines,
          f'a lost query: {lines[-3:]} {status}')
    until(lambda: not working_on('nfcapd.202601010005'), 'a lost query ends')
    lines, status = c.ask('run-nfdump', 'args=-V')
    check('exit=0' in lines, f'the next query: {lines} {status}')
    c.close()


def lost_daemon():
    c = hanging()
    os.kill(PID, signal.SIGKILL)
    until(lambda: not working_on('nfcapd.202601010005'),
          'a query ends with the daemon')
    c.close()


hostile_values()
refused()
long_lines()
slow_work()
lost_runner()
lost_daemon()
sys.exit(bool(failures))
