"""What a filter finds, by the simplest means: a second implementation of the
language's meaning over flowtable's columns, and nfdump 1.7.1's known faults
(`FAULTS`) as changes of that meaning.

A set of flows is an int, bit i standing for flow i.
"""
import functools
import subprocess

ELEM = {  # column -> element it belongs to; 0: always there
    'any': 0, 'flows': 0, 'src_as': 0, 'dst_as': 0, 'exporter': 0,
    'engine_type': 0, 'engine_id': 0, 'nfversion': 0,
    'proto': 1, 'tcp_flags': 1, 'src_tos': 1, 'fwd_status': 1, 'src_port': 1,
    'dst_port': 1, 'icmp_type': 1, 'icmp_code': 1, 'packets': 1, 'bytes': 1,
    'duration': 1, 'wrapped_duration': 1, 'pps': 1, 'bps': 1, 'bpp': 1,
    'in_if': 4, 'out_if': 4, 'src_mask': 4, 'dst_mask': 4, 'dir': 4,
    'dst_tos': 4, 'out_packets': 5, 'out_bytes': 5, 'src_vlan': 6,
    'dst_vlan': 6, 'next_as': 16, 'prev_as': 16, 'mpls_eos': 14,
    'in_src_mac': 15, 'in_dst_mac': 15, 'out_src_mac': 15, 'out_dst_mac': 15,
    'client_usec': 17, 'server_usec': 17, 'app_usec': 17, 'fw_event': 19,
    'fw_xevent': 19, 'xlate_src_port': 22, 'xlate_dst_port': 22,
    'nat_event': 25, 'block_start': 26, 'block_end': 26, 'block_step': 26,
    'block_size': 26, 'obs_domain': 33, 'obs_point': 33, 'ingress_vrf': 36,
    'egress_vrf': 36, 'src_in_block': 26, 'dst_in_block': 26,
    'in_acl0': 23, 'in_acl1': 23, 'in_acl2': 23, 'out_acl0': 23,
    'in_payload': 29, 'out_payload': 30, 'count': 0, 'first': 1, 'last': 1,
    'user': 24, 'label': 28, 'tun_proto': 31, 'pf_action': 37,
    'pf_reason': 37, 'pf_dir': 37, 'pf_rule': 37, 'pf_ifname': 37,
    'ether_type': 38, 'min_ttl': 42, 'max_ttl': 42, 'ttl_equal': 42,
}
ELEM.update({f'mpls_label{i}': 14 for i in range(1, 11)})
ELEM.update({f'mpls_exp{i}': 14 for i in range(1, 11)})
# address -> its IPv4 and IPv6 element
PAIR = {'src': (2, 3), 'dst': (2, 3), 'bgp_next': (8, 9), 'next_hop': (10, 11),
        'exporter_ip': (12, 13), 'xlate_src': (20, 21), 'xlate_dst': (20, 21),
        'tun_src': (31, 32), 'tun_dst': (31, 32)}

OPS = {
    '=': lambda a, b: a == b, '>': lambda a, b: a > b,
    '<': lambda a, b: a < b, '>=': lambda a, b: a >= b,
    '<=': lambda a, b: a <= b,
}


def bits(truth):
    """The int of a list of truths."""
    return int(''.join('1' if t else '0' for t in reversed(truth)) or '0', 2)


def swap32(v):
    return int.from_bytes(v.to_bytes(4, 'little'), 'big')


