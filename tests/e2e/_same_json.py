"""nfdump's and nfsen-query's JSON of one flow file say the same.

  _same_json.py QUERY FILE [FIELD,...]     fields left out
"""
import collections
import json
import subprocess
import sys

# nfdump 1.7.1's spelling, and what it gets wrong: the last letter of labels
# without NUL, networks of foreign masks, one event byte for two elements,
# times of events.
NAMES = {'tun proto': 'tun_proto',
         'observationDoaminID': 'observationDomainID'}
LEFT_OUT = {'label', 'src_net', 'dst_net', 'event', 'event_id', 't_event',
            'nat_event', 'nat_pool_id', 'ingress_vrf', 'egress_vrf'}
if len(sys.argv) > 3:
    LEFT_OUT |= set(sys.argv.pop().split(','))


def flows(program, path):
    p = subprocess.run([program, '-r', path, '-o', 'json'], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if p.stderr:
        sys.exit(f'{program}: {p.stderr.decode()[:300]}')
    return [{NAMES.get(k, k): v for k, v in flow.items()
             if k not in LEFT_OUT} for flow in json.loads(p.stdout)]


def main():
    theirs, ours = flows('nfdump', sys.argv[2]), flows(*sys.argv[1:])
    if len(theirs) != len(ours) or not ours:
        sys.exit(f'{len(theirs)} flows, ours {len(ours)}')
    wrong = collections.Counter()
    for a, b in zip(theirs, ours):
        for key in set(a) | set(b):
            if a.get(key) != b.get(key):
                wrong[key] += 1
                if wrong[key] == 1:
                    print(f'{key}: {a.get(key)}, ours {b.get(key)}')
    print(f'{len(ours)} flows, {sum(wrong.values())} fields different')
    sys.exit(bool(wrong))


main()
