"""Command lines that nfsen-query must answer as Debian's nfdump does.

  _query_diff.py QUERY FOLDER     FOLDER: flow files s1/, s2/, all.nf

Compared are the exit status and the output, byte for byte apart from the
line of times (Sys:).  Where nfdump's order is that of its hash table or of
equal values, rows are compared as a set (ROWS) or by the column that they
are ordered by (KEY).
"""
import collections
import pathlib
import re
import subprocess
import sys

EXACT, ROWS, KEY = 'exact', 'rows', 'key'
FORMATS = ['line', 'long', 'extended', 'line6', 'long6', 'extended6',
           'biline', 'bilong', 'csv', 'pipe', 'null']
CSV_COLUMN = {'flows': 'fl', 'packets': 'pkt', 'bytes': 'byt', 'pps': 'pps',
              'bps': 'bps', 'bpp': 'bpp'}


def matrix(d):
    """(how, arguments) of every command line."""
    one, tree = f'{d}/s1/nfcapd.202611230000', f'{d}/s1'
    tcp = 'proto tcp and dst port 443 and bytes > 500'
    for o in FORMATS:
        yield EXACT, ['-R', tree, '-o', o]
        yield EXACT, ['-r', one, '-o', o, '-q']
        yield EXACT, ['-r', one, '-o', o, '-N']
        yield EXACT, ['-r', one, '-o', o, '-6', '-c', '100']
        yield EXACT, ['-R', tree, '-o', o, tcp]
        yield EXACT, ['-r', one, '-o', o, 'proto 99']
        if o not in ('csv', 'pipe'):
            yield EXACT, ['-r', f'{d}/all.nf', '-o', o]
        yield ROWS, ['-R', tree, '-o', o, '-a']
        yield ROWS, ['-R', tree, '-o', o, '-a', tcp]
    yield EXACT, ['-R', tree, '-I']
    yield EXACT, ['-R', tree, '-o', 'line', '-c', '3000']
    yield EXACT, ['-r', one, '-T', '-o', 'line']
    for files in (['-M', f'{d}/s1:s2', '-r', 'nfcapd.202611230005'],
                  ['-M', f'{d}/s1:s2', '-R', '.'],
                  ['-M', f'{d}/s1:s2', '-R',
                   'nfcapd.202611230005:nfcapd.202611230010'],
                  ['-R', f'{tree}/nfcapd.202611230005'],
                  ['-R', f'{tree}/nfcapd.202611230005:nfcapd.202611230010'],
                  ['-r', tree]):
        yield EXACT, files + ['-o', 'line']
        yield EXACT, files + ['-I']
        yield ROWS, files + ['-s', 'ip/bytes', '-n', '0']
    for t in ('2026/11/23', '2026/11/23.00:10:05',
              '2026/11/23.00:06-2026/11/23.00:08',
              '2026/11/23.00:00:00-2026/11/23.00:05:00'):
        yield EXACT, ['-R', tree, '-t', t, '-o', 'long']
        yield ROWS, ['-R', tree, '-t', t, '-s', 'dstport', '-n', '0']
    for stat in ('srcip', 'dstport:p/bytes', 'proto/packets'):
        for bounds in (['-l', '20'], ['-l', '+20'], ['-L', '-1k'],
                       ['-l', '-4', '-L', '1k', '-q'],
                       ['-L', '1.9M', '-o', 'csv'], ['-l', '9G']):
            yield ROWS, ['-R', tree, '-n', '0', '-s', stat] + bounds
    yield from stats(tree, one)
    yield from aggregations(tree)
    for o in ('packets', 'bytes', 'tstart', 'tend', 'duration'):
        yield ROWS, ['-r', one, '-O', o, '-o', 'line']
        yield ROWS, ['-r', one, '-O', o, '-a', '-o', 'extended']
    yield from tokens(one, f'{d}/all.nf')
    yield from rich(f'{d}/rich.nf', one)
    yield from two_ways(f'{d}/two.nf', tree)
    for bad in (['-s', 'foo'], ['-s', 'ip/foo'], ['-O', 'foo'],
                ['-A', 'foo'], ['-A', 'proto,proto'], ['-A', 'srcip4'],
                ['-A', 'srcip4/33'], ['-A', 'srcip/16'], ['-c', '0'],
                ['-o', 'foo'], ['-t', 'foo'], ['foo bar']):
        yield EXACT, ['-R', tree] + bad


