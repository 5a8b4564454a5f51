"""Random filters with what nfdump 1.7.1 does not take: terms of 1.7.5 and
later, other spellings, more names of values, lists and comparators in more
places, and named filters.  AS terms are here because 1.7.1 refuses them
without a country database.  The model alone judges.
"""
import datetime

import _filter_gen as gen
from _filter_gen import U8, U16, U32, U64
from _filter_model import OPS, Term

# phrases, columns, largest value, comparator allowed
PLAIN = [
    (['ttl'], ['min_ttl', 'max_ttl'], U8, True),
    (['min ttl'], ['min_ttl'], U8, True),
    (['max ttl'], ['max_ttl'], U8, True),
    (['ethertype'], ['ether_type'], U16, False),
    (['egress acl'], ['out_acl0'], U32, True),
    (['pf rule'], ['pf_rule'], U32, True),
    (['pf action'], ['pf_action'], U8, False),
    (['pf reason'], ['pf_reason'], U8, False),
    (['exporter id', 'exporter sysid', 'sysid'], ['exporter'], U16, True),
    (['fwdstat'], ['fwd_status'], U8, True),
    (['observation domain id'], ['obs_domain'], U32, True),
    (['observation point id'], ['obs_point'], U64, True),
    (['engine type'], ['engine_type'], U8, True),
    (['engine id'], ['engine_id'], U8, True),
    (['cnt'], ['count'], U64, True),
    (['nat pblock start'], ['block_start'], U16, True),
    (['nat pblock end'], ['block_end'], U16, True),
    (['nat pblock step'], ['block_step'], U16, True),
    (['nat pblock size'], ['block_size'], U16, True),
]
# as _filter_gen.SIDED
SIDED = [
    ('as', 'src_as', 'dst_as', U32, True, True),
    ('nat port', 'xlate_src_port', 'xlate_dst_port', U16, True, True),
    ('xlate port', 'xlate_src_port', 'xlate_dst_port', U16, True, True),
    ('xport', 'xlate_src_port', 'xlate_dst_port', U16, True, True),
]
# as _filter_gen.ADDRESS
ADDRESS = [
    ('nat ip', 'nat net', 'xlate_src', 'xlate_dst', True),
    ('xlate ip', 'xlate net', 'xlate_src', 'xlate_dst', True),
    ('tun ip', 'tun net', 'tun_src', 'tun_dst', True),
    ('next ip', 'next net', 'next_hop', None, True),
    ('bgp next ip', None, 'bgp_next', None, False),
    ('exporter host', None, 'exporter_ip', None, False),
]
# what their numbers are called; of protocols the first letters are enough
NAMED = [
    ('proto', ['proto'], {'ipv6': 41, 'HOST': 61, 'net': 63, 'MPLS': 137,
                          'xnet': 15, 't': 6, 'tc': 6, 'u': 17, 'IC': 1,
                          'icmp': 1, 'sct': 132, 'gr': 47, 'osp': 89}),
    ('tun proto', ['tun_proto'], {'tcp': 6, 'Udp': 17, 'ipv6': 41, 'u': 17}),
    ('asa event', ['fw_event'], {'delete': 2, 'denied\n': 3, 'alert': 4,
                                 'Update': 5}),
    ('asa denied', ['fw_xevent'], {'ingress': 1001, 'i-acl': 1001,
                                   'e-acl': 1002, 'access': 1003,
                                   'deny': 1003, 'nosyn': 1004}),
    ('nat event', ['nat_event'], {
        'exhaust': 3, 'add44': 4, 'DEL44': 5, 'add64': 6, 'del64': 7,
        'add44bib': 8, 'del44bib': 9, 'add64bib': 10, 'del64bib': 11,
        'pexhaust': 12, 'quotaexh': 13, 'addaddr': 14, 'deladdr': 15,
        'addpblk': 16, 'delpblk': 17, 'threshld': 18}),
    ('fwdstat', ['fwd_status'], {'term': 128, 'tforus': 131}),
    ('pf action', ['pf_action'], {
        'pass': 0, 'block': 1, 'scrub': 2, 'noscrub': 3, 'nat': 4, 'nonat': 5,
        'binat': 6, 'nobinat': 7, 'rdr': 8, 'nordr': 9, 'synblock': 10,
        'defer': 11, 'match': 12, 'divert': 13, 'rt': 14, 'afrt': 15}),
    ('pf reason', ['pf_reason'], {
        'match': 0, 'bad-offset': 1, 'fragment': 2, 'short': 3, 'memory': 5,
        'ip-option': 8, 'state-limit': 12, 'no-route': 16}),
    ('pf dir', ['pf_dir'], {'inout': 0, 'in': 1, 'Out': 2}),
]
# phrase, column, most bytes
STRINGS = [('asa user', 'user', 65), ('flowlabel', 'label', 64),
           ('pf interface', 'pf_ifname', 64)]
