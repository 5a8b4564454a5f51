"""Random trees expired by nfexpire and by us: _expire.py OURS FOLDER TRIALS.

By age, and by size with one channel, the same files are left.  By size with
several channels nfexpire ends within a slot, we behind it: what we remove
more belongs to the newest slot that it touched.  .nfstat say the same where
the files are the same.
"""
import os
import random
import shutil
import subprocess
import sys
import time

OURS, FOLDER, TRIALS = sys.argv[1], sys.argv[2], int(sys.argv[3])
LAYOUTS = ['', '%Y/%m/%d', '%Y/%m/%d/%H', '%Y/%W/%u', '%Y/%W/%u/%H', '%Y/%j',
           '%Y/%j/%H', '%Y-%m-%d', '%Y-%m-%d/%H']


def make(root, rnd, channels):
    layout = rnd.choice(LAYOUTS)
    now = int(time.time()) // 300 * 300
    n = rnd.randint(5, 120)
    for c in channels:
        for i in range(n):
            if rnd.random() < 0.2:
                continue
            t = time.localtime(now - 300 * i)
            d = os.path.join(root, c, time.strftime(layout, t))
            os.makedirs(d, exist_ok=True)
            name = time.strftime('nfcapd.%Y%m%d%H%M', t)
            with open(os.path.join(d, name), 'wb') as f:
                f.write(b'x' * 4096 * rnd.randint(1, 5))
        os.makedirs(os.path.join(root, c), exist_ok=True)
    return n


def left(root, channels):
    return {(c, f) for c in channels
            for _, _, files in os.walk(os.path.join(root, c))
            for f in files if f.startswith('nfcapd.')}


def size(root):
    return sum(os.stat(os.path.join(d, f)).st_blocks * 512
               for d, _, files in os.walk(root)
               for f in files if f.startswith('nfcapd.'))


def folders(root):
    return {os.path.relpath(d, root) for d, _, files in os.walk(root)
            if files}


def books(root, channel):
    try:
        with open(os.path.join(root, channel, '.nfstat')) as f:
            v = dict(line.strip().split('=') for line in f)
        return {k: v[k] for k in ('first', 'last', 'size', 'numfiles')}
    except (OSError, KeyError):
        return None


def trial(seed):
    rnd = random.Random(seed)
    channels = ['a', 'b', 'c'][:rnd.randint(1, 3)]
    theirs, ours = (os.path.join(FOLDER, w) for w in ('theirs', 'ours'))
    n = make(theirs, rnd, channels)
    shutil.copytree(theirs, ours)
    before = left(theirs, channels)
    water = rnd.randint(1, 99)
    maxsize = hours = 0
    if rnd.random() < 0.5:
        maxsize = rnd.randint(1, size(theirs) * 5 // 4)
    else:
        hours = rnd.randint(1, max(1, n // 12))
    argv = ['nfexpire', '-Y', '-p', '-e', theirs, '-w', str(water)]
    if maxsize:
        argv += ['-s', f'{maxsize}B']
    if hours:
        argv += ['-t', str(hours)]
    subprocess.run(argv, check=True, capture_output=True,
                   stdin=subprocess.DEVNULL)
    p = subprocess.run([OURS, ours, str(maxsize), str(hours), str(water)] +
                       channels, check=True, capture_output=True, text=True)
    a, b = left(theirs, channels), left(ours, channels)
    what = f'seed {seed}: {argv[5:]} {len(channels)} channels, {len(before)} files'
    if a != b:
        gone = before - a
        newest = max((f for _, f in gone), default='')
        if not maxsize or not b < a or any(f != newest for _, f in a - b):
            sys.exit(f'{what}: only nfexpire keeps {sorted(a - b)[:4]}, '
                     f'only we keep {sorted(b - a)[:4]}')
    elif b:
        for c in channels:
            x, y = books(theirs, c), books(ours, c)
            if x and y and x['numfiles'] != '0' and x != y:
                sys.exit(f'{what}: channel {c}: nfexpire {x}, we {y}')
    if b and int(p.stdout.split()[0]) != size(ours):
        sys.exit(f'{what}: we say {p.stdout}, files {size(ours)}')
    shutil.rmtree(theirs)
    shutil.rmtree(ours)
    return a == b, len(before - b)


def attempt(seed):
    """Ages go on between the two programs: a file may be old enough for the
    second one alone, but not twice."""
    try:
        return trial(seed)
    except SystemExit as first:
        print(f'once more: {first}', file=sys.stderr)
        for w in ('theirs', 'ours'):
            shutil.rmtree(os.path.join(FOLDER, w), ignore_errors=True)
        return trial(seed)


def main():
    results = [attempt(seed) for seed in range(TRIALS)]
    print(f'{TRIALS} trees, {sum(n for _, n in results)} files removed, '
          f'{sum(s for s, _ in results)} times exactly the same')


main()
