"""Replay recorded dialogues of nfsend against our daemon.

  _dialogues.py SOCKET BASE TEMPLATE DIFFER FOLDER [NAME...]

TEMPLATE is the tree as NfSen left it, BASE the copy that the daemon works on:
before each dialogue that changes something it is put back, and the daemon
is told by `reload`.  DIFFER says where we mean to answer otherwise, and why.
Prints a line per dialogue; exit 1 when one differs.

An exchange is what a client sends up to what it reads; "12.3" is the third of
dialogue 12.  Replies are compared line by line after their random order and
what differs between two recordings has been taken out.
"""
import hashlib
import os
import re
import shutil
import socket
import stat
import sys
import time

SOCKET, BASE, TEMPLATE, DIFFER, FOLDER, *NAMES = sys.argv[1:]
CLOSED = '# server closes the connection'
NOTHING = '# no reply'
CHANGING = re.compile(r'^(add|delete|modify|commit|cancel|rebuild|expire|arm)-|'
                      r'^signal|^run-alertaction')


# ---- the recordings --------------------------------------------------------

def unescape(text):
    text = re.sub(r'@X(\d+)@', lambda m: 'x' * int(m.group(1)), text)
    text = text.replace('@BASE@', BASE)
    return re.sub(rb'\\(x[0-9a-f]{2}|.)', lambda m: {
        b'n': b'\n', b'r': b'\r', b't': b'\t', b'"': b'"', b'\\': b'\\',
    }.get(m.group(1)) or bytes([int(m.group(1)[1:], 16)]), text.encode())


class Exchange:
    def __init__(self):
        self.sent = b''        # what the client sends
        self.request = ''      # its first word, for people
        self.lines = []        # (text, other recording's text or None)
        self.shut = False      # the client sends no more
        self.before = []       # ('connect',), ('file', path, content)...
        self.after = []        # ('file', path, lines), ('directory', ...)


def parse(path):
    steps = []
    x = Exchange()

    def new():
        nonlocal x
        if x.sent or x.lines or x.before or x.after:
            steps.append(x)
            x = Exchange()

    listing = None
    with open(path, encoding='utf-8', newline='\n') as f:
        text = f.read().split('\n')
    for line in text[1:]:
        if line.startswith('# volatile; other run: '):
            if x.lines and listing is None:
                x.lines[-1] = (x.lines[-1][0], line[23:])
            elif listing is not None:
                listing[-1] = (listing[-1][0], line[23:])
            continue
        if line[:2] in ('C:', 'C-'):
            listing = None
            if x.lines or x.after:
                new()
            raw = unescape(line[3:]) if line[1] == '-' else \
                line[3:].replace('@BASE@', BASE).encode() + b'\n'
            if not x.sent:
                x.request = line[3:].split('\\n')[0]
            x.sent += raw
        elif line[:2] in ('S:', 'S-'):
            x.lines.append((line[3:].replace('@BASE@', BASE), None))
        elif line[:2] in ('S%', 'S&'):
            x.lines.append((unescape(line[3:]).decode('latin1'), None))
        elif line.startswith('S! '):
            x.lines.append(('! ' + line[3:], None))
        elif line in (CLOSED, NOTHING):
            x.lines.append((line, None))
        elif line == '# connect':
            listing = None
            new()
            x.before.append(('connect',))
        elif line == '# client shuts down its sending side':
            x.shut = True
        elif m := re.match(r'# (\d+) more connections', line):
            new()
            x.before.append(('many', int(m.group(1))))
        elif m := re.match(r'# file (\S+) made with content "(.*)"$', line):
            listing = None
            if x.sent or x.after:
                new()
            x.before.append(('make', m.group(1), unescape(m.group(2))))
        elif m := re.match(r'# file (\S+) removed$', line):
            listing = None
            if x.sent or x.after:
                new()
            x.before.append(('make', m.group(1), None))
        elif m := re.match(r'# (file|directory) (\S+):$', line):
            listing = []
            x.after.append((m.group(1), m.group(2), listing))
        elif line[:2] in ('F:', 'F-', 'F%'):
            listing.append((line[3:].replace('@BASE@', BASE), None))
        elif m := re.match(r'# wait ([\d.]+) s', line):
            x.after.append(('wait', float(m.group(1))))
    new()
    return steps


# ---- where we mean to differ -----------------------------------------------

