"""Two collectors' trees are the same: _nfcapd_cli.py OURS THEIRS

Names of files, their idents, and their flows as nfdump prints them; not when
a flow was received, not how it is compressed, and not export_sysid: with us
each source counts its exporters from 1, 1.7.1 counts through all sources.
"""
import json
import os
import re
import subprocess
import sys


def files(tree):
    return sorted(os.path.relpath(os.path.join(d, f), tree)
                  for d, _, names in os.walk(tree) for f in names)


def nfdump(*args):
    return subprocess.run(['nfdump', *args], check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def flows(path):
    text = nfdump('-r', path, '-o', 'json')
    out = []
    # Without flows 1.7.1 prints no JSON.
    for flow in json.loads(f"[{text[text.find('{'):text.rfind('}') + 1]}]"):
        flow.pop('received', None)
        flow.pop('export_sysid', None)
        out.append(json.dumps(flow, sort_keys=True))
    return sorted(out)


def ident(path):
    return re.search(r'Ident: *(.*)', nfdump('-r', path, '-I')).group(1)


ours, theirs = sys.argv[1:]
names = files(ours)
if names != files(theirs):
    sys.exit(f'files: ours {names}, theirs {files(theirs)}')
total = 0
for name in names:
    a, b = os.path.join(ours, name), os.path.join(theirs, name)
    if ident(a) != ident(b):
        sys.exit(f'{name}: ident {ident(a)}, theirs {ident(b)}')
    fa, fb = flows(a), flows(b)
    if fa != fb:
        only = [f for f in fa if f not in set(fb)][:1]
        other = [f for f in fb if f not in set(fa)][:1]
        sys.exit(f'{name}: {len(fa)} flows, theirs {len(fb)}; {only} {other}')
    total += len(fa)
if total == 0:
    sys.exit('no flows at all')
print(f'{len(names)} files, {total} flows')
