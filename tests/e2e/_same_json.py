"""nfdump's and nfsen-query's JSON of flow files say the same.

  _same_json.py [-x FIELD,...] QUERY DIFFER FILE...

-x leaves fields out, and what they would have met in DIFFER.  A file named <id>.nf holds flows with that element.  What is said otherwise
has a name in DIFFER; here stands what exactly it does to a flow as we print
it.  A name that no flow needs any more is an error.
"""
import collections
import ipaddress
import json
import os
import re
import subprocess
import sys

# Elements that nfdump 1.7.1 does not know, and what we print of them.
NEWER = {18: ('sampler_id',), 34: ('frame_size', 'link_type'), 35: ('frame',),
         40: ('in_service_id', 'out_service_id'), 41: ('nat_string',),
         39: ('flowID',),
         38: ('vlanID', 'post_vlanID', 'cust_vlanID', 'post_cust_vlanID',
              'phys_ingress', 'phys_egress', 'ethertype', 'ip_version', 'vxlan'),
         42: ('ip_minttl', 'ip_maxttl', 'ip_fragment')}


def spelling(flow, _):
    for ours, theirs in (('tun_proto', 'tun proto'),
                         ('observationDomainID', 'observationDoaminID')):
        if ours in flow:
            flow[theirs] = flow.pop(ours)


def long_mask(flow, theirs):
    width = 32 if 'src4_addr' in flow else 128
    for net, mask in (('src_net', 'src_mask'), ('dst_net', 'dst_mask')):
        if net in flow and flow[mask] > width:
            flow[net] = theirs.get(net)


def inverted_mask(flow, _):
    for side in ('src', 'dst'):
        mask = flow.get(side + '_mask', 129)
        if side + '6_addr' in flow and mask <= 128:
            bits = 64 if mask == 128 else 128 - mask
            flow[side + '_net'] = str(ipaddress.IPv6Network(
                (flow[side + '6_addr'], bits), strict=False).network_address)


def event_millis(flow, _):
    if 't_event' in flow:
        flow['t_event'] = re.sub(r'\.0{1,2}(\d+)$', r'.\1', flow['t_event'])


def label_cut(flow, _):
    if flow.get('label', '<none>') != '<none>':
        flow['label'] = flow['label'][:-1]


def nat_event(flow, theirs):
    if 'nat_event_id' in flow:
        flow.pop('nat_pool_id', None)
        flow.setdefault('ingress_vrf', '0')
        flow.setdefault('egress_vrf', '0')


def one_event(flow, theirs):
    if 'nat_event_id' in flow and 'connect_id' in flow:
        flow['event_id'] = flow['nat_event_id']
        flow['event'] = theirs.get('event')  # the name of that number
        flow['t_event'] = theirs.get('t_event')


RULES = {'spelling': spelling, 'long-mask': long_mask,
         'inverted-mask': inverted_mask,
         'event-millis': event_millis, 'label-cut': label_cut,
         'nat-event': nat_event, 'one-event': one_event}


def run(program, path):
    p = subprocess.run([program, '-r', path, '-o', 'json'], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return json.loads(p.stdout), p.stderr.decode()


def adapt(flow, theirs, used):
    """Ours as nfdump would print it; which rules that took."""
    for name, rule in RULES.items():
        before = dict(flow)
        rule(flow, theirs)
        used[name] += flow != before


def compare(query, path, left_out, used):
    theirs, said = run('nfdump', path)
    ours, complaint = run(query, path)
    name = os.path.basename(path).removesuffix('.nf')
    newer = int(name) if name.isdigit() and int(name) in NEWER else None
    if newer is not None:
        used['newer'] += 1
        want = f"Unknown extension '{newer}'\n" * len(theirs)
        said = '' if said == want else said or 'nothing said of the element'
    if said or complaint:
        sys.exit(f'{path}: {said[:200]} {complaint[:200]}')
    if len(theirs) != len(ours) or not ours:
        sys.exit(f'{path}: {len(theirs)} flows, ours {len(ours)}')
    for a, b in zip(theirs, ours):
        for key in NEWER.get(newer, ()):
            if b.pop(key, None) is None:
                sys.exit(f'{path}: we do not print {key}')
        adapt(b, a, used)
        for key in (set(a) | set(b)) - left_out:
            if a.get(key) != b.get(key):
                sys.exit(f'{path}: {key}: {a.get(key)}, ours {b.get(key)}')
    return len(ours)


def main():
    args = sys.argv[1:]
    left_out = set()
    if args[0] == '-x':
        left_out = set(args[1].split(','))
        args = args[2:]
    query, differ, *files = args
    used = collections.Counter()
    n = sum(compare(query, path, left_out, used) for path in files)
    with open(differ, encoding='utf-8') as f:
        named = {line.split('\t')[0] for line in f if line[0] != '#'}
    taken = {name for name in used if used[name]}
    if taken - named or (named - taken and not left_out):
        sys.exit(f'{differ}: named but not met: {sorted(named - taken)}, '
                 f'met but not named: {sorted(taken - named)}')
    print(f'{n} flows of {len(files)} files are the same; '
          + ', '.join(f'{k} {v}' for k, v in sorted(used.items())))


main()