class Differ:
    """Rules of one exchange: lines of nfsend we leave out, lines of ours."""

    def __init__(self, path):
        self.rules = {}
        self.used = set()
        self.reasons = {}
        key = None
        with open(path, encoding='utf-8') as f:
            for n, line in enumerate(f, 1):
                line = line.rstrip('\n')
                if not line.strip() or line.startswith('#'):
                    continue
                if line[:2] in ('- ', '+ ', '-~', '+~'):
                    self.rules[key].append((line[:2].strip(),
                                            line[2:].removeprefix(' ')
                                            if line[1] == '~' else line[2:],
                                            n))
                elif m := re.match(r'(\S+)\s+(\S.*)$', line):
                    key = m.group(1)
                    self.reasons[key] = m.group(2)
                    self.rules.setdefault(key, [])
                else:
                    sys.exit(f'{path}:{n}: no reason: {line}')

    def apply(self, key, theirs, ours):
        for k in (key, 'all'):
            for sign, text, n in self.rules.get(k, ()):
                text = text.replace('@BASE@', BASE)
                side = theirs if sign[0] == '-' else ours
                if sign[1:] == '~':
                    rx = re.compile(text)
                    hit = [x for x in side if rx.search(x)]
                else:
                    hit = [x for x in side if x == text][:1]
                if hit:
                    self.used.add((k, n))
                for x in hit:
                    side.remove(x)

    def fewer_frames(self, key):
        """Replies of nfsend beyond the first, which we do not send."""
        return sum((sign, text) == ('-', '.')
                   for sign, text, _ in self.rules.get(key, ()))

    def stale(self, keys):
        return [f'{k}: {sign} {text}' for k, rules in self.rules.items()
                if k in keys for sign, text, n in rules
                if (k, n) not in self.used]


# ---- the tree ----------------------------------------------------------------

def walk(top):
    out = {}
    for folder, dirs, files in os.walk(top):
        for name in dirs + files:
            p = os.path.join(folder, name)
            out[os.path.relpath(p, top)] = os.lstat(p)
    return out


def put_back():
    """Only what has changed is copied: databases are large."""
    for part in ('profiles-stat', 'profiles-data', 'var/filters', 'var/fmt'):
        src, dst = os.path.join(TEMPLATE, part), os.path.join(BASE, part)
        want, have = walk(src), walk(dst)
        for p in sorted(have, reverse=True):
            if p in want and stat.S_ISDIR(have[p].st_mode) == \
                    stat.S_ISDIR(want[p].st_mode):
                continue
            if os.path.basename(p) in ('.lock', '.writer'):
                continue
            q = os.path.join(dst, p)
            shutil.rmtree(q) if stat.S_ISDIR(have[p].st_mode) else os.unlink(q)
        for p in sorted(want):
            q, s = os.path.join(dst, p), os.path.join(src, p)
            if stat.S_ISDIR(want[p].st_mode):
                os.makedirs(q, exist_ok=True)
            elif p not in have or (have[p].st_mtime_ns, have[p].st_size) != (
                    want[p].st_mtime_ns, want[p].st_size):
                shutil.copy2(s, q)


# ---- the socket ----------------------------------------------------------------

class Connection:
    def __init__(self):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(20)
        self.s.connect(SOCKET)
        self.pending = b''
        self.greeting = self.line()

    def line(self):
        """One line without LF, None when the other side has closed."""
        while b'\n' not in self.pending:
            try:
                data = self.s.recv(65536)
            except ConnectionError:
                data = b''
            if not data:
                rest, self.pending = self.pending, b''
                return rest.decode('latin1') or None
            self.pending += data
        one, _, self.pending = self.pending.partition(b'\n')
        return one.decode('latin1')

    def rest(self, seconds):
        """What comes within some time, and whether the end came."""
        self.s.settimeout(seconds)
        try:
            while data := self.s.recv(65536):
                self.pending += data
            return True
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        finally:
            self.s.settimeout(20)

    def replies(self, n):
        """n framed replies, or less when the connection ends."""
        out = []
        while n > 0:
            line = self.line()
            if line is None:
                return out + [CLOSED]
            out.append(line)
            if line == '.':
                status = self.line()
                out.append(status if status is not None else CLOSED)
                n -= 1
        return out


def image(data):
    if data[:4] == b'\x89PNG':
        return 'PNG %dx%d' % (int.from_bytes(data[16:20], 'big'),
                              int.from_bytes(data[20:24], 'big'))
    return 'JPEG' if data[:2] == b'\xff\xd8' else data[:8].hex()


def binary(c):
    if not c.rest(20):
        return ['! does not end']
    data, c.pending = c.pending, b''
    if data[:2] == b'.\n' or not data:
        return [x for x in data.decode('latin1').split('\n') if x] + [CLOSED]
    return [f'! {len(data)} bytes sha256={hashlib.sha256(data).hexdigest()} '
            f'{image(data)}', CLOSED]


# ---- comparing -------------------------------------------------------------------

