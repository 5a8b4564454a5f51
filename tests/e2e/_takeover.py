"""For takeover.sh and takeover_damaged.sh.

_takeover.py expected JSON EXPECTED      what takeover --check --json found is
                                         what was dumped from the tree
_takeover.py flowfiles QUERY TREE LIST   every flow file's totals are as listed
_takeover.py values BEFORE AFTER LAST    two rrdtool dumps: every row up to LAST
                                         is the same in each archive
_takeover.py rate RRD SLOT FLOWS         that many flows in the slot
_takeover.py descriptor FILE             a profile.dat that NfSen can read
_takeover.py open FILE SLOT              make a finished flow file an open one
_takeover.py foreign FILE                give a database another byte order's head
_takeover.py finding JSON KIND WHERE TEXT   there is such a finding
"""
import json
import re
import struct
import subprocess
import sys

TYPES = {'0': 'live', '1': 'history', '2': 'continuous',
         '5': 'history / shadow', '6': 'continuous / shadow'}


def sections(path):
    name, out = None, {}
    for line in open(path):
        line = line.rstrip('\n')
        if line.startswith('== '):
            name = line[3:]
            out[name] = []
        else:
            out[name].append(line)
    return out


def keyed(lines):
    d = {}
    for line in lines:
        if line and not line.startswith('#'):
            k, _, v = line.partition('=')
            d.setdefault(k.strip(), []).append(v.strip())
    return d


def check_profile(p, want):
    one = {k: v[0] for k, v in want.items() if k != 'channel'}
    assert p['group'] == one['group'] and p['type'] == TYPES[one['type']], p
    assert p['status'] == one['status'], p
    assert p['locked'] == (one['locked'] != '0'), p
    for k in ('tbegin', 'tcreate', 'tstart', 'tend', 'updated', 'expire',
              'maxsize', 'size', 'version'):
        assert p[k] == int(one[k]), (p['name'], k, p[k], one[k])
    got = sorted(':'.join((c['name'], c['sign'], c['colour'], str(c['order']),
                           '|'.join(c['sources']))) for c in p['channels'])
    assert got == sorted(want.get('channel', [])), got


def channels(found):
    for p in found['profiles']:
        path = ('' if p['group'] == '.' else p['group'] + '/') + p['name']
        for c in p['channels']:
            yield path, c


def check_files(found, expected):
    files = {}
    for line in open(expected + '/flowfiles.txt'):
        if line.startswith('profiles-data/'):
            path = line.split()[0][len('profiles-data/'):]
            files.setdefault(path.rsplit('/', 1)[0], []).append(path)
    for path, c in channels(found):
        got = c['flows']
        want = sorted(files.pop(path + '/' + c['name'], []))
        assert got['files'] == got['layout2'] == len(want), (path, got)
        if want:
            assert got['subdirlayouts'] == {'0': len(want)}, got
    assert not [f for f in files if not f.startswith('~')], files


def check_expected(found_file, expected):
    found = json.load(open(found_file))
    assert found['ready'] and not [f for f in found['findings']
                                   if f['kind'] != 'note'], found['findings']
    profiles = {(p['group'], p['name']): p for p in found['profiles']}
    alerts = {a['name']: a for a in found['alerts']}
    n = 0
    for path, lines in sections(expected + '/descriptors.txt').items():
        want = keyed(lines)
        if path.endswith('alert.dat'):
            assert alerts.pop(want['name'][0])['status'] == want['status'][0]
        else:
            check_profile(profiles.pop((want['group'][0], want['name'][0])),
                          want)
        n += 1
    assert not profiles and not alerts, (profiles, alerts)
    stats = sections(expected + '/nfstat.txt')
    for path, c in channels(found):
        want = stats.get(f"profiles-data/{path}/{c['name']}/.nfstat")
        if want is not None:
            assert {k: int(v[0]) for k, v in keyed(want).items()} == \
                c['nfstat'], (path, c)
        info = open(f"{expected}/rrd-info/{path.replace('/', '@')}@"
                    f"{c['name']}.rrd.txt").read()
        last = int(re.search(r'^last_update = (\d+)', info, re.M).group(1))
        assert c['rrd'] == {'state': 'good', 'last': last, 'step': 300}, c
        n += 1
    check_files(found, expected)
    print(n, 'profiles, alerts and channels as dumped')


