"""Replay transcripts of NfSen's command line.

  _nfsen_cli.py BASE DIFFER TRANSCRIPT...

Output is compared line by line; process ids, times of creation, seconds of
waiting and the order of ports and of default lists of sources are taken out.  Several transcripts
are one session: times and sizes of files are then those of today and do not
count.

DIFFER has NUMBER.COMMAND and a reason, then lines of NfSen that we leave out
(- or -~ pattern), lines that we have instead (+, +~), and the exit status
(= N).  Without one a command whose recorded output is an error must end with
a status that is not 0, any other with 0.  After "# wait" a command that only
asks is repeated until it answers as recorded.  "# file" and "# directory"
after a command are compared too, as NUMBER.COMMAND:PATH.

PORTS in the environment are ports of today for those of the recording.
"""
import grp
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
import time

BASE, DIFFER, *PATHS = sys.argv[1:]
SESSION = len(PATHS) > 1
CONF = BASE + '/etc/nfsen.conf'
RUN = os.environ.get('RUN', BASE + '/var/run')
PORTS = dict(zip(('29995', '29996', '29997', '29998', '29999'),
                 os.environ.get('PORTS', '').split()))
USER = pwd.getpwuid(os.getuid()).pw_name
GROUP = grp.getgrgid(os.getgid()).gr_name
WAIT_S = 60
ASKS = re.compile(r'^nfsen (status|-)')
ERROR = re.compile(r'^(ERR |Error |Error: |Unknown option|Option \S+ requires|'
                   r'Multiple commands|Can not connect|NfSen is already run|'
                   r'.* command \[parameters\]$|.* wants to run this command|'
                   r"Configured sources do not match|Source '\S+': unknown)")


class Command:
    def __init__(self, text, waits, before, user):
        self.text, self.waits = text, waits
        self.before, self.user = before, user
        self.input, self.out, self.err = '', [], []
        self.after = []         # ['file' or 'directory', path, lines]


def today(text):
    """Ports, user and group of today."""
    text = text.replace('$WWWGROUP = "www-data"', '$WWWGROUP = "%s"' % GROUP)
    text = text.replace('"www-data"', '"%s"' % USER)
    return re.sub(r'\b299\d\d\b', lambda m: PORTS.get(m.group(0), m.group(0)),
                  text)


def parse(path):
    commands, waits, before, user = [], False, [], None
    for line in open(path, encoding='utf-8').read().split('\n')[1:]:
        if line.startswith('$ '):
            commands.append(Command(line[2:], waits, before, user))
            waits, before, user = False, [], None
        elif line.startswith('# wait'):
            waits = True
        elif m := re.match('# the next command is run by user (.*)', line):
            user = m.group(1)
        elif m := re.match('# (file|directory) (.*):$', line):
            commands[-1].after.append([m.group(1), m.group(2), []])
        elif line[:2] == 'F:':
            commands[-1].after[-1][2].append(line[3:])
        elif line.startswith('# '):
            before.append(line[2:])
        elif line[:2] == 'I:':
            commands[-1].input += line[3:] + '\n'
        elif line[:2] in ('O:', 'O-'):
            commands[-1].out.append(line[3:])
        elif line[:2] in ('E:', 'E-'):
            commands[-1].err.append(line[3:])
    return commands


def one_order(line):
    """Ports come in the order of a hash."""
    m = re.match(r'((?:Starting|Shutdown) nfcapd:)(.*)$', line)
    if not m:
        return line
    parts = re.findall(r'\([^)]*\)\[[^]]*\]|\[[^]]*\]|\([^)]*\)', m.group(2))
    return m.group(1) + ' '.join(sorted(parts))


def plain(line):
    line = today(line.replace('@BASE@', BASE))
    line = re.sub(r'^tcreate\t.*', 'tcreate\tT', line)
    line = re.sub(r'^tcreate = .*', 'tcreate = T', line)
    if SESSION:
        line = re.sub(r'^(tstart|tend|updated|size)\t.*', r'\1\tT', line)
        line = re.sub(r'^(tbegin|tstart|tend|updated|size) = .*',
                      r'\1 = T', line)
        line = re.sub(r'(order|Files|Size): \d+', r'\1: N', line)
        line = re.sub(r'^(channel = .*:)\d+:', r'\1N:', line)
    line = re.sub(r'(\[)\d+(\])', r'\1PID\2', line)
    # A dot for each second that it takes.
    line = re.sub(r'^(Shutdown nfsend:\[PID\])\.+$', r'\1', line)
    line = one_order(line)
    return re.sub(r'sourcelist: ([^\t]*)', lambda m: 'sourcelist: ' + '|'.join(
        sorted(m.group(1).split('|'))), line)


def blocks(lines):
    """Ports and, in files and of live made today, channels have no order."""
    keys = ['Collector for', 'channel = ', 'Clear alert ']
    for key in keys + ['channel '] * SESSION:
        at = [i for i, x in enumerate(lines) if x.startswith(key)]
        for i, x in zip(at, sorted(lines[i] for i in at)):
            lines[i] = x
    return lines


def differences():
    table, key = {}, None
    for line in open(DIFFER, encoding='utf-8').read().split('\n'):
        if not line or line[0] == '#':
            continue
        if line[0] in '+-=':
            table[key].append(line)
            continue
        key = line.split()[0]
        if key in table:
            sys.exit(f'{DIFFER}: {key} is there twice')
        table[key] = []
    return table