def one_order(line):
    """Sources have a random order where nfsend made the list."""
    line = re.sub(r'(channel ?= ?[^:]*:.:#[^:]*:\d+:)([^:]*)', lambda m:
                  m.group(1) + '|'.join(sorted(m.group(2).split('|'))), line)
    if line.startswith('_nfdump='):
        # Versions of nfdump differ in widths, and marks before addresses.
        return '_nfdump=' + ' '.join(line[8:].replace('\x01', '').split())
    line = re.sub(r'(-M \S*/)([\w:]+)', lambda m: m.group(1)
                  + ':'.join(sorted(m.group(2).split(':'))), line)
    return re.sub(r'\( ident [\w ]+\)', lambda m: '( ' + ' or '.join(
        sorted(re.findall(r'ident \w+', m.group(0)))) + ')', line)


def mask(text, other):
    """Ours may have anything where two recordings of nfsend differ."""
    if other is None:
        return text
    a, b = one_order(text), one_order(other)
    head = os.path.commonprefix([a, b])
    tail = os.path.commonprefix([a[len(head):][::-1], b[len(head):][::-1]])
    if '=' in head:
        head, tail = head.split('=')[0] + '=', ''
    return ('~', head, tail[::-1] if tail else '')


def shown(line):
    """Lines that say nothing to a client, and empty ones, do not count."""
    return line != '' and (not re.match(r'\.[^.]', line) or
                           line.startswith(('.Command', '.Key', '.info')))


def sort_key(i, line):
    """Scalars have no order; arrays and frames have."""
    if re.match(r'[\w-]+=', line) and not line.startswith('_'):
        return (0, line)
    if line.startswith('.Key'):
        return (-1, line)
    if line.startswith('.Command'):
        return (-2, line)
    if line.startswith(('_list=', '_alertlist=', '_alertstatus=')):
        return (1, '0' + line)      # in the order of a directory
    if line.startswith('_') or line.startswith('INFO'):
        return (1, f'{i:06}')
    return (2, f'{i:06}')


def canonical(lines):
    lines = [one_order(x) for x in lines if shown(x)]
    out, block = [], []
    for line in lines:
        block.append(line)
        if line == '.':
            out += [x for _, x in sorted(
                (sort_key(i, x), x) for i, x in enumerate(block))]
            block = []
    return out + block


def match(theirs, ours):
    """Lines of each side without a partner on the other."""
    left, right = [], list(ours)
    fixed = [t for t in theirs if not isinstance(t, tuple)]
    for t in fixed:
        if t in right:
            right.remove(t)
        else:
            left.append(t)
    for t in theirs:
        if not isinstance(t, tuple):
            continue
        hit = [r for r in right if r.startswith(t[1]) and r.endswith(t[2])]
        if hit:
            right.remove(hit[0])
        else:
            left.append(f'{t[1]}...{t[2]}')
    return left, right


def in_order(theirs, ours):
    """The order of what has one: lists, lines of text, frames."""
    def keep(lines):
        return [x for x in lines if not isinstance(x, tuple) and
                (x.startswith('_') or x == '.') and not re.match(
                    '_(list|alertlist|alertstatus)=', x)]
    a, b = keep(theirs), keep(ours)
    common = [x for x in a if x in b]
    return common == [x for x in b if x in a]


