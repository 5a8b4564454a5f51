"""The profiler's ring against its databases.

  _ring.py SOCKET STAT STEP LAST CHANNEL...

For each channel (group/profile/channel) and each slot that the ring knows
wholly, up to LAST: its seconds, and its tens of seconds, sum up to the slot's
15 totals in STAT's RRD.
"""
import math
import re
import socket
import subprocess
import sys

path, stat, step, last, *channels = sys.argv[1:]
step, last = int(step), int(last)


def ask(*lines):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(path)
    f = s.makefile('rw', newline='\n')
    f.readline()
    f.write('\n'.join([*lines, '.']) + '\n')
    f.flush()
    out = []
    while (line := f.readline().rstrip('\n')) != '.':
        if not line.startswith('.') and '=' in line:
            out.append(line)
    status = f.readline().rstrip('\n')
    if not status.startswith('OK'):
        sys.exit(f'{lines}: {status}')
    return out


def ring(channel, width):
    group, profile, name = channel.split('/')
    known, cells = {}, []
    for line in ask('get-ring', f'profile={group}/{profile}',
                    f'channel={name}', f'step={width}'):
        key, value = line.split('=', 1)
        if key == '_ring':
            t, *numbers = map(int, value.split())
            cells.append((t, numbers))
        else:
            known[key] = int(value)
    if [t for t, _ in cells] != sorted({t for t, _ in cells}):
        sys.exit(f'{channel}: seconds out of order')
    return known['known_from'], known['known_to'], cells


def rrd(channel):
    """{slot: 15 totals or None} of the newest rows."""
    p = re.sub(r'^\./', '', channel)
    out = subprocess.run(['rrdtool', 'fetch', f'{stat}/{p}.rrd', 'AVERAGE',
                          '-r', str(step), '-s', str(last - 300), '-e',
                          str(last)], capture_output=True, text=True,
                         check=True).stdout
    rows = {}
    for line in out.splitlines()[2:]:
        t, values = line.split(':')
        v = [float(x) * step for x in values.split()]
        rows[int(t)] = None if math.isnan(v[0]) else [round(x) for x in v]
    return rows


for c in channels:
    rows, checked, seconds = rrd(c), 0, 0
    for width in (1, 10):
        start, end, cells = ring(c, width)
        for slot, want in rows.items():
            if slot < start or slot + step > end or want is None:
                continue
            inside = [n for t, n in cells if slot <= t < slot + step]
            have = [sum(x) for x in zip(*inside)] or [0] * 15
            if have != want:
                sys.exit(f'{c}: slot {slot} by {width} s: ring {have}, '
                         f'database {want}')
            checked += 1
            seconds = max(seconds, len(inside))
    if checked < 4:
        sys.exit(f'{c}: only {checked} slots compared')
    print(f'{c}: {checked} slots, up to {seconds} cells each')
