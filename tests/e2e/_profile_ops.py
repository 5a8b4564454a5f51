"""Random operations on profiles, with kill -9 of the profiler, and a model.

  _profile_ops.py ROOT PROFILER SEED OPERATIONS CHECKS

ROOT has nfsen.conf, stat/, data/, run/ (tests/e2e/_lib.sh); PROFILER is the
program, which runs.  Sources are a and b.  After each operation the tree must
read as the model does; after one that the profiler was killed in, as the model
before or after it.  CHECKS gets a line "profile/channel last sources filter"
for every channel whose flows must be there without a gap, up to the slot
`last`, "-" being now.
"""
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time

root, profiler, seed, count, checks = sys.argv[1:]
step = int(os.environ['STEP'])
rnd = random.Random(int(seed))
stat, data, run = (os.path.join(root, d) for d in ('stat', 'data', 'run'))
WRITTEN = r'\.(tmp|rrd)[A-Za-z0-9]{6}$'  # a file while it is being written
FILTERS = ['any', 'proto tcp', 'proto udp and port 53', 'proto icmp',
           'bytes > 5000', 'not proto tcp']
PROFILES = ['p1', 'p2', 'g/p1', 'g/q', 'h/q']
CHANNELS = ['c1', 'c2', 'c-3']


def fail(text):
    sys.exit(f'seed {seed}: {text}')


# ---- the daemon ---------------------------------------------------------------

def pid():
    with open(f'{run}/nfsend.pid') as f:
        return int(f.read())


def start():
    p = subprocess.run([profiler, '-c', f'{root}/nfsen.conf', '-D'],
                       stdin=subprocess.DEVNULL, capture_output=True,
                       text=True)
    if p.returncode != 0:
        fail(f'the profiler does not start: {p.stderr}')


def kill():
    n = pid()
    os.kill(n, signal.SIGKILL)
    while os.path.exists(f'/proc/{n}') and open(
            f'/proc/{n}/stat').read().split(') ')[1][0] != 'Z':
        time.sleep(0.002)


class Killed(Exception):
    pass


