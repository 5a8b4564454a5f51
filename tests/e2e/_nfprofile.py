"""What nfprofile leaves in a tree: ours against Debian's.

  _nfprofile.py list TREE                 NfSen's channel list of the tree
  _nfprofile.py compare OURS THEIRS NAME  trees after the slots were done

What is meant to be different is left out where it is compared.
"""
import json
import os
import subprocess
import sys


def run(*argv):
    p = subprocess.run(argv, capture_output=True, text=True)
    if p.returncode != 0 or p.stderr:
        sys.exit(f'{" ".join(argv)}: exit {p.returncode}: {p.stderr[:300]}')
    return p.stdout


def descriptor(path):
    """profile.dat or alert.dat: (values, channels)."""
    values, channels = {}, []
    with open(path) as f:
        for row in f:
            if row.startswith('#') or ' = ' not in row:
                continue
            key, value = row.rstrip('\n').split(' = ', 1)
            if key == 'channel':
                channels.append(value.split(':'))
            else:
                values[key] = value
    return values, channels


def channel_list(tree):
    """As NfSen's periodic run builds it: continuous and OK; alerts."""
    stat = os.path.join(tree, 'profiles-stat')
    for folder, _, files in sorted(os.walk(stat)):
        if 'profile.dat' in files:
            v, channels = descriptor(os.path.join(folder, 'profile.dat'))
            if int(v['type']) & 3 == 2 and v['status'] == 'OK':
                for c in channels:
                    print('#'.join([v['group'], v['name'], v['type'], c[0],
                                    c[4]]))
        if 'alert.dat' in files:
            v, _ = descriptor(os.path.join(folder, 'alert.dat'))
            name = os.path.basename(folder)[1:]
            if v['status'] == 'enabled':
                print(f'.#~{name}#8#{name}#{v["channellist"]}')


def flows(path):
    """Records by nfdump; nothing at all is how it prints an empty file."""
    text = run('nfdump', '-r', path, '-o', 'json')
    records = json.loads(text) if '{' in text else []
    for r in records:
        # its number is the file's own, who it is stands in the record
        r.pop('export_sysid', None)
    return records


def totals(path):
    text = run('nfdump', '-I', '-r', path)
    rows = dict(r.split(': ', 1) for r in text.splitlines() if ': ' in r)
    ident = rows.pop('Ident')
    if rows['Flows'] == '0':
        for key in ('First', 'Last', 'msec_first', 'msec_last'):
            rows.pop(key, None)
    return ident, rows


def nfstat(path):
    with open(path) as f:
        rows = dict(r.strip().split('=') for r in f)
    # compressed or not is another size
    rows.pop('size')
    return rows


def same_nfstat(x, y):
    a, b = nfstat(x), nfstat(y)
    if b['first'] == '0':
        b['first'] = a['first']
    return a == b


def files(tree):
    found = set()
    for folder, _, names in os.walk(tree):
        found |= {os.path.relpath(os.path.join(folder, n), tree)
                  for n in names}
    return found


def compare(ours, theirs, name):
    wrong = 0
    seen = {'flows': 0, 'rrd': 0, 'nfstat': 0}
    a, b = files(ours), files(theirs)
    for path in sorted(a ^ b):
        print(f'only {"ours" if path in a else "theirs"}: {path}')
        wrong += 1
    for path in sorted(a & b):
        x, y = os.path.join(ours, path), os.path.join(theirs, path)
        base = os.path.basename(path)
        if '/live/' in '/' + path:
            continue
        if base.endswith('.rrd'):
            same = run('rrdtool', 'dump', x) == run('rrdtool', 'dump', y)
            seen['rrd'] += 1
        elif base == '.nfstat' and os.path.getsize(y) > 0:
            same = same_nfstat(x, y)
            seen['nfstat'] += 1
        elif base.startswith('nfcapd.') and base > name:
            (ident, sum_x), (_, sum_y) = totals(x), totals(y)
            # 1.7.1 leaves `none`
            same = (flows(x) == flows(y) and sum_x == sum_y and
                    ident == path.split(base)[0].split('/20')[0]
                    .rstrip('/').split('/')[-1])
            seen['flows'] += 1
        else:
            continue
        if not same:
            print(f'different: {path}')
            wrong += 1
    print(f'{seen}, {wrong} different')
    if wrong or not all(seen.values()):
        sys.exit(1)


if sys.argv[1] == 'list':
    channel_list(sys.argv[2])
else:
    compare(*sys.argv[2:5])
