"""sFlow's records of our collector and of Debian's sfcapd, field by field.

  _sflow.py DIFFER OURS.json THEIRS.json...   pairs, in turn

A field that is absent and one that is zero are the same: files need not say
what is zero.  Times are the collectors' own.  What is left is paired, and each
field that differs must have a name in DIFFER (name, tab, why) and differ in
exactly the way that stands here; a name that is not met any more is an error
(but for the generator's flows alone).  "more=7 NAME" and "fewer=7 NAME" are
records of an input that only we, or only they, have.
"""
import collections
import json
import sys

CLOCK = {'first', 'last', 'received', 'export_sysid'}
ZERO = {0, '0', '0.0.0.0', '::', '00:00:00:00:00:00', '0-0-0', '<none>'}
# What the sample is of, whatever the collectors make of the rest.
WHO = ('src4_addr', 'dst4_addr', 'src6_addr', 'dst6_addr', 'proto', 'in_bytes', 'input_snmp', 'src_port', 'dst_port')
PORTS = len(WHO) - 2
SCTP = 132


def flows(path):
    with open(path, encoding='utf-8') as f:
        text = f.read().strip()
    return [{k: v for k, v in r.items() if k not in CLOCK and v not in ZERO}
            for r in ([] if 'No matching flows' in text else json.loads(text))]


def keyed(records):
    out = collections.defaultdict(list)
    for r in records:
        who = WHO[:PORTS] if r.get('proto') == SCTP else WHO
        out[tuple(str(r.get(k)) for k in who)].append(r)
    for same in out.values():
        same.sort(key=lambda r: json.dumps(r, sort_keys=True))
    return out


def icmp_type(ours, theirs):
    for k in ('icmp_type', 'icmp_code'):
        if k in ours and k not in theirs:
            del ours[k]


def sctp_ports(ours, theirs):
    for k in ('src_port', 'dst_port'):
        if ours.get('proto') == SCTP and k not in theirs:
            ours.pop(k, None)


def event_v6(ours, theirs):
    if ('src6_addr' in ours or 'dst6_addr' in ours) and theirs['type'] == 'EVENT':
        ours['type'] = 'EVENT'


def no_vlan(ours, theirs):
    for k in ('src_vlan', 'dst_vlan'):
        if k not in ours and theirs.get(k) == 65535:
            ours[k] = 65535


RULES = {'icmp-type': icmp_type, 'sctp-ports': sctp_ports, 'event-v6': event_v6, 'no-vlan': no_vlan}


def compare(ours, theirs, used):
    bad = 0
    name = ours.rsplit('/', 1)[-1].split('.')[0]
    alone = collections.Counter()
    a, b = keyed(flows(ours)), keyed(flows(theirs))
    for who in sorted(set(a) | set(b)):
        if len(a.get(who, ())) != len(b.get(who, ())):
            more = len(a.get(who, ())) - len(b.get(who, ()))
            alone['more' if more > 0 else 'fewer'] += abs(more)
            print(f'{name}: {abs(more)} {"more" if more > 0 else "fewer"}: {who}')
            continue
        for x, y in zip(a[who], b[who]):
            for rule_name, rule in RULES.items():
                before = dict(x)
                rule(x, y)
                used[rule_name] += x != before
            for k in sorted(set(x) | set(y)):
                if x.get(k) != y.get(k):
                    bad += 1
                    print(f'{name}: {k}: ours {x.get(k)}, theirs {y.get(k)}: {who}')
    for what, n in alone.items():
        used[f'{what}={n} {name}'] += 1
    return bad, sum(len(v) for v in a.values())


def main():
    differ, *files = sys.argv[1:]
    used = collections.Counter()
    bad = n = 0
    for ours, theirs in zip(files[::2], files[1::2]):
        more, count = compare(ours, theirs, used)
        bad += more
        n += count
    with open(differ, encoding='utf-8') as f:
        named = {line.split('\t')[0] for line in f if line[0] != '#'}
    taken = {name for name in used if used[name]}
    if taken - named or (named - taken and len(files) > 2):
        print(f'{differ}: named but not met: {sorted(named - taken)}, met but not named: {sorted(taken - named)}')
        bad += 1
    print(f'{n} records; ' + ', '.join(f'{k} {v}' for k, v in sorted(used.items())))
    return 1 if bad else 0


sys.exit(main())
