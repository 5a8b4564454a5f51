"""Totals by protocol class at each station of the data path.

  _stations.py want TOTALS.json...             the simulator's, summed
  _stations.py nfdump-I DIR                    stat records, Debian's nfdump
  _stations.py nfdump-proto DIR                Debian's nfdump -s proto
  _stations.py query-I QUERY DIR               nfsen-query -I
  _stations.py query-proto QUERY DIR           nfsen-query -s proto
  _stations.py rrd FILE.rrd                    rows times step

Each prints the same five lines "class flows packets bytes", so that diff is
the test.
"""
import json
import math
import re
import subprocess
import sys

CLASSES = ['any', 'tcp', 'udp', 'icmp', 'other']
CLASS_OF = {6: 'tcp', 17: 'udp', 1: 'icmp', 58: 'icmp'}
NAMES = {'TCP': 6, 'UDP': 17, 'ICMP': 1, 'ICMP6': 58}


def run(*argv):
    p = subprocess.run(argv, capture_output=True, text=True)
    if p.returncode != 0:
        sys.exit(f'{" ".join(argv)}: exit {p.returncode}: {p.stderr}')
    return p.stdout


def empty():
    return {c: [0, 0, 0] for c in CLASSES}


def add(table, name, counters):
    for i, n in enumerate(counters):
        table[name][i] += n


def want(*files):
    table = empty()
    for name in files:
        with open(name) as f:
            total = json.load(f)['total']
        for c in CLASSES:
            add(table, c, [total[c][k] for k in ('flows', 'packets', 'bytes')])
    return table


def stat_record(text):
    numbers = dict(re.findall(r'^(\w+): (\d+)$', text, re.M))
    table = empty()
    for c in CLASSES:
        tail = '' if c == 'any' else '_' + c
        add(table, c, [int(numbers[k + tail])
                       for k in ('Flows', 'Packets', 'Bytes')])
    return table


LINE = re.compile(r'^[\d-]+ [\d:.]+ +[\d.]+ +(\S+) +(\S+) +(\d+)\( *[\d.]+\) '
                  r'+(\d+)\( *[\d.]+\) +(\d+)\( *[\d.]+\)', re.M)


def by_protocol(text):
    table = empty()
    for proto, _, *counters in LINE.findall(text):
        number = NAMES.get(proto)
        if number is None and proto.isdigit():
            number = int(proto)
        counters = [int(n) for n in counters]
        add(table, CLASS_OF.get(number, 'other'), counters)
        add(table, 'any', counters)
    return table


def rrd(path):
    """Every row of the finest archive; rates are exact for whole steps."""
    step = int(re.search(r'^step = (\d+)$', run('rrdtool', 'info', path),
                         re.M).group(1))
    last = int(run('rrdtool', 'last', path))
    first = int(run('rrdtool', 'first', path))
    text = run('rrdtool', 'fetch', path, 'AVERAGE', '-r', str(step),
               '-s', str(max(first, last - 4000 * step)), '-e', str(last))
    names = text.split('\n', 1)[0].split()
    table = empty()
    for line in text.splitlines()[1:]:
        if ':' not in line:
            continue
        for name, v in zip(names, line.split(':')[1].split()):
            kind, _, cls = name.partition('_')
            column = ['flows', 'packets', 'traffic'].index(kind)
            if not math.isnan(float(v)):
                table[cls or 'any'][column] += float(v) * step
    return {c: [round(n) for n in table[c]] for c in CLASSES}


def station(what, *args):
    if what == 'want':
        return want(*args)
    if what == 'nfdump-I':
        return stat_record(run('nfdump', '-R', args[0], '-I'))
    if what == 'nfdump-proto':
        return by_protocol(run('nfdump', '-R', args[0], '-N', '-n', '0',
                               '-s', 'proto'))
    if what == 'query-I':
        return stat_record(run(args[0], '-R', args[1], '-I'))
    if what == 'query-proto':
        return by_protocol(run(args[0], '-R', args[1], '-N', '-n', '0',
                               '-s', 'proto'))
    if what == 'rrd':
        return rrd(*args)
    sys.exit(__doc__)


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for name, counters in station(*sys.argv[1:]).items():
        print(name, *counters)
