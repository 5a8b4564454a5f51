"""Profiles whose past is built.

  _build.py set ROOT GROUP/NAME key=value...     change profile.dat
  _build.py get ROOT GROUP/NAME key              one value
  _build.py check ROOT STEP GROUP/NAME/CHANNEL SOURCES FILTER [FROM TO]

check: the channel has a file in each slot (FROM .. TO, all when not given)
in which one of its sources has one, its files hold the flows that
nfsen-query finds with FILTER in the sources' (all together), and its RRD has,
slot by slot, what the file's own totals say; nothing where there is no file.
"""
import glob
import math
import os
import re
import subprocess
import sys
import time


def run(*argv):
    p = subprocess.run(argv, capture_output=True, text=True)
    if p.returncode != 0:
        sys.exit(f'{" ".join(argv)}: exit {p.returncode}: {p.stderr}')
    return p.stdout


def descriptor(root, profile):
    return os.path.join(root, 'stat', profile, 'profile.dat')


def change(root, profile, values):
    path = descriptor(root, profile)
    with open(path) as f:
        text = f.read()
    for key, value in (v.split('=', 1) for v in values):
        text = re.sub(rf'^{key} = .*$', f'{key} = {value}', text,
                      flags=re.M)
    with open(path, 'w') as f:
        f.write(text)


def get(root, profile, key):
    with open(descriptor(root, profile)) as f:
        print(re.search(rf'^{key} = (.*)$', f.read(), re.M).group(1))


def files(folder):
    """Slot: path."""
    found = {}
    for path in glob.glob(folder + '/**/nfcapd.2*', recursive=True):
        t = time.strptime(os.path.basename(path), 'nfcapd.%Y%m%d%H%M%S')
        found[int(time.mktime(t))] = path
    return found


def totals(text):
    """flows, bytes of the summary line."""
    m = re.search(r'total flows: (\d+), total bytes: (\d+)', text)
    return tuple(map(int, m.groups()))


def summed(query, paths, expression):
    """What nfsen-query finds in all these files."""
    flows = octets = 0
    for folder in sorted({os.path.dirname(p) for p in paths}):
        names = sorted(os.path.basename(p) for p in paths
                       if os.path.dirname(p) == folder)
        n, b = totals(run(query, '-N', '-R',
                          f'{folder}/{names[0]}:{names[-1]}', '-o', 'null',
                          expression))
        flows, octets = flows + n, octets + b
    return flows, octets


def own_totals(path):
    text = run('nfdump', '-r', path, '-I')
    return tuple(int(re.search(rf'^{k}: (\d+)$', text, re.M).group(1))
                 for k in ('Flows', 'Bytes'))


def rows(path, step, first, last):
    text = run('rrdtool', 'fetch', path, 'AVERAGE', '-r', str(step), '-s',
               str(first - step), '-e', str(last))
    names = text.splitlines()[0].split()
    found = {}
    for line in text.splitlines()[2:]:
        t, values = line.split(':')
        v = dict(zip(names, map(float, values.split())))
        found[int(t)] = (v['flows'] * step, v['traffic'] * step)
    return found


def check(root, step, channel, sources, expression, limits):
    query = os.environ['QUERY']
    read = [files(os.path.join(root, 'data', s)) for s in sources.split(':')]
    want = sorted(set().union(*read))
    if limits:
        want = [s for s in want if limits[0] <= s <= limits[1]]
    have = files(os.path.join(root, 'data', channel))
    if sorted(have) != want:
        sys.exit(f'{channel}: slots {sorted(set(have) ^ set(want))[:5]} are '
                 f'only on one side, {len(have)} of {len(want)}')
    found = [sum(v) for v in zip(*(
        summed(query, [r[s] for s in want if s in r], expression)
        for r in read))]
    own = list(summed(query, list(have.values()), 'any'))
    if found != own:
        sys.exit(f'{channel}: sources have {found}, the channel {own}')
    values = rows(os.path.join(root, 'stat', channel + '.rrd'), step,
                  want[0], want[-1])
    sums = [0, 0]
    for slot in range(want[0], want[-1] + 1, step):
        n, octets = values[slot]
        if math.isnan(n) != (slot not in have):
            sys.exit(f'{channel}: {slot}: rrd {n}, file {slot in have}')
        if slot not in have:
            continue
        got = (round(n), round(octets))
        sums = [a + b for a, b in zip(sums, got)]
        # a look at each would take its time
        if slot % 7 == 0 and got != own_totals(have[slot]):
            sys.exit(f'{channel}: {slot}: rrd {got}, file '
                     f'{own_totals(have[slot])}')
    if sums != own:
        sys.exit(f'{channel}: rrd {sums}, files {own}')
    print(f'{channel}: {len(want)} slots, {own[0]} flows')


def main():
    what, root, *rest = sys.argv[1:]
    if what == 'set':
        change(root, rest[0], rest[1:])
    elif what == 'get':
        get(root, *rest)
    else:
        step, channel, sources, expression, *limits = rest
        check(root, int(step), channel, sources, expression,
              [int(v) for v in limits])


main()
