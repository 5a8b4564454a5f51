"""nfexpire's commands, theirs and ours: _expire_tool.py OURS QUERY FOLDER N.

Said and left is the same, but for what makes a folder's first record, and for
several channels by size, where we take whole slots.
"""
import os
import random
import re
import shutil
import subprocess
import sys
import time

OURS, QUERY, FOLDER, TRIALS = *sys.argv[1:4], int(sys.argv[4])
LAYOUTS = ['', '%Y/%m/%d', '%Y/%m/%d/%H', '%Y-%m-%d']


def fail(text):
    sys.exit(f'FAIL: {text}')


def make(root, rnd, channels):
    layout = rnd.choice(LAYOUTS)
    now = int(time.time()) // 300 * 300
    n = rnd.randint(3, 60)
    for c in channels:
        for i in range(n):
            t = time.localtime(now - 300 * rnd.choice((1, 12)) * i)
            d = os.path.join(root, c, time.strftime(layout, t))
            os.makedirs(d, exist_ok=True)
            name = time.strftime('nfcapd.%Y%m%d%H%M', t)
            with open(os.path.join(d, name), 'wb') as f:
                f.write(b'x' * 4096 * rnd.randint(1, 5))


def left(root):
    return sorted(os.path.relpath(os.path.join(d, f), root)
                  for d, _, files in os.walk(root)
                  for f in files if f.startswith('nfcapd.'))


def size(root):
    return sum(os.stat(os.path.join(root, f)).st_blocks * 512
               for f in left(root))


def call(program, args, folder):
    p = subprocess.run([program] + args, capture_output=True, text=True,
                       stdin=subprocess.DEVNULL)
    text = p.stdout.replace(folder, 'DIR')
    text = re.sub(r'(?m)^(Force rebuild|Scanning files) .*\n', '', text)
    # A dot for every so many files goes before the end of that line.
    return p.returncode, text


def commands(rnd, total, profile):
    flag = ['-p'] if profile else []
    some = [['-l'], ['-r'], ['-Y', '-l'], ['-L']]
    limits = []
    if rnd.random() < 0.5 and not profile:
        limits += ['-s', f'{rnd.randint(total // 3 + 1, total * 2)}B']
    else:
        limits += ['-t', str(rnd.choice((1, 2, 3, '30M', '1d')))]
    if rnd.random() < 0.7:
        limits += ['-w', str(rnd.randint(1, 100))]
    if not profile:
        some.append(limits + ['-u'])
        some.append(['-l'])
    some.append(limits + ['-e'])
    some.append(['-l'])
    return [flag + c for c in some]


def trial(seed):
    rnd = random.Random(seed)
    profile = rnd.random() < 0.3
    channels = ['a', 'b'] if profile else ['']
    theirs, ours = (os.path.join(FOLDER, w) for w in ('theirs', 'ours'))
    for d in (theirs, ours):
        shutil.rmtree(d, ignore_errors=True)
    make(theirs, rnd, channels)
    shutil.copytree(theirs, ours)
    for c in commands(rnd, size(theirs), profile):
        a = call('nfexpire', c + [theirs], theirs)
        b = call(OURS, c + [ours], ours)
        if not left(theirs):
            return 'emptied'
        if a != b:
            return f'seed {seed}: {c}: nfexpire {a}\nwe {b}'
        if left(theirs) != left(ours):
            return f'seed {seed}: {c}: other files are left'
    return None


def differential():
    if shutil.which('nfexpire') is None:
        return
    for seed in range(TRIALS):
        # Ages go on between the two programs, but not twice in a row.
        wrong = trial(seed)
        if wrong not in (None, 'emptied'):
            wrong = trial(seed)
        if wrong not in (None, 'emptied'):
            fail(wrong)


def dry_run():
    """What a dry run names is what goes, and it changes nothing."""
    rnd = random.Random(1)
    root = os.path.join(FOLDER, 'dry')
    make(root, rnd, [''])
    before, limit = left(root), str(size(root) // 2)
    args = ['expire', '-e', root, '-s', limit, '-w', '90']
    text = subprocess.run([QUERY] + args + ['--dry-run'], check=True,
                          capture_output=True, text=True).stdout
    named = sorted(os.path.relpath(n, os.path.realpath(root))
                   for n in text.splitlines() if n.startswith('/'))
    if left(root) != before or os.path.exists(os.path.join(root, '.nfstat')):
        fail('a dry run changed something')
    if f'Would expire: {len(named)} of {len(before)} files' not in text:
        fail(text)
    subprocess.run([QUERY] + args, check=True, capture_output=True,
                   stdin=subprocess.DEVNULL)
    if sorted(set(before) - set(left(root))) != named or not named:
        fail(f'dry run named {named}')


def wrong(words, *args):
    p = subprocess.run([OURS, *args], capture_output=True, text=True,
                       stdin=subprocess.DEVNULL)
    if p.returncode != 255 or not re.search(f'^nfexpire: .*{words}', p.stderr):
        fail(f'{args}: {p.returncode}: {p.stderr}')


def command_line():
    wrong('nothing to do')
    wrong('at once', '-l', FOLDER, '-r', FOLDER)
    wrong('No such file', '-l', os.path.join(FOLDER, 'none'))
    wrong('not a folder', '-l', OURS)
    wrong('a size is', '-e', FOLDER, '-s', '1X')
    wrong('a size is', '-e', FOLDER, '-s', '-1')
    wrong('a life time is', '-e', FOLDER, '-t', '30m')
    wrong('no number', '-e', FOLDER, '-w', '101')
    wrong('no number', '-e', FOLDER, '-T', 'x')
    wrong('is for -e', '-l', FOLDER, '--dry-run')
    wrong('unknown option', '--frob')
    wrong('needs an argument', '-s')
    wrong('is no option', '-l', FOLDER, 'word')
    wrong('no channels', '-p', '-l', os.path.join(FOLDER, 'empty'))


os.mkdir(os.path.join(FOLDER, 'empty'))
command_line()
dry_run()
differential()
