"""Random filters over nfdump 1.7.1's grammar, as trees:

    ('term', Term)   ('not', word, a)   ('and', sign, a, b)   ('or', sign, a, b)
    ('use', name, a): a named filter   ('label', name, a)

What 1.7.1 does not know, or not without a country database, is in _filter_new.
"""
import ipaddress
import re

from _filter_model import OPS, PAIR, Term

EITHER = {'': 'sd', 'src ': 's', 'dst ': 'd', 'src or dst ': 'sd',
          'dst or src ': 'sd', 'src and dst ': 'SD', 'dst and src ': 'SD'}
SIGNS = {'=': ['', '= ', '== ', 'eq ', '=', 'EQ '], '>': ['> ', 'gt ', '>'],
         '<': ['< ', 'lt ', '<'], '>=': ['>= ', 'ge '],
         '<=': ['<= ', 'le ', 'LE ']}
U8, U16, U32, U64 = (1 << 8) - 1, (1 << 16) - 1, (1 << 32) - 1, (1 << 64) - 1

# phrase, columns, largest value, comparator allowed
PLAIN = [
    (['packets', 'in packets'], ['packets'], U64, True),
    (['bytes', 'in bytes'], ['bytes'], U64, True),
    (['out packets'], ['out_packets'], U64, True),
    (['out bytes'], ['out_bytes'], U64, True),
    (['flows'], ['flows'], U64, True),
    (['duration'], ['duration'], U64, True),
    (['pps'], ['pps'], U64, True), (['bps'], ['bps'], U64, True),
    (['bpp'], ['bpp'], U64, True),
    (['if'], ['in_if', 'out_if'], U32, False),
    (['in if'], ['in_if'], U32, False),
    (['out if'], ['out_if'], U32, False),
    (['mpls eos'], ['mpls_eos'], (1 << 20) - 1, True),
    (['mpls any'], [f'mpls_label{i}' for i in range(1, 11)], (1 << 20) - 1,
     False),
    (['engine-type'], ['engine_type'], U8, True),
    (['engine-id'], ['engine_id'], U8, True),
    (['sysid'], ['exporter'], U8, False),
    (['nfversion'], ['nfversion'], 10, True),
    (['client latency'], ['client_usec'], U64, True),
    (['server latency'], ['server_usec'], U64, True),
    (['app latency'], ['app_usec'], U64, True),
    (['observation domain id'], ['obs_domain'], U32, False),
    (['observation point id'], ['obs_point'], U64, False),
    (['ingress vrf'], ['ingress_vrf'], U32, True),
    (['egress vrf'], ['egress_vrf'], U32, True),
    (['asa event'], ['fw_event'], U8, True),
    (['asa xevent'], ['fw_xevent'], U16, True),
    (['ingress acl'], ['in_acl0'], U32, True),
    (['ingress ace'], ['in_acl1'], U32, True),
    (['ingress xace'], ['in_acl2'], U32, True),
    (['nat event'], ['nat_event'], U8, True),
    (['pblock start'], ['block_start'], U16, True),
    (['pblock end'], ['block_end'], U16, True),
    (['pblock step'], ['block_step'], U16, True),
    (['pblock size'], ['block_size'], U16, True),
    (['fwdstat'], ['fwd_status'], U8, False),
    (['flowdir', 'dir'], ['dir'], 2, False),
    (['tun proto'], ['tun_proto'], U8, False),
    (['count'], ['count'], U64, True),
] + [([f'mpls label{i}'], [f'mpls_label{i}'], (1 << 20) - 1, True)
     for i in range(1, 11)] \
  + [([f'mpls exp{i}'], [f'mpls_exp{i}'], 7, True) for i in range(1, 11)]