def stats(tree, one):
    for s in ('ip', 'srcip', 'dstip', 'port', 'srcport', 'dstport', 'proto',
              'tos', 'srctos', 'dsttos', 'dir', 'srcas', 'dstas', 'as',
              'prevas', 'nextas', 'inif', 'outif', 'if', 'srcmask', 'dstmask',
              'mask', 'srcvlan', 'dstvlan', 'vlan', 'insrcmac', 'outdstmac',
              'indstmac', 'outsrcmac', 'srcmac', 'dstmac', 'nhip', 'nhbip',
              'router', 'mpls1', 'cl', 'xsrcip', 'xdstport', 'odid', 'opid',
              'ivrf', 'evrf'):
        yield ROWS, ['-R', tree, '-s', s, '-n', '0']
        yield ROWS, ['-r', one, '-s', f'{s}:p/bytes', '-n', '0', '-N']
        yield KEY, ['-R', tree, '-s', f'{s}/packets', '-n', '7',
                    '-o', 'csv']
    for o in CSV_COLUMN:
        yield KEY, ['-R', tree, '-s', f'ip/{o}', '-n', '20', '-o', 'csv']
    for o in ('ipkg', 'opkg', 'ibyte', 'obyte', 'ipps', 'obps', 'ibpp'):
        yield ROWS, ['-R', tree, '-s', f'dstip/{o}', '-n', '0']
        yield ROWS, ['-R', tree, '-s', f'dstip/{o}', '-n', '0', '-o', 'csv']
    yield ROWS, ['-R', tree, '-s', 'srcip/packets/bytes', '-s', 'dstport:p',
                 '-s', 'record/bytes', '-n', '0', '-o', 'extended']
    for o in ('line', 'long', 'extended', 'csv', 'pipe'):
        yield ROWS, ['-R', tree, '-s', 'record/bytes', '-n', '0', '-o', o]
        yield ROWS, ['-R', tree, '-s', 'record/packets/bytes', '-n', '0',
                     '-q', '-o', o]
    yield ROWS, ['-r', one, '-s', 'ip', 'proto 99']
    yield ROWS, ['-r', one, '-s', 'record', '-o', 'line', 'proto 99']
    yield ROWS, ['-r', one, '-s', 'ip', '-n', '0', '-q']
    yield ROWS, ['-r', one, '-s', 'ip', '-n', '0', '-o', 'pipe',
                 'ipv4']


def aggregations(tree):
    for a in ('proto', 'srcip', 'dstip,dstport', 'proto,srcas', 'srcport',
              'tos,inif,outif', 'srctos,dsttos', 'srcmask,dstmask', 'next',
              'bgpnext', 'router', 'srcvlan,dstvlan', 'nextas,prevas',
              'insrcmac,outdstmac', 'xsrcip,xsrcport', 'dstas'):
        yield ROWS, ['-R', tree, '-A', a]
    # nfdump prints 0.0 for types and codes of ICMP here.
    yield ROWS, ['-R', tree, '-A', 'proto,srcip,dstip,srcport,dstport',
                 'not proto icmp and not proto icmp6']
    for a in ('srcip4/24', 'srcip4/24,dstport', 'dstip4/8,srcip4/16,proto'):
        yield ROWS, ['-R', tree, '-A', a, 'ipv4']
        yield ROWS, ['-R', tree, '-A', a, '-s', 'record/bytes', '-n', '0',
                     'ipv4']
    yield ROWS, ['-R', tree, '-A', 'srcip6/48,proto', 'ipv6']
    yield ROWS, ['-R', tree, '-A', 'srcip6/64,dstip6/32', '-o', 'extended',
                 'ipv6']


def tokens(one, everything):
    names = '''exp tfs ts te tr td tds pkt ipkt opkt byt ibyt obyt sp dp it ic
    pr flg fwd tos stos dtos bps pps bpp sa da sap dap in out smk dmk dir bfd
    end fl svln dvln sas das nas pas nhb nh ra ismc odmc idmc osmc cl sl al
    xsa xda xsap xdap xsp xdp pbstart pbend pbstep pbsize odid opid ivrf evrf
    nfc mpls1 mpls2 mpls9 eng tsr'''
    for name in names.split():
        for f in (one, everything):
            yield EXACT, ['-r', f, '-c', '200', '-o',
                          f'fmt:%ts |%{name}| %{name},']
    yield EXACT, ['-r', one, '-6', '-o', 'fmt:%sa x %dap -> %ra']


RICH = '''nfv cnt eng exp tfs ts tsr te ter tr trr td tds pkt ipkt byt ibyt sp
    dp it ic pr flg fwd tos stos bps pps bpp sa da sap dap gsap gdap gsa gda in
    out smk dmk dir dtos bfd end sn dn inam onam opkt obyt fl svln dvln sas das
    nhb nh ra mpls1 mpls2 mpls9 mpls ismc odmc idmc osmc nas pas cl sl al tevt
    msec evt nfc xevt xsa xda xsap xdap nsa nda nsap ndap xsp xdp nsp ndp iacl
    eacl uname pbstart pbend pbstep pbsize nbid nbnam ipl opl odid opid vrf
    ivrf ivrfnam evrf evrfnam ja3 sni sc dc sloc dloc lbl n sgt nevt line long
    extended biline bilong gline glong nsel nel'''.split()
NAMED = ['line', 'long', 'extended', 'biline', 'bilong', 'gline', 'glong',
         'nsel', 'nel', 'raw']