class Dialogue:
    def __init__(self, name, differ):
        self.name = name
        self.number = name.split('-')[0]
        self.differ = differ
        self.problems = []
        self.connection = None
        self.many = []

    def compare(self, key, theirs, other, ours, unordered=False):
        theirs = [mask(t, o) for t, o in zip(theirs, other)]
        left, right = match(theirs, ours)
        if not unordered and not in_order(theirs, ours):
            left.append('# order')
        self.differ.apply(key, left, right)
        if left or right:
            self.problems.append(f'{key}\n' + ''.join(
                f'    - {x}\n' for x in left) + ''.join(
                f'    + {x}\n' for x in right))

    def reply(self, key, x):
        lines = [t for t, _ in x.lines if not t.startswith('220 ')]
        is_binary = x.sent.startswith(b'@') or any(
            t.startswith('! ') for t in lines)
        c = self.connection
        frames = lines.count('.') - self.differ.fewer_frames(key)
        if is_binary:
            ours = binary(c)
        else:
            ours = c.replies(frames) if frames else []
            wait = 0.6 if lines and lines[-1] == NOTHING else 0.02
            end = c.rest(3 if CLOSED in lines and CLOSED not in ours else wait)
            while c.pending:
                ours.append(c.line())
            if end and CLOSED not in ours:
                ours.append(CLOSED)
            if not ours and NOTHING in lines:
                ours = [NOTHING]
        pairs = [(t, o) for t, o in x.lines if not t.startswith('220 ')]
        self.compare_reply(key, pairs, ours)

    def compare_reply(self, key, pairs, ours):
        # Bytes of pictures depend on fonts: their kind and size count.
        def bare(t):
            m = re.match(r'! .*(PNG .*|JPEG)', t)
            return f'! {m.group(1)}' if m else t
        theirs = {one_order(t): o for t, o in pairs}
        lines = [bare(t) for t in canonical([t for t, _ in pairs])]
        self.compare(key, lines, [theirs.get(t) for t in lines],
                     [bare(t) for t in canonical(ours)])

    def greet(self, x, key):
        said = [t for t, _ in x.lines if t.startswith(('220 ', '550 '))]
        if said and said[0].startswith('220'):
            got = self.connection.greeting
            if not re.fullmatch(r'220 \d+ nfsend v0\.1 ready ', got or ''):
                self.problems.append(f'{key}: greeting {got!r}\n')

    def more(self, n, key, x):
        for c in self.many:
            c.s.close()
        if self.many:
            time.sleep(0.3)
        self.many = [Connection() for _ in range(n)]
        said = self.many[-1].greeting
        want = x.lines[0][0]
        if said.split()[0] != want.split()[0] or (
                said.startswith('550') and said != want):
            self.problems.append(f'{key}: the last says {said!r}\n')

    def before(self, x, key):
        for what, *args in x.before:
            if what == 'connect':
                self.connection = Connection()
                self.greet(x, key)
            elif what == 'many':
                self.more(args[0], key, x)
            elif what == 'make':
                path = os.path.join(BASE, args[0])
                if args[1] is None:
                    os.unlink(path)
                else:
                    with open(path, 'wb') as f:
                        f.write(args[1])

    def listing(self, key, kind, path, theirs):
        full = os.path.join(BASE, path)
        theirs = [(t, o) for t, o in theirs if t]
        key = f'{key}:{path}'
        ours = []
        if kind == 'directory' and os.path.isdir(full):
            ours = [n + ('/' if os.path.isdir(os.path.join(full, n)) else '')
                    for n in os.listdir(full)]
        elif os.path.isfile(full):
            with open(full, encoding='utf-8') as f:
                ours = f.read().split('\n')
        self.compare(key, [one_order(t) for t, _ in theirs],
                     [o for _, o in theirs],
                     [one_order(t) for t in ours if t], True)

    def after(self, x, key):
        for what, *args in x.after:
            if what == 'wait':
                time.sleep(min(args[0], 1.0))
            else:
                self.listing(key, what, *args)

    def run(self, steps):
        n = 0
        for x in steps:
            n += bool(x.sent)
            key = f'{self.number}.{n}'
            self.before(x, key)
            for c in self.many:
                c.s.close()
            if x.sent:
                self.many = []
                try:
                    self.connection.s.sendall(x.sent)
                    if x.shut:
                        self.connection.s.shutdown(socket.SHUT_WR)
                except ConnectionError:
                    pass
                self.reply(f'{key}', x)
            self.after(x, key)
        return self.problems


def changes(steps):
    return any(b[0] == 'make' for x in steps for b in x.before) or any(
        CHANGING.match(x.request) for x in steps)


def reload():
    c = Connection()
    c.s.sendall(b'reload\n.\n')
    said = c.replies(1)
    if said[-1] != 'OK reloaded':
        sys.exit(f'reload: {said}')


def main():
    differ = Differ(DIFFER)
    bad, keys, dirty = 0, set(), False
    for file in sorted(os.listdir(FOLDER)):
        name = file.removesuffix('.txt')
        if NAMES and name.split('-')[0] not in NAMES:
            continue
        if name.split('-')[0] in differ.rules:
            print(f'aside {name}: {differ.reasons[name.split("-")[0]]}')
            continue
        keys |= {k for k in differ.rules
                 if k.split('.')[0] == name.split('-')[0]}
        steps = parse(os.path.join(FOLDER, file))
        if dirty:
            put_back()
            reload()
        dirty = changes(steps) or name.startswith('18-')
        try:
            problems = Dialogue(name, differ).run(steps)
        except OSError as e:
            problems = [f'{e!r}\n']
        print(('FAIL  ' if problems else 'ok    ') + name)
        for p in problems:
            print('  ' + '\n'.join(t[:200] for t in p.split('\n')), end='')
        bad += bool(problems)
    if not NAMES:
        stale = differ.stale(keys)
        for s in stale:
            print('FAIL  not found any more:', s)
        bad += len(stale)
    sys.exit(bad > 0)


main()