# how much of a time is written, and for how many milliseconds it stands
TIMES = [('%Y-%m-%dT%H', 3600000), ('%Y-%m-%dT%H:%M', 60000),
         ('%Y-%m-%dT%H:%M:%S', 1000), ('ms', 1)]
LATEST = 4102444800000  # 2100


def time_text(ms, form, unit):
    ms -= ms % unit
    t = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
    if form != 'ms':
        return ms, t.strftime(form) + 'Z'
    return ms, t.strftime('%Y-%m-%dT%H:%M:%S') + f'.{ms % 1000:03d}Z'


class Generator(gen.Generator):
    """Filters of which every third term is a new one."""

    def adjacent_as(self):
        side = self.r.choice(['prev', 'next', 'previous'])
        c = 'prev_as' if side[0] == 'p' else 'next_as'
        if self.r.randrange(3):
            return self.compared('adjacent as', f'{side} as', [c], U32, True)
        values = [self.value([c], U32) for _ in range(self.r.randrange(1, 9))]
        inner = ' '.join(self.number(v) for v in values)
        return Term('adjacent as', f'{side} as in [ {inner} ]', [c],
                    frozenset(values).__contains__, values=tuple(values),
                    op='in')

    def newer(self):
        phrases, columns, largest, compare = self.r.choice(PLAIN)
        return self.compared(phrases[0], self.r.choice(phrases), columns,
                             largest, compare)

    def word(self):
        name, columns, values = self.r.choice(NAMED)
        word = self.r.choice(list(values))
        v = values[word]
        return Term(name, f'{name} {word}', columns, lambda x: x == v,
                    values=(v,),
                    implied='denied' if name == 'asa denied' else None)

    def string(self):
        phrase, column, most = self.r.choice(STRINGS)
        seen = [v for v in self.t.distinct(column)
                if v.isalnum() and v.isascii()] or [b'nobody']
        v = self.r.choice(seen)
        if self.r.randrange(5) == 0:
            v = self.r.choice([v[:-1] or b'x', v + b'1', v.swapcase()])
        v = v[:most]
        quote = self.r.choice(["'", '"'])
        return Term(phrase, f'{phrase} {quote}{v.decode()}{quote}\n',
                    [column], lambda x: x == v, values=(v,))

    def seen_at(self):
        phrase, column = self.r.choice([('first seen', 'first'),
                                        ('last seen', 'last')])
        form, unit = self.r.choice(TIMES)
        ms = self.value([column], U64)
        ms, text = time_text(ms % LATEST, form, unit)
        op, sign = self.op()
        f = OPS[op]
        test = (lambda x: ms <= x < ms + unit) if op == '=' else \
            (lambda x: f(x, ms))
        return Term(phrase, f'{phrase} {sign}{text}', [column], test,
                    values=(ms,), op=op)

    def exact_flags(self):
        letters = ''.join(self.r.sample('FSRPAUEC', self.r.randint(1, 8)))
        want = sum(1 << 'FSRPAUEC'.index(c) for c in letters)
        if self.r.randrange(2):
            return Term('flags', f'flags ={letters}', ['tcp_flags'],
                        lambda x: x == want, implied='tcp', values=(want,))
        return Term('flags', f'flags {letters}', ['tcp_flags'],
                    lambda x: x & want == want, implied='tcp',
                    values=(want,), op='letters')

    def spelt(self):
        """The same terms in other words."""
        r = self.r
        what = r.randrange(3)
        if what == 0:
            return Term('ttl equal', 'ttl equal', ['ttl_equal'], bool)
        if what == 1:
            word, columns, both = self.side('src_in_block', 'dst_in_block')
            return Term('port in pblock', f'{word}port in nat pblock',
                        columns, bool, both=both)
        name = r.choice(['type', 'code'])
        return self.compared(f'icmp_{name}', f'icmp {name}',
                             [f'icmp_{name}'], U8, True, implied='icmp')

    def term(self):
        if self.r.randrange(3):
            return super().term()
        kinds = [self.adjacent_as, self.newer, self.newer, self.word,
                 self.word, self.string, self.seen_at, self.exact_flags,
                 self.spelt, lambda: self.sided(self.r.choice(SIDED)),
                 lambda: self.sided(SIDED[0]),
                 lambda: self.host(self.r.choice(ADDRESS))]
        return 'term', self.r.choice(kinds)()

    def tree(self, depth):
        """Now and then a filter has a name, and is used once or twice."""
        if depth < 2 or self.r.randrange(6):
            return super().tree(depth)
        name = f'f{self.r.randrange(10 ** 9)}'
        named = 'use', name, super().tree(depth - 2)
        if self.r.randrange(2):
            return named
        return 'and', ' and ', named, \
            ('or', ' or ', super().tree(depth - 2), named)
