"""A channel's slots, one by one.

  _channel.py ROOT STEP LAST RRD SOURCES FILTER FILES

From the first slot of the RRD's data up to LAST: flows and bytes in ROOT's
stat/RRD.rrd are what Debian's nfdump ($NFDUMP) finds with FILTER in the files of
SOURCES (data/..., joined by ':'), without a gap; and the channel's own file
in data/FILES ('-': none) holds the same flows.
"""
import glob
import math
import os
import subprocess
import sys

root, step, last, rrd, sources, flt, files = sys.argv[1:]
step, last = int(step), int(last)


def run(*argv):
    p = subprocess.run(argv, capture_output=True, text=True)
    if p.returncode != 0:
        sys.exit(f'{" ".join(argv)}: exit {p.returncode}: {p.stderr}')
    return p.stdout


def slot_file(folder, slot):
    name = run('date', '-d', f'@{slot}', '+%Y/%m/%d/nfcapd.%Y%m%d%H%M%S')
    return os.path.join(root, 'data', folder, name.strip())


def flows(path, expression):
    """The matching flows, sorted: one line each."""
    out = run(os.environ.get('NFDUMP', 'nfdump'), '-q', '-N', '-r', path, '-o',
              'fmt:%ts %te %pr %sap %dap %pkt %byt', expression)
    return sorted(line for line in out.splitlines()
                  if line.strip() and line != 'No matching flows')


def rows():
    """(slot, flows, bytes) of every row with data and those behind it."""
    path = f'{root}/stat/{rrd}.rrd'
    out = run('rrdtool', 'fetch', path, 'AVERAGE', '-r', str(step),
              '-s', str(last - 900), '-e', str(last))
    lines = out.splitlines()
    names = lines[0].split()
    seen = False
    for line in lines[2:]:
        t, values = line.split(':')
        v = dict(zip(names, map(float, values.split())))
        # data of [T, T + step) are in the row that ends at T
        if int(t) > last or (math.isnan(v['flows']) and not seen):
            continue
        seen = True
        yield int(t), v['flows'] * step, v['traffic'] * step


checked = 0
for slot, n, octets in rows():
    if math.isnan(n):
        sys.exit(f'{rrd}: slot {slot} is a gap')
    want = []
    for s in sources.split(':'):
        want += flows(slot_file(s, slot), flt)
    want.sort()
    if round(n) != len(want):
        sys.exit(f'{rrd}: slot {slot}: {round(n)} flows, nfdump {len(want)}')
    total = sum(int(line.split()[-1]) for line in want)
    if round(octets) != total:
        sys.exit(f'{rrd}: slot {slot}: {round(octets)} bytes, nfdump {total}')
    if files != '-' and flows(slot_file(files, slot), 'any') != want:
        sys.exit(f'{files}: slot {slot}: other flows than nfdump finds')
    checked += 1
if checked < 2:
    sys.exit(f'{rrd}: only {checked} slots')
if files != '-':
    n = len(glob.glob(f'{root}/data/{files}/*/*/*/nfcapd.*'))
    if n != checked:
        sys.exit(f'{files}: {n} files for {checked} slots')
print(f'{rrd}: {checked} slots')