# phrase, source column, destination column, largest, comparator, list
SIDED = [
    ('port', 'src_port', 'dst_port', U16, True, True),
    ('vlan', 'src_vlan', 'dst_vlan', U16, False, False),
    ('mask', 'src_mask', 'dst_mask', U8, False, False),
    ('xport', 'xlate_src_port', 'xlate_dst_port', U16, True, False),
    ('nport', 'xlate_src_port', 'xlate_dst_port', U16, True, False),
]
# phrase of the address, phrase of the network, columns, sides?, list?
ADDRESS = [
    ('ip', 'net', 'src', 'dst', True), ('host', 'net', 'src', 'dst', True),
    ('xip', 'xnet', 'xlate_src', 'xlate_dst', True),
    ('nip', 'xnet', 'xlate_src', 'xlate_dst', True),
    ('tunip', None, 'tun_src', 'tun_dst', False),
    ('next ip', None, 'next_hop', None, False),
    ('bgpnext ip', None, 'bgp_next', None, False),
    ('router ip', None, 'exporter_ip', None, False),
    ('next ip', None, 'next_hop', None, True),
    ('next host', None, 'next_hop', None, True),
    ('bgpnext host', None, 'bgp_next', None, False),
    ('router host', None, 'exporter_ip', None, False),
]
MAC = {'': ['in_src_mac', 'in_dst_mac', 'out_src_mac', 'out_dst_mac'],
       'in ': ['in_src_mac', 'in_dst_mac'],
       'out ': ['out_src_mac', 'out_dst_mac'],
       'src ': ['in_src_mac', 'out_src_mac'],
       'dst ': ['in_dst_mac', 'out_dst_mac'],
       'in src ': ['in_src_mac'], 'in dst ': ['in_dst_mac'],
       'out src ': ['out_src_mac'], 'out dst ': ['out_dst_mac']}
PROTOS = {'tcp': 6, 'UDP': 17, 'icmp': 1, 'Icmp6': 58, 'gre': 47, 'SCTP': 132,
          'esp': 50, 'ipip': 4, '0': 0, '255': 255, '6': 6, '0x11': 17,
          'igmp': 2, 'GGP': 3, 'st': 5, 'EGP': 8, 'igp': 9, 'pup': 12,
          'Chaos': 16, 'mux': 18, 'hmp': 20, 'Trnk1': 23, 'dccp': 33,
          'Rte6': 43, 'Frag6': 44, 'rsvp': 46, 'ah': 51, 'SWIPE': 53,
          'narp': 54, 'NOHE6': 59, 'opts6': 60, 'EIGRP': 88, 'ospf': 89,
          'AX.25': 93, 'OS': 94, 'EthIP': 97, 'pim': 103, 'IPcmp': 108,
          'vrrp': 112, 'L2TP': 115, 'stp': 118, 'ISIS4': 124, 'UDP-L': 136}
NAMED = [
    ('asa event', 'fw_event', {'ignore': 0, 'create': 1, 'delete': 2,
                               'term': 2, 'deny': 3}),
    ('asa event denied', 'fw_xevent', {
        'ingress': 1001, 'i-acl': 1001, 'egress': 1002, 'e-acl': 1002,
        'interface': 1003, 'access': 1003, 'nosyn': 1004}),
    ('nat event', 'nat_event', {'invalid': 0, 'add': 1, 'create': 1,
                                'delete': 2}),
    ('fwdstat', 'fwd_status', {
        'ukwn': 0, 'forw': 1, 'frag': 2, 'drop': 16, 'dacld': 17, 'Daclp': 18,
        'noroute': 19, 'dadj': 20, 'dfrag': 21, 'dbadh': 22, 'dbadtlen': 23,
        'dbadhlen': 24, 'dbadttl': 25, 'dpolicy': 26, 'dwred': 27, 'drpf': 28,
        'dforus': 29, 'dbadof': 30, 'dhw': 31, 'tadj': 129, 'tincadj': 130,
        'tforus': 131}),
    ('flowdir', 'dir', {'ingress': 0, 'egress': 1}),
    ('dir', 'dir', {'ingress': 0, 'egress': 1}),
]


def text_of(a):
    family, v = a
    return str(ipaddress.IPv4Address(v) if family == 4
               else ipaddress.IPv6Address(v))


