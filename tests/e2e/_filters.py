"""Random filters through nfdump and filtercount:

    _filters.py FILTERCOUNT DIFFER SEED COUNT FILE...
"""
import ipaddress
import random
import re
import subprocess
import sys

CMP = ['', '= ', '== ', 'eq ', '> ', '< ', '>= ', '<= ', 'gt ', 'lt ']


def nfdump(path, text):
    """(flows, packets, bytes), or the error."""
    r = subprocess.run(['nfdump', '-r', path, '-N', '-o', 'null', text],
                       capture_output=True, text=True, check=False)
    m = re.search(r'total bytes: (\d+), total packets: (\d+)', r.stdout)
    n = re.search(r'passed: (\d+)', r.stdout)
    if m is None or n is None:
        return (r.stdout + r.stderr).strip()
    return int(n.group(1)), int(m.group(2)), int(m.group(1))


def ours(tool, path, texts):
    r = subprocess.run([tool, path], input='\n'.join(texts) + '\n',
                       capture_output=True, text=True, check=True)
    return [line if line.startswith('error') else
            tuple(int(x) for x in line.split())
            for line in r.stdout.splitlines()]


class Source:
    """Filters whose values occur in the file."""

    def __init__(self, rnd, path):
        self.rnd = rnd
        out = subprocess.run(
            ['nfdump', '-r', path, '-q', '-6', '-N', '-c', '300', '-o',
             'fmt:%sa|%da|%sp|%dp|%pkt|%byt|%in|%out|%smk|%stos|%svln|%flg'],
            capture_output=True, text=True, check=True).stdout
        self.rows = [[c.strip() for c in line.split('|')]
                     for line in out.splitlines() if line.count('|') == 11]

    def value(self, *columns):
        return self.rnd.choice(self.rows)[self.rnd.choice(columns)]

    def number(self, *columns):
        v = self.value(*columns)
        n = int(v) if v.isdigit() else self.rnd.randrange(1, 1000)
        return max(1, n + self.rnd.choice([0, 0, 0, 1, -1]))

    def address(self):
        return self.value(0, 1)

    def network(self):
        a = self.address()
        if ':' in a:
            return f'{a}/{self.rnd.choice([16, 32, 48, 63, 64, 65, 96, 128])}'
        return f'{a}/{self.rnd.choice([1, 7, 8, 12, 16, 20, 24, 25, 31, 32])}'

    def networks(self):
        """A list of networks none of which holds another (see .differ)."""
        nets = []
        for _ in range(self.rnd.choice([1, 2, 3, 20])):
            n = ipaddress.ip_network(self.network(), strict=False)
            if not any(n.version == m.version and n.overlaps(m)
                       for m in nets):
                nets.append(n)
        return '[ ' + ' '.join(str(n) for n in nets) + ' ]'

    def side(self):
        return self.rnd.choice(['', '', 'src ', 'dst ', 'src or dst ',
                                'src and dst '])

    def list_of(self, make):
        n = self.rnd.choice([1, 2, 3, 5, 20])
        return '[ ' + ' '.join(str(make()) for _ in range(n)) + ' ]'

    def flags(self):
        return ''.join(self.rnd.sample('FSRPAU', self.rnd.randint(1, 4)))

    def term(self):
        r, c = self.rnd, self.rnd.choice(CMP)
        port = lambda: self.number(2, 3) % 65536
        return r.choice([
            lambda: 'any',
            lambda: r.choice(['ipv4', 'ipv6', 'inet', 'inet6']),
            lambda: 'proto ' + r.choice(['tcp', 'UDP', 'icmp', 'icmp6', '47',
                                         'gre', '0x11']),
            lambda: f'{self.side()}{r.choice(["ip", "host"])} '
                    f'{self.address()}',
            lambda: f'{self.side()}ip in {self.list_of(self.address)}',
            lambda: f'{self.side()}ip in {self.networks()}',
            lambda: f'{self.side()}net {self.network()}',
            lambda: f'{self.side()}port {c}{port()}',
            lambda: f'{self.side()}port in {self.list_of(port)}',
            lambda: f'{r.choice(["", "in "])}packets {c}{self.number(4)}',
            lambda: f'{r.choice(["", "in "])}bytes {c}{self.number(5)}',
            lambda: f'bytes {c}{r.randint(1, 9)}{r.choice("kKm")}',
            lambda: f'duration {c}{r.choice([1, 10, 500, 1000, 60000])}',
            lambda: f'bps {c}{r.choice(["10k", "1m", "64", "8000"])}',
            lambda: f'pps {c}{r.choice([1, 5, 10, 100])}',
            lambda: f'bpp {c}{r.choice([40, 64, 100, 1400, 1500])}',
            lambda: f'flags {self.flags()}',
            lambda: f'flags {c}{r.randrange(1, 64)}',
            lambda: f'{r.choice(["", "src "])}tos {c}{self.number(9) % 256}',
            lambda: f'{r.choice(["", "in ", "out "])}if {self.number(6, 7)}',
            lambda: f'{self.side()}mask {self.number(8) % 255 + 1}',
            lambda: f'{self.side()}vlan {self.number(10) % 65535 + 1}',
            lambda: f'icmp-type {r.choice([0, 3, 8, 11, 128, 129])}',
            lambda: f'icmp-code {r.choice([0, 1, 3])}',
            lambda: f'ident {r.choice(["up", "random", "other"])}',
            lambda: f'flows {r.choice(["", "= ", "> "])}1',
        ])()

    def filter(self, depth):
        r = self.rnd
        what = 0 if depth == 0 else r.randrange(6)
        if what == 0:
            return self.term()
        if what == 1:
            return r.choice(['not ', '!', 'not not ']) + \
                f'({self.filter(depth - 1)})'
        op = r.choice([' and ', ' or ', ' && ', ' || '])
        a, b = self.filter(depth - 1), self.filter(depth - 1)
        return r.choice([f'({a}){op}({b})', f'{a}{op}{b}'])


def compare(tool, path, texts):
    """Filters where the two differ, with what they say."""
    bad = []
    for text, mine in zip(texts, ours(tool, path, texts)):
        their = nfdump(path, text)
        if mine != their:
            bad.append((text, mine, their))
    return bad


def differences(name):
    with open(name, encoding='ascii') as f:
        return [line.split('\t')[0] for line in f
                if line.strip() and line[0] != '#']


def main():
    tool, differ, seed, count, *files = sys.argv[1:]
    failed = 0
    for path in files:
        source = Source(random.Random(f'{seed} {files.index(path)}'), path)
        texts = [source.filter(i % 4) for i in range(int(count))]
        for text, mine, their in compare(tool, path, texts):
            print(f'{text}\n  ours {mine}\n  nfdump {their}')
            failed += 1
    listed = differences(differ)
    still = {t for path in files for t, _, _ in compare(tool, path, listed)}
    for text in listed:
        if text not in still:
            print(f'{text}\n  is listed as different and is not')
            failed += 1
    print(f'{count} filters on {len(files)} files, {failed} failed')
    sys.exit(failed != 0)


main()