def request(command, args, kill_after=None):
    """The status line; Killed when the profiler died before it came."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(f'{run}/nfsen.comm')
    f = s.makefile('r', newline='\n')
    f.readline()
    text = ''.join(f'{k}={v}\n' for k, v in args)
    s.sendall(f'{command}\n{text}.\n'.encode())
    if kill_after is not None:
        time.sleep(kill_after)
        kill()
    try:
        while (line := f.readline()) != '.\n':
            if not line:
                raise Killed
        return f.readline().rstrip('\n')
    except ConnectionError:
        raise Killed


# ---- what is on disk --------------------------------------------------------------

KEYS = {'type': int, 'locked': int, 'expire': int, 'maxsize': int,
        'status': str}


def read_profile(path, name, group):
    p = {'channels': {}, 'description': []}
    with open(f'{path}/profile.dat') as f:
        for line in f.read().splitlines():
            if line.startswith('#'):
                p['description'].append(line[1:].lstrip())
                continue
            key, value = line.split(' = ', 1)
            if key in KEYS:
                p[key] = KEYS[key](value)
            elif key == 'channel':
                ch, sign, colour, order, sources = value.split(':')
                with open(f'{path}/{ch}-filter.txt') as flt:
                    text = flt.read().rstrip('\n')
                p['channels'][ch] = (sign, int(order), colour,
                                     tuple(sorted(sources.split('|'))), text)
            elif key == 'name' and value != name or \
                    key == 'group' and value != group:
                fail(f'{path}: {line}')
    check_files(path, p, name, group)
    return p


def check_files(path, p, name, group):
    """Exactly the files that its channels have, in both trees."""
    want = {'profile.dat'}
    for ch in p['channels']:
        want |= {f'{ch}.rrd', f'{ch}-filter.txt'}
    # What is being written at this moment is waited for by settled().
    have = {n for n in os.listdir(path)
            if not n.startswith('.') and not re.search(WRITTEN, n)}
    if have != want:
        fail(f'{path} has {sorted(have)}, not {sorted(want)}')
    folder = f'{data}/{group}/{name}'
    have = {n for n in os.listdir(folder) if not n.startswith('.')}
    if have != set(p['channels']):
        fail(f'{folder} has {sorted(have)}, not {sorted(p["channels"])}')


def read_tree():
    """Every profile but live, by "group/name"; a build that runs is awaited."""
    tree = {}
    groups = {'.'} | {d for d in os.listdir(stat)
                      if d[0] != '.' and os.path.exists(f'{stat}/{d}/.group')}
    for group in groups:
        for name in os.listdir(f'{stat}/{group}'):
            path = f'{stat}/{group}/{name}'
            if name[0] not in '.~' and name != 'live' and \
                    os.path.exists(f'{path}/profile.dat'):
                tree[f'{group}/{name}'] = read_profile(path, name, group)
        if group != '.' and not any(k.startswith(group + '/') for k in tree):
            fail(f'group {group} is empty')
    for d in os.listdir(stat):
        path = f'{stat}/{d}'
        if d[0] != '.' and os.path.isdir(path) and d != 'live' and \
                d not in groups and './' + d not in tree:
            fail(f'{path} is neither profile nor group')
    return tree


def settled():
    """The tree once nothing is built any more and the rubbish is gone."""
    end = time.time() + 60
    while True:
        left = [os.path.join(d, n) for top in (stat, data)
                for d, dirs, names in os.walk(top) for n in dirs + names
                if re.search(r'^\.(ops-|journal)', n) or re.search(WRITTEN, n)]
        tree = read_tree()
        building = [k for k, p in tree.items()
                    if p['status'].startswith('built')]
        if not left and not building:
            return tree
        if time.time() > end:
            fail(f'left over: {left}, building: {building}')
        time.sleep(0.05)


# ---- the model --------------------------------------------------------------------

class Refused(Exception):
    pass


def renumber(p, moved=None, sign='+', order=0):
    """Channels in order, `moved` put to its new place."""
    for s in '+-':
        names = sorted((n for n, c in p['channels'].items()
                        if c[0] == s and n != moved),
                       key=lambda n: p['channels'][n][1])
        if moved and s == sign:
            at = order - 1 if 0 < order <= len(names) else len(names)
            names.insert(at, moved)
        for i, n in enumerate(names):
            p['channels'][n] = (s, i + 1) + p['channels'][n][2:]


def copy(p):
    return {**p, 'channels': dict(p['channels'])}


def find(tree, name):
    key = name if '/' in name else './' + name
    if key not in tree:
        raise Refused
    return key, copy(tree[key])


def do_add_profile(tree, a):
    key = a['profile'] if '/' in a['profile'] else './' + a['profile']
    if key in tree:
        raise Refused
    shadow = a.get('shadow') == '1'
    kind = 1 if 'tend' in a else 2
    tree[key] = {'type': kind + 4 * shadow, 'locked': 0, 'status': 'new',
                 'expire': 0 if shadow or kind == 1
                 else int(a.get('expire', 0)),
                 'maxsize': 0, 'channels': {},
                 'description': [a['description']] if 'description' in a
                 else []}


def do_add_channel(tree, a):
    key, p = find(tree, a['profile'])
    if a['channel'] in p['channels'] or p['locked']:
        raise Refused
    p['channels'][a['channel']] = (
        a['sign'], 0, a['colour'], tuple(sorted(a['sourcelist'].split('|'))),
        a['filter'])
    renumber(p, a['channel'], a['sign'], int(a['order']))
    tree[key] = p


def do_modify_channel(tree, a):
    key, p = find(tree, a['profile'])
    if a['channel'] not in p['channels']:
        raise Refused
    ch = list(p['channels'][a['channel']])
    sign = a.get('sign', ch[0])
    order = ch[1] if sign == ch[0] else 0
    most = sum(c[0] == sign for c in p['channels'].values()) + (sign != ch[0])
    if 'order' in a:
        order = int(a['order'])
        if order > most:
            raise Refused
    ch[2] = a.get('colour', ch[2])
    ch[4] = a.get('filter', ch[4])
    p['channels'][a['channel']] = tuple(ch)
    if 'sign' in a or 'order' in a:
        renumber(p, a['channel'], sign, order)
    tree[key] = p


def do_delete_channel(tree, a):
    key, p = find(tree, a['profile'])
    if a['channel'] not in p['channels'] or p['locked']:
        raise Refused
    del p['channels'][a['channel']]
    renumber(p)
    if not p['channels'] and p['status'] != 'new':
        p['status'] = 'stalled'
    tree[key] = p


def do_commit_profile(tree, a):
    key, p = find(tree, a['profile'])
    if p['status'] not in ('new', 'stalled') or not p['channels'] or \
            p['locked'] or p['status'] == 'stalled' and p['type'] & 3 == 1:
        raise Refused
    p['status'] = 'OK'
    tree[key] = p


def do_modify_profile(tree, a):
    key, p = find(tree, a['profile'])
    status = p['status']
    if 'locked' in a:
        p['locked'] = int(a['locked'])
    if 'description' in a:
        p['description'] = [a['description']]
    if 'expire' in a and p['type'] & 3 == 2:
        p['expire'] = int(a['expire'])
    if 'profile_type' in a:
        new = int(a['profile_type'])
        if p['type'] & 4 and new == 1:
            raise Refused
        if new & 4 and not p['type'] & 4:
            p['expire'] = 0
        p['type'] = new
    if 'newgroup' in a:
        group, name = key.split('/')
        if status != 'OK':
            raise Refused
        if a['newgroup'] != group:
            to = f'{a["newgroup"]}/{name}'
            if to in tree:
                raise Refused
            del tree[key]
            key = to
    tree[key] = p


def do_delete_profile(tree, a):
    key, p = find(tree, a['profile'])
    if a.get('force') != '1' and (p['locked'] or p['status'] != 'OK'):
        raise Refused
    del tree[key]


# ---- operations at random ------------------------------------------------------------

def some(args, **values):
    """Some of these, at least one."""
    keys = rnd.sample(list(values), rnd.randint(1, len(values)))
    return {**args, **{k: values[k] for k in values if k in keys}}


def colour():
    return f'#{rnd.randrange(1 << 24):06x}'


def of_tree(tree):
    """A profile's name, most often of one that is there."""
    if tree and rnd.random() < 0.85:
        return rnd.choice(sorted(tree)).removeprefix('./')
    return rnd.choice(PROFILES)