def rich(file, one):
    """Flows with all that a printer shows."""
    for how in [], ['-N'], ['-6'], ['-T']:
        for name in RICH:
            yield EXACT, ['-r', file] + how + ['-o', f'fmt:%ts|%{name}|']
        for o in NAMED:
            yield EXACT, ['-r', file] + how + ['-o', o]
    for o in NAMED[:-1]:
        yield EXACT, ['-r', file, '-q', '-o', o]
        yield EXACT, ['-r', file, '-o', f'{o}6']
    for o in ('gline', 'glong', 'nsel', 'nel'):
        yield EXACT, ['-r', one, '-o', o]
    for stat in ('event', 'nevent:p', 'xevent/packets', 'iacl', 'eacl/bytes'):
        yield ROWS, ['-r', file, '-s', stat, '-n', '0']


def two_ways(file, tree):
    """Flows there and back as one."""
    for way in ['-b'], ['-B'], ['-a', '-b'], ['-B', '-q']:
        yield ROWS, ['-r', file] + way
        yield ROWS, ['-R', tree] + way
        yield ROWS, ['-r', file] + way + ['-6', 'proto tcp or proto icmp']
        yield EXACT, ['-r', file] + way + ['-A', 'proto,srcip']
        yield ROWS, ['-r', file] + way + ['-s', 'srcip/bytes', '-n', '0']
        for o in FORMATS + ['json', 'raw']:
            yield ROWS, ['-r', file] + way + ['-o', o]
        for o in 'packets', 'bytes', 'tstart', 'tend', 'duration':
            yield ROWS, ['-r', file] + way + ['-O', o, '-o', 'bilong']
        for o in ('bytes', 'ipkg', 'opkg', 'ibyte', 'obyte', 'bpp', 'ibps',
                  'opps', 'flows'):
            yield ROWS, ['-r', file] + way + ['-s', f'record/{o}', '-n', '0']


def run(program, args):
    p = subprocess.run([program] + args, capture_output=True, check=False)
    text = p.stdout.decode('latin-1')
    text = re.sub(r'^Sys: .*\n', '', text, flags=re.M)
    if '-t' in args:
        # Files outside the window are not read by nfsen-query.
        text = re.sub(r'Bytes read: \d+', 'Bytes read: N', text)
    return p.returncode, text


def keys(text, args):
    """The values of the column that the rows are ordered by."""
    order = args[args.index('-s') + 1].rpartition('/')[2]
    lines = text.split('\n')
    head = lines[0].split(',')
    column = [i for i, h in enumerate(head)
              if h.endswith(CSV_COLUMN[order])][0]
    rows = [ln.split(',')[column] for ln in lines[1:] if ln.count(',') > 8]
    return head, rows, lines[len(rows) + 1:]


class Differ:
    """The entries of query_nfdump.differ."""

    def __init__(self, path):
        self.entries = []
        self.used = set()
        for line in pathlib.Path(path).read_text().splitlines():
            if line and not line.startswith('#'):
                command, text, _reason = line.split('\t')
                self.entries.append((command, text))

    def settle(self, args, answers):
        """The answers without what is known to differ; None: not compared."""
        for entry in self.entries:
            command, text = entry
            if not re.search(command, ' '.join(args)):
                continue
            if text == 'all':
                if answers[0] != answers[1]:
                    self.used.add(entry)
                return None
            before = answers[0][1], answers[1][1]
            answers = [(rc, re.sub(text, '', out, flags=re.M))
                       for rc, out in answers]
            if (before[0] == before[1]) < (answers[0][1] == answers[1][1]) or \
                    before[0] != before[1]:
                self.used.add(entry)
        return answers

    def unused(self):
        return [e for e in self.entries if e not in self.used]


def equal(how, args, a, b):
    if a[0] != b[0]:
        return False
    if a[0] != 0:
        return True  # texts of errors are our own
    if how == ROWS:
        return (collections.Counter(a[1].split('\n')) ==
                collections.Counter(b[1].split('\n')))
    if how == KEY:
        return keys(a[1], args) == keys(b[1], args)
    return a[1] == b[1]


def main():
    query, folder = sys.argv[1:]
    total = different = 0
    differ = Differ(pathlib.Path(__file__).with_name('query_nfdump.differ'))
    for how, args in matrix(folder):
        total += 1
        answers = differ.settle(args, [run('nfdump', args), run(query, args)])
        if answers is None:
            continue
        theirs, ours = answers
        if equal(how, args, theirs, ours):
            continue
        different += 1
        print(f'{how}: {" ".join(args)}: exit {theirs[0]}, {ours[0]}')
        t, o = theirs[1].split('\n'), ours[1].split('\n')
        if how == ROWS:
            t, o = (sorted((collections.Counter(x) -
                            collections.Counter(y)).elements())
                    for x, y in ((t, o), (o, t)))
        for x, y in [(x, y) for x, y in zip(t + [''] * len(o), o) if x != y
                     ][:2]:
            print(f'  nfdump {x[:200]}\n  ours   {y[:200]}')
    for entry in differ.unused():
        different += 1
        print(f'query_nfdump.differ: not needed: {entry}')
    print(f'{total} command lines, {different} different')
    sys.exit(different != 0)


main()