class Generator:
    """Filters whose values occur in the table; as: also AS terms."""

    def __init__(self, rnd, table):
        self.r, self.t = rnd, table
        self.seen = {}

    # ---- values ---------------------------------------------------------

    def value(self, columns, largest):
        r, c = self.r, self.r.choice(columns)
        if c not in self.seen:
            self.seen[c] = self.t.distinct(c) or [0]
        what = r.randrange(12)
        if what == 0:
            v = r.choice([0, 1, largest, largest - 1, largest // 2,
                          largest // 2 + 1])
        elif what == 1:
            v = r.randrange(largest + 1)
        else:
            v = r.choice(self.seen[c]) + r.choice([0, 0, 0, 1, -1])
        return v if 0 <= v <= largest else v % (largest + 1)

    def number(self, v):
        what = self.r.randrange(12)
        for unit, size in ('t', 10 ** 12), ('G', 10 ** 9), ('m', 10 ** 6), \
                ('k', 1000):
            if what < 6 and v and v % size == 0:
                return f'{v // size}{unit}'
        return f'0x{v:x}' if what == 11 else str(v)

    def address(self, columns):
        c = self.r.choice(columns)
        if c not in self.seen:
            self.seen[c] = [a for a in self.t.distinct(c) if a[0]] or \
                [(4, 0x0a000001), (6, 1)]
        family, v = self.r.choice(self.seen[c])
        if self.r.randrange(8) == 0:
            width = 32 if family == 4 else 128
            v = self.r.choice([v ^ 1, (v + 1) % (1 << width),
                               v ^ 1 << self.r.randrange(width)])
        return family, v

    def network(self, columns):
        family, v = self.address(columns)
        width = 32 if family == 4 else 128
        some = [0, 1, 7, 8, 9, 15, 16, 23, 24, 25, 30, 31, 32]
        if family == 6:
            some += [33, 48, 56, 63, 64, 65, 95, 96, 97, 120, 127, 128]
        length = self.r.choice(some) if self.r.randrange(3) else \
            self.r.randrange(width + 1)
        return family, v, length

    def op(self, compared=True):
        op = self.r.choice(list(OPS)) if compared else '='
        return op, self.r.choice(SIGNS[op]) if compared else ''

    def side(self, s, d):
        word = self.r.choice(list(EITHER) + ['', 'src ', 'dst '])
        which = EITHER[word]
        columns = [c for w, c in (('s', s), ('d', d)) if w in which.lower()]
        return word, columns, which == 'SD'

    # ---- terms ----------------------------------------------------------

    def compared(self, name, prefix, columns, largest, compare, **more):
        v = self.value(columns, largest)
        op, sign = self.op(compare)
        f = OPS[op]
        return Term(name, f'{prefix} {sign}{self.number(v)}', columns,
                    lambda x: f(x, v), values=(v,), op=op, **more)

    def plain(self):
        phrases, columns, largest, compare = self.r.choice(PLAIN)
        phrase = self.r.choice(phrases)
        return self.compared(phrases[0], phrase, columns, largest, compare)

    def common(self):
        """Plain terms that people write."""
        phrases, columns, largest, compare = self.r.choice(PLAIN[:12])
        phrase = self.r.choice(phrases)
        return self.compared(phrases[0], phrase, columns, largest, compare)

    def sided(self, row=None):
        name, s, d, largest, compare, lists = row or self.r.choice(SIDED)
        word, columns, both = self.side(s, d)
        if not lists or self.r.randrange(3):
            return self.compared(name, word + name, columns, largest, compare,
                                 both=both)
        n = self.r.choice([1, 2, 3, 5, 20, 60])
        values = [self.value([s, d], largest) for _ in range(n)]
        comma = self.r.choice([' ', ', ', ','])
        inner = comma.join(self.number(v) for v in values)
        return Term(name, f'{word}{name} in [ {inner} ]', columns,
                    frozenset(values).__contains__, both=both,
                    values=tuple(values), op='in')

    def tos(self):
        word = self.r.choice(['', 'src ', 'dst '])
        columns = ['dst_tos' if word == 'dst ' else 'src_tos']
        return self.compared('tos', word + 'tos', columns, U8, True)

    def host(self, row=None):
        name, net, s, d, lists = row or self.r.choice(ADDRESS[:2] * 4 +
                                                      ADDRESS)
        word, columns, both = self.side(s, d) if d else ('', [s], False)
        pool = [s, d] if d else [s]
        what = self.r.randrange(6)
        if what < 2 and net:
            return self.net(net, word, columns, both, pool)
        if what == 2 and lists:
            return self.addresses(name, word, columns, both, pool)
        a = self.address(pool)
        return Term(name, f'{word}{name} {text_of(a)}', columns,
                    None, both=both, values=(a,))

    def addresses(self, name, word, columns, both, pool):
        n = self.r.choice([1, 2, 3, 5, 20])
        items = []
        for _ in range(n):
            if self.r.randrange(3):
                a = self.address(pool)
                items.append((*a, 32 if a[0] == 4 else 128))
            else:
                items.append(self.network(pool))
        texts = [text_of(i[:2]) + ('' if i[2] in (32, 128) and
                                   i[2] == (32 if i[0] == 4 else 128)
                                   else f'/{i[2]}') for i in items]
        return Term(name, f'{word}{name} in [ {" ".join(texts)} ]', columns,
                    None, both=both, values=tuple(items), op='in')

    def net(self, name, word, columns, both, pool):
        n = self.network(pool)
        text, op = text_of(n[:2]), '='
        if n[0] == 4 and self.r.randrange(5) == 0 and n[2] > 0:
            mask = (0xffffffff << 32 - n[2]) & 0xffffffff
            text, op = text + f' {ipaddress.IPv4Address(mask)}', 'mask'
        else:
            short = text.split('.')
            while n[0] == 4 and len(short) > 2 and short[-1] == '0' and \
                    self.r.randrange(2):
                if n[2] > 8 * (len(short) - 1):
                    break  # nfdump wants all that the length covers
                short.pop()
            text = '.'.join(short) + f'/{n[2]}'
        return Term(name, f'{word}{name} {text}', columns,
                    None, both=both, values=(n,), op=op)

    def flags(self):
        r = self.r
        if r.randrange(3) == 0:
            return self.compared('flags', 'flags', ['tcp_flags'], 63, True,
                                 implied='tcp')
        letters = ''.join(r.sample('FSRPAU', r.randint(1, 6)))
        if r.randrange(10) == 0:
            letters = 'X'
        want = 63 if letters == 'X' else \
            sum(1 << 'FSRPAU'.index(c) for c in letters)
        return Term('flags', f'flags {letters}', ['tcp_flags'],
                    lambda x: x & want == want, implied='tcp',
                    values=(want,), op='letters')

    def named(self):
        name, column, values = self.r.choice(NAMED)
        word = self.r.choice(list(values))
        v = values[word]
        return Term(name, f'{name} {word}', [column], lambda x: x == v,
                    values=(v,),
                    implied='denied' if 'denied' in name else None)

    def proto(self):
        word = self.r.choice(list(PROTOS))
        v = PROTOS[word]
        return Term('proto', f'proto {word}', ['proto'], lambda x: x == v,
                    values=(v,))

    def icmp(self):
        name = self.r.choice(['icmp_type', 'icmp_code'])
        v = self.value([name], U8)
        return Term(name, f'{name.replace("_", "-")} {self.number(v)}',
                    [name], lambda x: x == v, implied='icmp', values=(v,))

    def mac(self):
        word = self.r.choice(list(MAC))
        v = self.value(MAC[word], (1 << 48) - 1) or 1
        text = ':'.join(f'{v >> s & 255:x}' for s in range(40, -1, -8))
        return Term('mac', f'{word}mac {text}', MAC[word], lambda x: x == v,
                    values=(v,))

    def other(self):
        r = self.r
        what = r.randrange(5)
        if what == 0:
            return Term('any', 'any', [], bool)
        if what == 1:
            four = r.randrange(2)
            text = r.choice([['ipv6', 'inet6'], ['ipv4', 'inet']][four])
            family = 4 if four else 6
            return Term('family', text, ['src'], lambda a: a[0] == family)
        if what == 2:
            v = r.choice([self.t.ident or 'none', 'other', 'none'])
            return Term('ident', f'ident {v}', [], bool, values=(v,))
        word, columns, both = self.side('src_in_block', 'dst_in_block')
        return Term('port in pblock', f'{word}port in pblock', columns,
                    bool, both=both)

    def payload(self):
        """What is in either payload, as text or as a regular expression.

        Each ends its line: for nfdump a string goes on to the line's last
        quote.
        """
        r = self.r
        if r.randrange(2):
            s = r.choice(['GET', 'get', 'HTTP/1.', 'a', 'aaa', 'line', '.-_',
                          'Host: example', 'POST /x', 'absent', ' '])
            quote = r.choice('\'"')
            return Term('payload', f'payload content {quote}{s}{quote}\n',
                        ['in_payload', 'out_payload'],
                        lambda b: s.encode() in b)
        s = r.choice(['GET|POST', '^GET', 'a+b', '[0-9]{3,5}', 'l.ne', 'T$',
                      '(aa)+b', 'H?TTP', 'Host: [a-z]+\\.org', '^a$'])
        flags = r.choice(['', '', ' i'])
        compiled = re.compile(s.encode(), re.I if flags else 0)
        return Term('payload', f"payload regex '{s}'{flags}\n",
                    ['in_payload', 'out_payload'],
                    lambda b: compiled.search(b) is not None)

    def term(self):
        kinds = [self.plain, self.common, self.sided, self.host, self.host,
                 self.proto, self.flags, self.tos, self.named, self.icmp,
                 self.mac, self.other, self.payload,
                 lambda: self.sided(SIDED[0]), lambda: self.host(ADDRESS[0])]
        return 'term', self.r.choice(kinds)()

    # ---- trees ----------------------------------------------------------

    def tree(self, depth):
        r = self.r
        what = 0 if depth == 0 else r.randrange(7)
        if what == 0:
            return self.term()
        if what == 1:
            return 'not', r.choice(['not ', '!', 'NOT ']), \
                self.tree(depth - 1)
        if r.randrange(30) == 0:
            return 'label', r.choice(['web', 'x1', 'Sixteen_letters_']), \
                self.tree(depth - 1)
        kind = 'and' if what < 5 else 'or'
        sign = r.choice({'and': [' and ', ' && ', ' AND ', '\nand\t'],
                         'or': [' or ', ' || ', ' # or\nor ']}[kind])
        return kind, sign, self.tree(depth - 1), self.tree(depth - 1)


LEVEL = {'term': 3, 'use': 3, 'label': 3, 'not': 2, 'and': 1, 'or': 0}


def body(node, level=0):
    """The filter's text; parentheses where they matter."""
    kind, *kids = node
    if kind == 'term':
        return str(kids[0])
    if kind == 'use':
        return f'filter {kids[0]} '
    if kind == 'label':
        return f'({body(kids[1])}) %{kids[0]} '
    if kind == 'not':
        s = kids[0] + body(kids[1], 2)
    else:
        # left associative: the right operand of the same kind needs them
        s = body(kids[1], LEVEL[kind]) + kids[0] + \
            body(kids[2], LEVEL[kind] + 1)
    return f'({s})' if LEVEL[kind] < level else s


def definitions(node):
    """Those of named filters, the inner ones first."""
    kind, *kids = node
    if kind == 'term':
        return ''
    inner = ''.join(definitions(k) for k in kids[1:])
    if kind != 'use':
        return inner
    return f'{inner}@define {kids[0]} ({body(kids[1])})\n'


def text(node):
    return definitions(node) + body(node)


def terms(node):
    kind, *kids = node
    if kind == 'term':
        return [kids[0]]
    return [t for k in kids[1:] for t in terms(k)]


def smaller(node):
    """Trees with one node less."""
    kind, *kids = node
    if kind == 'term':
        return
    yield from kids[1:]
    for i, k in enumerate(kids[1:], 1):
        for s in smaller(k):
            new = list(kids)
            new[i] = s
            yield (kind, *new)
    if kind in ('and', 'or'):
        for i, k in enumerate(kids[1:], 1):
            new = list(kids)
            new[i] = ('not', 'not ', k)