def matches(rule, line):
    if rule[1:2] == '~':
        return re.search(rule[3:], line) is not None
    return plain(rule[2:]) == line


def put_aside(lines, rules):
    return [x for x in lines if not any(matches(r, x) for r in rules)]


# ---- what is changed between commands --------------------------------------

def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return lambda: None


def edit_conf(old, new):
    text = open(CONF, encoding='utf-8').read()
    old, new = (today(x).replace('\\n', '\n') for x in (old, new))
    if old not in text:
        sys.exit(f'{CONF}: no {old!r}')
    return write(CONF, text.replace(old, new, 1))


def hide_conf():
    os.rename(CONF, CONF + '.away')
    return lambda: os.rename(CONF + '.away', CONF)


def copy_flows():
    """Three flow files; what is in them does not matter here."""
    folder = BASE + '/profiles-data/live/alpha/2026/11/23'
    os.makedirs(folder, exist_ok=True)
    for iso in ('202611230400', '202611230455', '202611230500'):
        shutil.copy(os.environ['FLOWFILE'], folder + '/nfcapd.' + iso)
    return lambda: None


NOBODY = '999999\n'     # beyond the largest pid that Debian gives
STEPS = (
    (r"nfsen.conf: '(.*)' replaced by '(.*)'", edit_conf),
    (r'nfsen.conf is missing', hide_conf),
    (r'nfsend.pid contains the number of a process that does not exist',
     lambda: write(RUN + '/nfsend.pid', NOBODY)),
    (r'nfsend.pid is empty', lambda: write(RUN + '/nfsend.pid', '')),
    (r'p29995.pid contains the number of a process that does not exist',
     lambda: write(RUN + '/nfsen-collector.pid', NOBODY)),
    (r'p29996.pid contains the number of a process that lives.*',
     lambda: write(RUN + '/nfsen-collector.pid', '1\n')),
    (r'three flow files copied to .*', copy_flows),
)


def prepare(c):
    """What is to be done afterwards."""
    undo = []
    for text in c.before:
        for pattern, step in STEPS:
            if m := re.fullmatch(pattern, text):
                undo.append(step(*m.groups()))
    return undo


# ---- comparing -----------------------------------------------------------------

def run(c):
    words = shlex.split(c.text)
    words[0] = BASE + '/bin/nfsen'
    if c.text.startswith('RebuildHierarchy.pl'):
        words += ['layout']
    more = {}
    if c.user:
        u = pwd.getpwnam(c.user)
        more = {'user': u.pw_uid, 'group': u.pw_gid, 'extra_groups': []}
    return subprocess.run(words, input=c.input, capture_output=True,
                          text=True, timeout=120, check=False, cwd='/',
                          env=dict(os.environ, NFSEN_CONF=CONF), **more)


def lines_of(kind, path):
    path = os.path.join(BASE, path)
    if path.startswith(BASE + '/var/run'):
        path = RUN
    if kind == 'directory':
        return sorted(os.listdir(path))
    with open(path, encoding='utf-8') as f:
        return f.read().split('\n')[:-1]


def difference(name, want, got, rules):
    theirs = [r for r in rules if r[0] == '-']
    ours = [r for r in rules if r[0] == '+']
    want = blocks(put_aside([plain(x) for x in want], theirs))
    got = blocks(put_aside([plain(x) for x in got], ours))
    if want == got:
        return []
    return ['%s: recorded %r\n      ours     %r' % (name, want, got)]


def compare(c, key, table):
    rules = table.get('all', []) + table.get(key, [])
    ours = [r for r in rules if r[0] == '+']
    status = [int(r[2:]) for r in rules if r[0] == '=']
    p = run(c)
    problems = []
    for name, want, got in (('stdout', c.out, p.stdout), ('stderr', c.err,
                                                           p.stderr)):
        got = got.split('\n')
        if got[-1] == '':
            got.pop()
        problems += difference(name, want, got, rules)
    said = p.stdout.split('\n') + p.stderr.split('\n')
    refused = any(ERROR.search(x) for x in said) and '--help' not in c.text \
        and '-h' not in c.text.split()
    if p.returncode != status[0] if status else (p.returncode != 0) != refused:
        problems.append('exit status %d' % p.returncode)
    for r in ours:
        if r[1:2] != '~' and r not in table.get('all', []) and not any(
                matches(r, plain(x)) for x in said):
            problems.append('never said: %r' % r[2:])
    for kind, path, want in c.after:
        problems += difference(path, want, lines_of(kind, path),
                               table.get(key + ':' + path, []))
    return problems


def skipped(c):
    """Other users are only for root to be."""
    return c.user and os.getuid() != 0


def replay(path, table):
    number, bad = os.path.basename(path)[:2], 0
    commands = parse(path)
    for n, c in enumerate(commands, 1):
        key = '%s.%d' % (number, n)
        undo = prepare(c)
        if key + '!' in table or skipped(c):
            continue
        again = c.waits and ASKS.match(c.text)
        end = time.monotonic() + (WAIT_S if again else 0)
        problems = compare(c, key, table)
        while problems and time.monotonic() < end:
            time.sleep(0.2)
            problems = compare(c, key, table)
        for back in undo:
            back()
        if problems:
            bad += 1
            print('%s %s' % (key, c.text))
            for x in problems:
                print('    ' + x)
    print('%s: %d commands, %d differ' % (os.path.basename(path),
                                          len(commands), bad))
    return bad


def main():
    table = differences()
    return sum(replay(path, table) for path in PATHS) != 0


sys.exit(main())