def check_flowfiles(query, tree, list_file):
    n = 0
    for line in open(list_file):
        if line.startswith('#'):
            continue
        path, *want = line.split()
        out = subprocess.run([query, '-I', '-r', tree + '/' + path],
                             stdout=subprocess.PIPE, text=True,
                             check=True).stdout
        d = dict(x.split(': ', 1) for x in out.splitlines() if ': ' in x)
        got = [d[k] for k in ('Ident', 'Flows', 'Packets', 'Bytes', 'First',
                              'Last')]
        if want[1] == '0':  # no flows, no times
            got, want = got[:4], want[:4]
        assert got == want, (path, got, want)
        n += 1
    print(n, 'flow files')


def rows(path):
    out, rra = {}, 0
    row = re.compile(r'/ (\d+) --> <row>(.*)</row>')
    for line in open(path):
        if '<rra>' in line:
            rra += 1
        m = row.search(line)
        if m:
            out[rra, int(m.group(1))] = m.group(2)
    return out


def check_values(before, after, last):
    a, b = rows(before), rows(after)
    same = [k for k in a if k in b and k[1] <= int(last)]
    assert len(same) > 43000, len(same)
    bad = [k for k in same if a[k] != b[k]]
    assert not bad, (len(bad), bad[:3], a[bad[0]], b[bad[0]])


def check_rate(rrd, slot, flows):
    slot = int(slot)
    out = subprocess.run(['rrdtool', 'fetch', rrd, 'AVERAGE', '-r', '300',
                          '-s', str(slot - 300), '-e', str(slot - 1)],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    line = [x for x in out.splitlines() if x.startswith(f'{slot}:')][0]
    got = float(line.split()[1]) * 300
    assert round(got, 3) == float(flows), (line, flows)


def check_descriptor(path):
    keys = ('name group tbegin tcreate tstart tend updated expire maxsize '
            'size type locked status version').split()
    lines = [x for x in open(path).read().split('\n')]
    assert lines.pop() == '', 'no line feed at the end'
    rest = [x for x in lines if not x.startswith('# ')]
    assert [x.split(' = ')[0] for x in rest[:len(keys)]] == keys, rest
    for x in rest[len(keys):]:
        assert re.fullmatch(r'channel = [A-Za-z0-9_-]+:[+-]:(#[0-9a-fA-F]{6})?:'
                            r'\d+:([A-Za-z0-9_|]*)', x), x


def make_open(path, slot):
    with open(path, 'r+b') as f:
        f.seek(8)
        f.write(struct.pack('<q', int(slot)))
        f.seek(18)
        f.write(b'\0\0')           # blocks of the appendix
        f.seek(24)
        f.write(b'\0' * 8)         # where it is
        f.seek(36)
        f.write(b'\0' * 4)         # blocks


def make_foreign(path):
    with open(path, 'r+b') as f:
        f.seek(16)
        head = f.read(8)
        f.seek(16)
        f.write(head[::-1])


def check_finding(found, kind, where, text):
    for f in json.load(open(found))['findings']:
        if (f['kind'], f['where']) == (kind, where) and text in f['text']:
            return
    sys.exit(f'no such finding: {kind} {where}: {text}')


COMMANDS = {'expected': check_expected, 'flowfiles': check_flowfiles,
            'values': check_values, 'rate': check_rate,
            'descriptor': check_descriptor, 'open': make_open,
            'foreign': make_foreign, 'finding': check_finding}
COMMANDS[sys.argv[1]](*sys.argv[2:])