class Table:
    """The flows of one file, as columns."""

    def __init__(self, tool, path):
        out = subprocess.run([tool, path], capture_output=True, text=True,
                             check=True).stdout.splitlines()
        self.ident = out[0]
        with open(path, 'rb') as f:
            self.layout = int.from_bytes(f.read(4)[2:], 'little')
        names = out[1].split('\t')
        rows = [line.split('\t') for line in out[2:]]
        self.n = len(rows)
        self.raw = {}
        for i, name in enumerate(names):
            self.raw[name] = [self.number(name, r[i]) for r in rows]
        self.all = (1 << self.n) - 1
        self.have = self.raw['have']
        self.columns = {}
        self._present = {}
        self.calculate()

    @staticmethod
    def number(name, text):
        if name in PAIR:
            return int(text, 16)
        if name in ('user', 'nbar', 'label', 'in_payload', 'out_payload',
                    'pf_ifname'):
            return bytes.fromhex(text)
        return int(text)

    def calculate(self):
        c, r = self.columns, self.raw
        c.update(r)
        ms = [max(0, b - a) for a, b in zip(r['first'], r['last'])]
        mod = 1 << 64
        c['duration'] = ms
        c['wrapped_duration'] = [(b - a) % mod
                                 for a, b in zip(r['first'], r['last'])]
        c['pps'] = [p * 1000 % mod // d if d else 0
                    for p, d in zip(r['packets'], ms)]
        c['bps'] = [b * 8000 % mod // d if d else 0
                    for b, d in zip(r['bytes'], ms)]
        c['bpp'] = [b // p if p else 0
                    for b, p in zip(r['bytes'], r['packets'])]
        c['icmp_type'] = [p >> 8 for p in r['dst_port']]
        c['icmp_code'] = [p & 255 for p in r['dst_port']]
        c['flows'] = [f if h >> 5 & 1 and f else 1
                      for f, h in zip(r['flows'], self.have)]
        for side in 'src', 'dst':
            c[f'{side}_as'] = [a if h >> 7 & 1 else 0
                               for a, h in zip(r[f'{side}_as'], self.have)]
            c[f'{side}_in_block'] = [
                int(a <= p <= b) for p, a, b in zip(
                    r[f'{side}_port'], r['block_start'], r['block_end'])]
        labels = [r[f'mpls[{i}]'] for i in range(10)]
        for i in range(10):
            c[f'mpls_label{i + 1}'] = [v >> 4 for v in labels[i]]
            c[f'mpls_exp{i + 1}'] = [v >> 1 & 7 for v in labels[i]]
        stacks = list(zip(*labels))
        c['mpls_eos'] = [next((v >> 4 for v in stack if v & 1), 0)
                         for stack in stacks]
        # A stack need not be there down to its bottom.
        self._present['mpls_eos'] = bits(
            [h >> 14 & 1 and any(v & 1 for v in stack)
             for h, stack in zip(self.have, stacks)])
        self._present['tun_proto'] = bits(
            [h >> 31 & 1 or h >> 32 & 1 for h in self.have])
        c['count'] = range(1, self.n + 1)
        c['ttl_equal'] = [int(a == b)
                          for a, b in zip(r['min_ttl'], r['max_ttl'])]
        c['out_acl0'] = [swap32(v) for v in r['out_acl[0]']]
        for name in 'user', 'label', 'pf_ifname':
            c[name] = [v.split(b'\0')[0] for v in r[name]]
        for i in range(3):
            c[f'in_acl{i}'] = [swap32(v) for v in r[f'in_acl[{i}]']]
        # A flow has one family of an address.
        for name, (four, six) in PAIR.items():
            c[name] = [(4, a & 0xffffffff) if h >> four & 1 else
                       (6, a) if h >> six & 1 else (0, 0)
                       for a, h in zip(r[name], self.have)]

    def present(self, column):
        """Flows that have what the column tells."""
        e = column if column in self._present else ELEM[column]
        if e not in self._present:
            self._present[e] = self.all if e == 0 else \
                bits([h >> e & 1 for h in self.have])
        return self._present[e]

    def where(self, column, test):
        return bits([test(v) for v in self.columns[column]])

    def distinct(self, column):
        """Values that flows have there, some hundreds at most."""
        values = set()
        e = ELEM.get(column, 0)
        for v, h in zip(self.columns[column], self.have):
            if e == 0 or h >> e & 1:
                values.add(v)
        return sorted(values)[:: max(1, len(values) // 400)]


class Term:
    """One term: its text, and what it compares.

    columns: any of them has to match, with `both` all of them.
    test: of the value; name: the phrase, for faults.
    """

    def __init__(self, name, text, columns, test, both=False, implied=None,
                 values=(), op='='):
        self.name, self.text, self.columns = name, text, columns
        self.test, self.both, self.implied = test, both, implied
        self.values, self.op = values, op

    def __str__(self):
        return self.text


IMPLIED = {'tcp': (6,), 'icmp': (1, 58)}
WIDTH = {4: 32, 6: 128}


def inside(net, a):
    """Is the address in the network (family, address, length)?"""
    family, v, length = net
    shift = WIDTH[family] - length
    return a[0] == family and a[1] >> shift == v >> shift


def mapped(net):
    """nfdump's IPv4 is ::a.b.c.d, but a mask covers 64 bits only."""
    family, v, length = net
    return 6, v, length + 96 if family == 4 else length


def overlap(a, b):
    length = min(a[2], b[2])
    return a[0] == b[0] and a[1] >> WIDTH[a[0]] - length == \
        b[1] >> WIDTH[b[0]] - length


def address_test(term, fault):
    """The test of an address against the term's networks."""
    nets = [n if len(n) == 3 else (*n, WIDTH[n[0]]) for n in term.values]
    if term.op == 'mask' and fault('dotted-mask'):
        low = (1 << 32) - 1
        mask = low >> (32 - nets[0][2]) << (32 - nets[0][2])
        return lambda a: a[1] & mask == nets[0][1] & mask
    if fault('net-0'):
        nets = [(6, v, 64) if f == 6 and n == 0 else (f, v, n)
                for f, v, n in nets]
    if fault('family'):
        nets = [mapped(n) for n in nets]
    if fault('list-overlap'):
        kept = []
        for n in nets:
            if not any(overlap(n, k) for k in kept):
                kept.append(n)
        nets = kept
    if fault('family'):
        return lambda a: any(inside(n, (6, a[1])) for n in nets)
    return lambda a: any(inside(n, a) for n in nets)


def event_column(t):
    """The one event that nfdump keeps of a firewall's and of NAT's."""
    c = t.columns
    if 'event' not in c:
        c['event'] = [
            n if h >> 25 & 1 else f if h >> 19 & 1 else 0
            for n, f, h in zip(c['nat_event'], c['fw_event'], t.have)]
    return c['event']


def masked(t, term, column, test, fault):
    """The test where nfdump does not see all of the value."""
    if fault('odd-labels') and column.startswith('mpls_label') and \
            int(column[10:]) % 2:
        op, v = OPS[term.op], term.values[0] & 0xfff
        return lambda x: op(x & 0xfff, v)
    if fault('denial-words') and term.implied == 'denied':
        return lambda x: x == 0
    if fault('vlan-16-bits') and column.endswith('_vlan'):
        return lambda x: test(x & 0xffff)
    if fault('layout-1-version') and column == 'nfversion' and t.layout == 1:
        return lambda x: test(0)
    return test


def column_flows(t, term, column, test, fault):
    """Flows whose value in the column passes the test."""
    if column in ('fw_event', 'nat_event') and fault('one-event'):
        return bits([test(v) for v in event_column(t)]) & (
            t.all if fault('missing-is-zero') else
            t.present('fw_event') | t.present('nat_event'))
    hits = t.where(column, test)
    if term.name == 'family' and fault('missing-is-zero'):
        has6 = t.where(column, lambda a: a[0] == 6)
        return has6 if test((6, 0)) else t.all & ~has6
    if column in PAIR:
        return hits
    if column == 'mpls_eos' and fault('eos-without-labels'):
        hits &= t.present(column)
        return hits | (t.all & ~t.present(column) if test(1 << 64) else 0)
    return hits if fault('missing-is-zero') else hits & t.present(column)


def term_flows(t, term, fault, negated):
    """The flows that the term matches; fault(name) asks for one."""
    if term.name == 'any':
        return t.all
    if term.name == 'ident':
        return t.all if term.values[0] == t.ident else 0
    test = term.test
    if term.op == 'letters' and negated:  # below a not: any of them
        want = term.values[0]
        test = lambda x: x & want != 0
    elif test is None:
        test = address_test(term, fault)
    columns = term.columns
    if term.name == 'duration' and fault('time-backwards'):
        columns = ['wrapped_duration']
    if term.name == 'payload' and fault('in-payload-only'):
        columns = ['in_payload']
    if term.name == 'mpls any' and fault('mpls-any-is-bottom'):
        columns = ['mpls_eos']
    got = [column_flows(t, term, c, masked(t, term, c, test, fault), fault)
           for c in columns]
    hits = functools.reduce(
        (lambda a, b: a & b) if term.both else (lambda a, b: a | b), got)
    if term.implied == 'denied':
        return hits & column_flows(t, term, 'fw_event', lambda e: e == 3,
                                   fault)
    if term.implied:
        hits &= t.where('proto', lambda p: p in IMPLIED[term.implied])
    return hits


def flows_of(t, node, faults=frozenset(), negated=False):
    """The flows that a filter matches."""
    kind, *kids = node
    if kind == 'term':
        return term_flows(t, kids[0], faults.__contains__, negated)
    if kind == 'not':
        return t.all & ~flows_of(t, kids[1], faults, not negated)
    if kind in ('use', 'label'):
        return flows_of(t, kids[1], faults, negated)
    a, b = (flows_of(t, k, faults, negated) for k in kids[1:])
    return a & b if kind == 'and' else a | b


def counts(t, hits):
    """(flows, packets, bytes) as nfdump sums them up."""
    flows = packets = octets = 0
    r = t.raw
    for i in range(t.n):
        if hits >> i & 1:
            out = t.have[i] >> 5 & 1
            flows += 1
            packets += r['packets'][i] + (r['out_packets'][i] if out else 0)
            octets += r['bytes'][i] + (r['out_bytes'][i] if out else 0)
    return flows, packets % (1 << 64), octets % (1 << 64)


def of_addresses(term):
    return term.test is None and term.columns != []


class Fault:
    """A fault of nfdump 1.7.1, and which terms it is about."""

    def __init__(self, name, about):
        self.name, self.about = name, about


FAULTS = [
    Fault('missing-is-zero', lambda t: any(
        t.name == 'family' or c not in PAIR and ELEM[c] > 1 for c in t.columns)),
    Fault('family', of_addresses),
    Fault('net-0', lambda t: of_addresses(t) and
          any(v[0] == 6 and v[2:] == (0,) for v in t.values)),
    Fault('dotted-mask', lambda t: t.op == 'mask'),
    Fault('list-overlap', lambda t: of_addresses(t) and len(t.values) > 1),
    Fault('one-event', lambda t: t.implied == 'denied' or any(
        c in ('fw_event', 'nat_event') for c in t.columns)),
    Fault('denial-words', lambda t: t.implied == 'denied' and
          t.text.endswith(('-acl', 'access'))),
    Fault('odd-labels', lambda t: any(
        c.startswith('mpls_label') for c in t.columns)),
    Fault('mpls-any-is-bottom', lambda t: t.name == 'mpls any'),
    Fault('in-payload-only', lambda t: t.name == 'payload'),
    Fault('vlan-16-bits', lambda t: t.name == 'vlan'),
    Fault('layout-1-version', lambda t: t.name == 'nfversion'),
    Fault('time-backwards', lambda t: t.name == 'duration'),
    Fault('eos-without-labels', lambda t: t.name in ('mpls eos', 'mpls any')),
]


class Refusal:
    """What nfdump 1.7.1 does not take, and its words."""

    def __init__(self, name, answer, about):
        self.name, self.answer, self.about = name, answer, about


REFUSALS = [
    Refusal('both-in-pblock', "not expected here! at 'pblock'",
            lambda t: t.name == 'port in pblock' and t.both),
    Refusal('regex-crash', 'sgregex.c',
            lambda t: t.name == 'payload' and '|' in t.text),
    Refusal('netmask-of-xnet', 'syntax error at ',
            lambda t: t.name == 'xnet' and t.op == 'mask'),
]