def live(key):
    with open(f'{stat}/live/profile.dat') as f:
        return int(re.search(rf'^{key} = (\d+)$', f.read(), re.M).group(1))


def past():
    """A start that live has flows of, with an end or without."""
    first, last = live('tstart') + 2 * step, live('tend')
    if last - first < 4 * step:
        return {}
    start = rnd.randrange(first, last - 2 * step, step)
    a = {'tstart': iso(start)}
    if rnd.random() < 0.5:
        a['tend'] = iso(rnd.randrange(start + step, last + 1, step))
    return a


def iso(when):
    return time.strftime('%Y%m%d%H%M%S', time.gmtime(when))


def useful(tree, kind, a):
    try:
        return apply(tree, kind, a) != tree
    except Refused:
        return False


def draw(tree):
    """Mostly something that can be done."""
    for _ in range(rnd.choice([1, 20, 20, 20])):
        kind, a = draw_any(tree)
        if useful(tree, kind, a):
            break
    return kind, a


def draw_any(tree):
    kind = rnd.choices(
        ['add-profile', 'add-channel', 'modify-channel', 'delete-channel',
         'commit-profile', 'modify-profile', 'delete-profile'],
        [4 if len(tree) < 4 else 1, 6, 3, 2, 6, 3, 1])[0]
    name = of_tree(tree)
    there = tree.get(name if '/' in name else './' + name)
    a = {'profile': name}
    if kind == 'add-profile':
        a['profile'] = rnd.choice(PROFILES)
        if rnd.random() < 0.7:
            a = some(a, description=f'text {rnd.random()}', expire='48',
                     shadow=rnd.choice('01'))
        if rnd.random() < 0.5:
            a.update(past())
    elif kind == 'delete-profile':
        if rnd.random() < 0.7:
            a['force'] = '1'
    elif kind == 'modify-profile':
        a = some(a, description=f'text {rnd.random()}', expire='72',
                 newgroup=rnd.choice('.gh'))
        if rnd.random() < 0.3:
            a['profile_type'] = rnd.choice('1256')
        if rnd.random() < 0.1 or there and there['locked']:
            a['locked'] = rnd.choice('001')
    elif kind != 'commit-profile':
        a['channel'] = rnd.choice(CHANNELS)
        if kind == 'add-channel':
            a.update(filter=rnd.choice(FILTERS), colour=colour(),
                     sign=rnd.choice('++-'), order=str(rnd.randint(0, 3)),
                     sourcelist=rnd.choice(['a', 'b', 'a|b']))
        elif kind == 'modify-channel':
            values = {'colour': colour(), 'sign': rnd.choice('+-'),
                      'order': str(rnd.randint(0, 3))}
            # The flows of a channel that runs are checked by its one filter.
            if there and there['status'] == 'new':
                values['filter'] = rnd.choice(FILTERS)
            a = some(a, **values)
    return kind, a


def apply(tree, kind, a):
    after = dict(tree)
    globals()['do_' + kind.replace('-', '_')](after, a)
    return after


def unlocked(tree):
    """A lock that the profiler finds at its start is of a dead one."""
    return {k: {**p, 'locked': 0} for k, p in tree.items()}


def one(tree, number):
    kind, a = draw(tree)
    try:
        after, refused = apply(tree, kind, a), False
    except Refused:
        after, refused = tree, True
    what = f'operation {number}: {kind} {a}'
    args = [('_' + k if k in ('filter', 'description') else k, v)
            for k, v in a.items()]
    delay = rnd.choice([0, 0.0005, 0.001, 0.003, 0.008, 0.02, 0.05]) \
        if rnd.random() < 0.4 else None
    killed = delay is not None
    try:
        status = request(kind, args, delay)
        if status.startswith('OK') == refused:
            fail(f'{what}: {status}')
        tree = after
    except Killed:
        if not killed:
            fail(f'{what}: the profiler has died')
    if killed:
        start()
        tree, after = unlocked(tree), unlocked(after)
    have = settled()
    if have not in (tree, after):
        fail(f'{what}{" (killed)" if killed else ""}\nbefore {tree}\n'
             f'after {after}\nhave {have}')
    counts['killed'] += killed
    counts['refused'] += refused
    counts['done'] += have != tree or not refused and not killed
    track(have, kind, a)
    return have


# Channels whose profile has run all the time since they were added.
spoiled = set()
# Channels that a history got when it was built already: they are empty.
late = set()
counts = {'killed': 0, 'refused': 0, 'done': 0}


def track(tree, kind, a):
    key = a['profile'] if '/' in a['profile'] else './' + a['profile']
    if kind == 'add-channel' and key in tree and \
            tree[key]['type'] & 3 == 1 and tree[key]['status'] == 'OK':
        late.add((key, a['channel']))
    if kind == 'add-profile':
        late.difference_update([x for x in late if x[0] == key])
    if kind == 'modify-profile' and ('profile_type' in a or
                                     'newgroup' in a and late):
        # It may have moved as well.
        spoiled.update(k for k in tree
                       if k.split('/')[1] == key.split('/')[1])
    for key in list(spoiled):
        if key not in tree:
            spoiled.discard(key)


tree = settled()
for number in range(int(count)):
    tree = one(tree, number)

with open(checks, 'w') as f:
    for key, p in sorted(tree.items()):
        if p['status'] != 'OK' or p['type'] not in (1, 2) or key in spoiled:
            continue
        with open(f'{stat}/{key}/profile.dat') as profile:
            text = profile.read()
        last = re.search(r'^tend = (\d+)$', text, re.M).group(1)
        for ch, c in p['channels'].items():
            if (key, ch) not in late:
                f.write(f'{key.removeprefix("./")}/{ch} '
                        f'{last if p["type"] == 1 else "-"} '
                        f'{":".join("live/" + s for s in c[3])} {c[4]}\n')
print(f'{count} operations: {counts}, {len(tree)} profiles')
