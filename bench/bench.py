"""Ratios against Debian's nfdump tools; bench/run.sh says how to call it."""
import getpass
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import slots

BUILD = sys.argv[1] if len(sys.argv) > 1 else 'build'
BIN = os.path.join(BUILD, 'bin')
FULL = os.environ.get('BENCH_FULL') == '1'
ONLY = os.environ.get('BENCH', '')
RUNS = 5
BUFFER = 4 << 20  # socket buffer of both collectors, what rmem_max allows here


def ours(name):
    return os.path.join(BIN, name)


def run(argv, **kw):
    p = subprocess.run(argv, capture_output=True, text=True, **kw)
    if p.returncode != 0:
        sys.exit(f'bench: {" ".join(argv)}: exit {p.returncode}\n{p.stderr}')
    return p.stdout


def line(what, our, their, unit, note='', better_low=True):
    """One figure: name, ours, theirs, ratio (above 1: we are better)."""
    best, other = (their, our) if better_low else (our, their)
    ratio = f'{best / other:.1f}x' if other else '-'
    print(f'{what:<34} {our:>10.3f} {their:>10.3f} {unit:<10} '
          f'{ratio:>8} {note:>6}'.rstrip(), flush=True)


def alone(what, value, unit, note=''):
    """A figure without counterpart."""
    print(f'{what:<34} {value:>10.3f} {"":>10} {unit:<10} {note:>8}',
          flush=True)


def title(text):
    print(f'\n{text}\n{"":<34} {"ours":>10} {"nfdump":>10} {"":<10} '
          f'{"ratio":>8}', flush=True)


def cpu_seconds(pid):
    """What a process has run, to the nanosecond; also in threads that have
    ended since (nfcapd has one for each file)."""
    return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3)


def wait_until(test, seconds, what):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            sys.exit(f'bench: {what}')
        time.sleep(0.02)


def free_port():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 0))
    return s.getsockname()[1]


def udp_queue(port):
    """Bytes waiting at a UDP port, None when nobody has it open."""
    with open('/proc/net/udp') as f:
        for row in f:
            w = row.split()
            if w[1].endswith(f':{port:04X}'):
                return int(w[4].split(':')[1], 16)
    return None


def config(base, extra):
    text = f'''
$BASEDIR = "{base}"; $PIDDIR = "$BASEDIR/run";
$PROFILESTATDIR = "$BASEDIR/stat"; $PROFILEDATADIR = "$BASEDIR/data";
$USER = '{run(["id", "-un"]).strip()}';
$WWWUSER = '{run(["id", "-un"]).strip()}';
$WWWGROUP = '{run(["id", "-gn"]).strip()}';
$SUBDIRLAYOUT = 0; $ZIPcollected = '-z=lz4'; $ZIPprofiles = '-z=lz4';
$BINDADDR = '127.0.0.1'; {extra}
1;
'''
    for d in ('run', 'stat', 'data'):
        os.makedirs(os.path.join(base, d), exist_ok=True)
    path = os.path.join(base, 'nfsen.conf')
    with open(path, 'w') as f:
        f.write(text)
    return path


# ---- collection ---------------------------------------------------------------

class Collector:
    """Either collector: LZ4 files, a new slot every two seconds."""

    def __init__(self, which, version=9, codec='lz4'):
        self.base = tempfile.mkdtemp()
        self.port = free_port()
        if which == 'ours':
            conf = config(self.base, f'''$CYCLETIME = 2; $BUFFLEN = {BUFFER};
$ZIPcollected = '-z={codec}';
%sources = ( 'up' => {{ 'port' => '{self.port}', 'col' => '#0000ff' }} );''')
            run([ours('nfsen'), '--config', conf, 'reconfig', '-y'])
            self.files = os.path.join(self.base, 'data', 'live', 'up')
            argv = [ours('nfsen-collector'), '-c', conf]
        else:
            self.files = os.path.join(self.base, 'files')
            os.mkdir(self.files)
            argv = ['sfcapd' if version == 'sflow' else 'nfcapd',
                    '-b', '127.0.0.1', '-p', str(self.port), '-y',
                    '-w', self.files, '-t', '2', '-B', str(BUFFER)]
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_until(lambda: udp_queue(self.port) is not None, 5,
                   f'{argv[0]} does not listen')

    def drained(self):
        return udp_queue(self.port) == 0

    def drops(self):
        """Datagrams that ours lost, by where; '' for the other."""
        ctl = os.path.join(self.base, 'run', 'nfsen-collector.ctl')
        if not os.path.exists(ctl):
            return ''
        text = run(['python3', 'tests/e2e/_ctl.py', ctl, 'status'])
        n = {k: int(re.search(rf'\b{k}=(\d+)', text)[1])
             for k in ('kernel_drops', 'queue_drops', 'unwritten')}
        return ' '.join(f'{k} {v}' for k, v in n.items() if v) or 'none'

    def finish(self):
        """What it took and what is in its files."""
        wait_until(self.drained, 10, 'datagrams are stuck')
        time.sleep(0.2)  # what it has taken is still in its hands
        drops = self.drops()
        cpu = cpu_seconds(self.process.pid)
        with open(f'/proc/{self.process.pid}/status') as f:
            memory = int(re.search(r'VmHWM:\s+(\d+)', f.read()).group(1))
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        text = run(['nfdump', '-R', self.files, '-I'])
        flows = int(re.search(r'^Flows: (\d+)', text, re.M).group(1))
        names = [f for f in os.listdir(self.files)
                 if re.fullmatch(r'nfcapd\.\d+', f)]
        size = sum(os.path.getsize(os.path.join(self.files, f))
                   for f in names)
        shutil.rmtree(self.base)
        return {'flows': flows, 'cpu': cpu / flows * 1e6,
                'size': size / flows, 'files': len(names),
                'memory': memory / 1024, 'drops': drops}


def trial(which, version, rate, seconds, codec='lz4'):
    """What came of so many flows a second."""
    flows = 500000
    repeat = max(1, round(rate * seconds / flows))
    c = Collector(which, version, codec)
    sent = json.loads(run([ours('flowgen'), '--to', f'127.0.0.1:{c.port}',
                           '-v', str(version), '-n', str(flows), '-r',
                           str(int(rate)), '--prebuild', '--repeat',
                           str(repeat), '--json']))
    r = c.finish()
    total = sent['total']['any']['flows']
    r['lost'] = total - r['flows']
    r['rate'] = total / sent['seconds']
    return r


def without_loss(which, version, rate):
    """The rate that was really sent, if nothing was lost, else 0; two tries.
    Four slots: memory between the two would hide what is lost for good."""
    for _ in range(2):
        r = trial(which, version, rate, 8)
        if r['lost'] == 0:
            return r['rate']
    return 0


def loss_free(which, version):
    """The highest rate without loss on a ladder; was it the generator's?"""
    rate, best = 1000000, 0
    while best == 0 and rate > 10000:
        best = without_loss(which, version, rate)
        rate = rate * 1.25 if best else rate / 1.25
    while best > 0.9 * rate / 1.25:
        more = without_loss(which, version, rate)
        if more == 0:
            return best, False
        best, rate = more, rate * 1.25
    return best, True


def middle(runs, key):
    return statistics.median(r[key] for r in runs)


STEADY = 4  # seconds: what a start costs is little beside it


def steady(name, version):
    """Each figure at half a million flows a second; also packed by liblz4.

    In turns, so that what else the machine does hits all alike."""
    ways = {'ours': ('ours', 'lz4'), 'liblz4': ('ours', 'lz4:1'),
            'theirs': ('theirs', 'lz4')}
    got = {way: [] for way in ways}
    for _ in range(RUNS):
        for way, (which, codec) in ways.items():
            got[way].append(trial(which, version, 500000, STEADY, codec))
    for way, suffix in (('ours', ''), ('liblz4', ', liblz4')):
        for key, what, unit in (('cpu', 'CPU', 's/M flows'),
                                ('size', 'a flow in the file', 'bytes'),
                                ('memory', 'memory', 'MiB')):
            if way == 'ours' or key != 'memory':
                line(f'{name}: {what}{suffix}', middle(got[way], key),
                     middle(got['theirs'], key), unit)


def collection():
    title('collection, one exporter on loopback, LZ4, slots of 2 s, socket '
          f'buffer {BUFFER >> 20} MiB;\nCPU at 0.5 M flows/s; elements '
          'that are all zero are not in our files')
    for version, name in ((9, 'v9'), (5, 'v5'), (10, 'IPFIX'),
                          ('sflow', 'sFlow')):
        if version == 'sflow' and shutil.which('sfcapd') is None:
            print('sFlow: no sfcapd to compare with')
            continue
        steady(name, version)
        our, limit = loss_free('ours', version)
        their, _ = loss_free('theirs', version)
        line(f'{name}: rate without loss', our / 1e6, their / 1e6,
             'M flows/s', "no more can be sent here" if limit else '',
             better_low=False)
        r = trial('ours', version, 0.8 * our, 42)
        alone(f'{name}: flows lost at 0.8 of it', r['lost'], 'flows',
              f'{r["files"]} files; {r["drops"]}')


# ---- channels -----------------------------------------------------------------

def input_files(base, n, each=2000000):
    """n / 2 LZ4 files of so many flows, under base/live/up."""
    start = 1795000200
    run([ours('flowgen'), '--files', os.path.join(base, 'live'), '--source',
         'up', '-n', str(each), '--start', str(start), '--until',
         str(start + 300 * (n // 2)), '--hosts', '200000', '-q'])
    d = os.path.join(base, 'live', 'up')
    return [os.path.join(d, f) for f in sorted(os.listdir(d))]


def customer(i):
    """A customer is a list of prefixes, ours or theirs."""
    nets = [f'10.0.{(5 * i + k) % 196}.0/24' for k in range(4)]
    return ' or '.join(f'net {n}' for n in nets)


def filters(n):
    """What people put into channels: ports, nets, protocols, sizes."""
    kinds = [
        lambda i: f'proto tcp and port {[443, 80, 22, 25, 993, 8080][i % 6]}',
        customer,
        lambda i: f'proto udp and (port {53 + i} or port 443)',
        lambda i: f'packets > {i + 1} and bytes > {100 * (i + 1)}',
        lambda i: f'dst port in [ 25 110 {143 + i} 993 ] and not proto udp',
        lambda i: f'src as {1000 + i} or dst as {2000 + i}',
        lambda i: f'host 10.0.{i % 4}.{i % 256} or net 2001:db8::/32',
        lambda i: f'proto tcp and flags S and not flags A and in if {i % 4}',
        lambda i: f'not (proto tcp or proto udp) and bytes < {500 + i}',
        lambda i: f'({customer(i)}) and (port 443 or port 80)',
    ]
    return [kinds[i % len(kinds)](i) for i in range(n)]


def make_rrds(folder, n, when):
    """n RRDs of NfSen's shape, as both sides update them."""
    os.makedirs(folder)
    names = [t + c for t in ('flows', 'packets', 'traffic')
             for c in ('', '_tcp', '_udp', '_icmp', '_other')]
    first = os.path.join(folder, 'c0.rrd')
    run(['rrdtool', 'create', first, '-b', str(when - 300), '-s', '300'] +
        [f'DS:{d}:ABSOLUTE:600:U:U' for d in names] +
        [f'RRA:{cf}:0.5:{s}:{r}' for cf in ('AVERAGE', 'MAX')
         for s, r in ((1, 17280), (6, 2880), (24, 720), (288, 700))])
    for i in range(1, n):
        shutil.copy(first, os.path.join(folder, f'c{i}.rrd'))


def slot_of(path):
    return int(run(['date', '-d', re.sub(
        r'.*nfcapd\.(....)(..)(..)(..)(..)$', r'\1-\2-\3 \4:\5', path),
        '+%s']))


def last_values(rrd):
    text = run(['rrdtool', 'lastupdate', rrd])
    return [int(v) for v in text.strip().splitlines()[-1].split()[1:]]


def nfprofile(which, base, path, texts, slot):
    """One program against the other, with the same standard input: seconds,
    MiB; a shadow profile, counters into RRDs, no flow files."""
    stat = os.path.join(base, which)
    shutil.rmtree(stat, ignore_errors=True)
    make_rrds(os.path.join(stat, 'p'), len(texts), slot)
    for i, text in enumerate(texts):
        with open(os.path.join(stat, 'p', f'c{i}-filter.txt'), 'w') as f:
            f.write(text + '\n')
        os.makedirs(os.path.join(base, 'p', f'c{i}'), exist_ok=True)
    program = ['nfprofile']
    if which == 'ours':
        program = [ours('nfsen-profiler'), '--nfprofile']
    with tempfile.TemporaryFile('w+') as rows, \
            tempfile.TemporaryFile('w+') as said:
        rows.writelines(f'.#p#6#c{i}#up\n' for i in range(len(texts)))
        rows.seek(0)
        t = time.monotonic()
        p = subprocess.Popen(
            program + ['-I', '-p', base, '-P', stat, '-t', str(slot), '-M',
                       os.path.join(base, 'live', 'up'), '-r',
                       os.path.basename(path)], stdin=rows, stderr=said)
        _, status, used = os.wait4(p.pid, 0)
        t = time.monotonic() - t
        p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode != 0:
            said.seek(0)
            sys.exit(f'bench: {program[0]}: {said.read()[-500:]}')
    return t, used.ru_maxrss / 1024


def compare_channels(base, n):
    for i in range(n):
        a, b = (last_values(os.path.join(base, w, 'p', f'c{i}.rrd'))
                for w in ('ours', 'theirs'))
        if a != b:
            sys.exit(f'bench: channel {i}: ours {a}, nfprofile {b}')


def channel_line(base, path, n, runs):
    slot, texts = slot_of(path), filters(n)
    our = [nfprofile('ours', base, path, texts, slot) for _ in range(RUNS)]
    their = [nfprofile('theirs', base, path, texts, slot)
             for _ in range(runs)]
    compare_channels(base, n)
    line(f'{n} channel{"s" if n > 1 else ""}',
         statistics.median(t for t, _ in our),
         statistics.median(t for t, _ in their), 's')
    return max(m for _, m in our), max(m for _, m in their)


def channels():
    base = tempfile.mkdtemp()
    path = input_files(base, 2)[0]
    title('channels of a shadow profile over 2 M flows (LZ4): read, filter, '
          'update each RRD;\nnfprofile -I -M, one program against the other; '
          'same counters in all RRDs')
    for n in (1, 10, 100):
        channel_line(base, path, n, 1 if n == 100 else RUNS)
    shutil.rmtree(os.path.join(base, 'live'))
    path = input_files(base, 2, 1000000)[0]
    title('the same over 1 M flows')
    line('1000 channels: memory', *channel_line(base, path, 1000, 1), 'MiB')
    shutil.rmtree(base)


# ---- a profile's past ---------------------------------------------------------

def past_profiler(base, n, start, end):
    """A history profile of n channels, built by the running daemon: seconds,
    CPU seconds."""
    quoted = [f"'c{i}' => {{ 'filter' => '{text}' }}"
              for i, text in enumerate(filters(n))]
    conf = config(base, f"""%sources = ( 'up' => {{ 'port' => '0' }} );
%profiles = ( 'p' => {{ 'channels' => {{ {', '.join(quoted)} }} }} );""")
    run([ours('nfsen'), '--config', conf, 'reconfig', '-y'])
    set_values(base, 'live', tstart=start, tend=end, updated=end)
    set_values(base, 'p', type=1, tbegin=start, tstart=start, tend=end,
               updated=start - 300, locked=1, status='built 0')
    t = time.monotonic()
    p = subprocess.Popen([ours('nfsen-profiler'), '-c', conf],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    dat = os.path.join(base, 'stat', 'p', 'profile.dat')
    wait_until(lambda: 'status = OK' in open(dat).read(), 3600,
               'the build does not end')
    t = time.monotonic() - t
    p.terminate()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = status
    return t, used.ru_utime + used.ru_stime


def set_values(base, profile, **values):
    path = os.path.join(base, 'stat', profile, 'profile.dat')
    with open(path) as f:
        text = f.read()
    for key, value in values.items():
        text = re.sub(rf'^{key} = .*$', f'{key} = {value}', text, flags=re.M)
    with open(path, 'w') as f:
        f.write(text)


def past_nfprofile(base, n, start, end):
    """The same as NfSen does it: one nfprofile for each slot."""
    stat = os.path.join(base, 'theirs')
    make_rrds(os.path.join(stat, 'q'), n, start)
    for i, text in enumerate(filters(n)):
        with open(os.path.join(stat, 'q', f'c{i}-filter.txt'), 'w') as f:
            f.write(text + '\n')
        os.makedirs(os.path.join(base, 'data', 'q', f'c{i}'))
    rows = ''.join(f'.#q#1#c{i}#up\n' for i in range(n))
    t, cpu = time.monotonic(), os.times()
    for slot in range(start, end + 1, 300):
        name = time.strftime('nfcapd.%Y%m%d%H%M', time.gmtime(slot))
        p = subprocess.run(
            ['nfprofile', '-I', '-z', '-p', os.path.join(base, 'data'), '-P',
             stat, '-t', str(slot), '-M',
             os.path.join(base, 'data', 'live', 'up'), '-r', name],
            input=rows, text=True, capture_output=True)
        if p.returncode != 0:
            sys.exit(f'bench: nfprofile: {p.stderr[-500:]}')
    now = os.times()
    return (time.monotonic() - t, now.children_user - cpu.children_user +
            now.children_system - cpu.children_system)


def same_history(base, n, start, end):
    for i in range(n):
        rows = [run(['rrdtool', 'fetch', os.path.join(base, d, f'c{i}.rrd'),
                     'AVERAGE', '-r', '300', '-s', str(start), '-e',
                     str(end)]) for d in ('stat/p', 'theirs/q')]
        if rows[0] != rows[1]:
            sys.exit(f'bench: channel {i}: histories differ')
        names = [len(os.listdir(os.path.join(base, 'data', p, f'c{i}')))
                 for p in ('p', 'q')]
        if names[0] != names[1]:
            sys.exit(f'bench: channel {i}: {names} files')


def past():
    days, n = 30 if FULL else 2, 10
    start = 1795000200
    end = start + 300 * (288 * days - 1)
    base = tempfile.mkdtemp()
    os.makedirs(os.path.join(base, 'data', 'live'))
    flows = 1158
    run([ours('flowgen'), '--files', os.path.join(base, 'data', 'live'),
         '--source', 'up', '-n', str(flows), '--start', str(start), '--until',
         str(end + 300), '--hosts', '200000', '-q'])
    title(f'history of {days} days, {288 * days * flows / 1e6:.1f} M flows '
          f'(LZ4), {n} channels with flow files and\nRRDs: nfsen-profiler '
          'against one nfprofile for each slot; same files and RRDs')
    our = past_profiler(base, n, start, end)
    their = past_nfprofile(base, n, start, end)
    same_history(base, n, start, end)
    line('build: time', our[0], their[0], 's')
    line('build: CPU', our[1], their[1], 's')
    shutil.rmtree(base)


# ---- queries ------------------------------------------------------------------

# What is asked, and what of it has to be reached with 20 M flows: times as
# fast as nfdump, MB of memory at most (0: not asked).
QUERIES = [
    (['-s', 'ip/bytes', '-n', '10'], 5, 600),
    (['-A', 'srcip4/24,dstport'], 6, 0),
    (['-s', 'record/bytes', '-n', '10'], 8, 2560),
    (['-s', 'dstport/packets', '-n', '10'], 3, 0),
]


def summary(text):
    return re.findall(r'total flows: (\d+)|Total flows processed: (\d+), '
                      r'passed: (\d+)', text)


def query(base, n):
    """Alternately, as what memory the machine has at hand makes a
    difference."""
    files = input_files(base, n)
    title(f'groups of {n} M flows (LZ4), nfdump against nfsen-query; last: '
          'what is asked of 20 M')
    for args, times, memory in QUERIES:
        argv = ['-R', os.path.dirname(files[0])] + args
        our, their = [], []
        for i in range(RUNS):
            our.append(spent_on_groups([ours('nfsen-query')] + argv))
            if i < 3:
                their.append(spent_on_groups(['nfdump'] + argv))
        name = ' '.join(args[:2])
        if summary(our[0][3]) != summary(their[0][3]):
            sys.exit(f'bench: {name}: footers differ: '
                     f'{summary(our[0][3])}, {summary(their[0][3])}')
        line(name, median(our, 0), median(their, 0), 's', f'>= {times}x')
        line('    CPU', median(our, 1), median(their, 1), 's')
        line('    memory', median(our, 2), median(their, 2), 'MB',
             f'<= {memory}' if memory else '')


def spilled(n):
    """Groups that are mostly in a temporary file."""
    base = tempfile.mkdtemp()
    argv = ['-R', os.path.dirname(input_files(base, n)[0]), '-s',
            'record/bytes', '-n', '10']
    runs = [spent_on_groups([ours('nfsen-query'), '--memory', m] + argv)
            for m in ('1T', '256M')]
    answers = {re.sub('^Sys: .*$', '', r[3], flags=re.M) for r in runs}
    if len(answers) != 1:
        sys.exit('bench: --memory: other answers')
    print(f'\n-s record/bytes of {n} M flows (LZ4), nfsen-query without a '
          f'limit and with --memory 256M\n{"":<34} {"without":>10} '
          f'{"256M":>10} {"":<10} {"times":>8}')
    for i, (what, unit) in enumerate((('time', 's'), ('CPU', 's'),
                                      ('memory', 'MB'))):
        print(f'{what:<34} {runs[0][i]:>10.3f} {runs[1][i]:>10.3f} '
              f'{unit:<10} {runs[1][i] / runs[0][i]:>7.2f}x'
              f'{" <= 3x" if i == 0 else ""}', flush=True)
    shutil.rmtree(base)


# ---- companions -----------------------------------------------------------------

def anonymise():
    """The same flows, one file; nfanon's output is compared as csv."""
    base = tempfile.mkdtemp()
    run([ours('flowgen'), '--files', base, '--source', 'up', '-n', '1000000',
         '--start', '1795000200', '--hosts', '200000', '--v6', '0', '-q'])
    path = os.path.join(base, 'up', os.listdir(os.path.join(base, 'up'))[0])
    key = ['-q', '-K', 'abcdefghijklmnopqrstuvwxyz012345']
    a, b = (os.path.join(base, n) for n in ('ours', 'theirs'))
    title('anonymising a file of 1 M IPv4 flows (LZ4)')
    our = [spent([ours('nfsen-query'), 'anon', '-r', path, '-w', a] + key)
           for _ in range(RUNS)]
    their = [spent(['nfanon', '-r', path, '-w', b] + key)]
    texts = [run(['nfdump', '-q', '-r', f, '-o', 'csv']) for f in (a, b)]
    if texts[0] != texts[1]:
        sys.exit('bench: nfanon: other flows')
    for i, what in enumerate(('time', 'CPU')):
        line(f'nfanon: {what}', median(our, i), median(their, i), 's')
    shutil.rmtree(base)


# ---- a day ----------------------------------------------------------------------

def day_tree(base, n):
    """288 slots of two sources, n M flows; their indexes.  Seconds of that,
    bytes of flow files and of indexes."""
    start = 1795305600
    for i, source in enumerate(('up1', 'up2')):
        run([ours('flowgen'), '--files', os.path.join(base, 'data', 'live'),
             '--source', source, '-n', str(n * 1000000 // 576), '--start',
             str(start), '--until', str(start + 86400), '--layout', '1',
             '--hosts', '200000', '-s', str(i + 1), '-q'])
    conf = os.path.join(base, 'nfsen.conf')
    with open(conf, 'w') as f:
        f.write(f"$BASEDIR = '{base}'; $PROFILEDATADIR = '{base}/data';\n"
                f"$USER = '{getpass.getuser()}';\n"
                "%sources = ( 'up1' => { 'port' => '0' } );\n1;\n")
    t = time.monotonic()
    run([ours('nfsen'), '--config', conf, 'index', 'update'] +
        [os.path.join(base, 'data', 'live', s) for s in ('up1', 'up2')])
    t = time.monotonic() - t
    size = [sum(os.path.getsize(os.path.join(d, f))
                for d, _, files in os.walk(os.path.join(base, 'data', sub))
                for f in files) for sub in ('live', '.index')]
    return t, size[0], size[1]


def first_result(argv):
    """Seconds until the first line about a flow."""
    t = time.monotonic()
    p = subprocess.Popen(argv, stdout=subprocess.PIPE)
    p.stdout.readline()
    t = time.monotonic() - t
    p.stdout.close()
    p.wait()
    return t


DAY = [
    ('10 minutes', ['-t', '2026/11/22.12:00:00-2026/11/22.12:10:00',
                    '-s', 'ip/bytes']),
    ('a host that is there', ['host 10.0.77.9']),
    ('a host that is not', ['host 198.51.100.77']),
    ('sums', ['-o', 'null']),
]


def day():
    base = tempfile.mkdtemp()
    n = 20 if FULL else 5
    took, flows, index = day_tree(base, n)
    title(f'queries over a day of 288 slots and 2 sources, {n} M flows (LZ4), '
          'nfdump against\nnfsen-query with indexes')
    alone('the index, of the flow files', 100 * index / flows, '%',
          f'{took:.1f} s')
    where = ['-M', os.path.join(base, 'data', 'live', 'up1:up2'), '-R', '.']
    for name, args in DAY:
        our, full, their = [], [], []
        for _ in range(RUNS):
            our.append(spent([ours('nfsen-query')] + where + args))
            full.append(spent([ours('nfsen-query'), '--no-index'] + where +
                              args))
            their.append(spent(['nfdump'] + where + args))
        if len({str(re.findall(r'total flows: \d+', r[0][3]))
                for r in (our, full, their)}) != 1:
            sys.exit(f'bench: {name}: different answers')
        line(name, median(our, 0), median(their, 0), 's',
             f'{median(full, 0):.3f} without index')
    first = [first_result([ours('nfsen-query')] + where + ['-q'] + DAY[1][1])
             for _ in range(RUNS)]
    alone('first flow of that host', 1000 * statistics.median(first), 'ms')
    shutil.rmtree(base)


# ---- the engine ---------------------------------------------------------------

def sixty_terms():
    """What grows where people look for a list of things."""
    nets = [f'src net 10.0.{7 * i % 196}.0/24' for i in range(12)]
    nets += [f'dst net 172.{16 + i}.0.0/16' for i in range(8)]
    hosts = [f'host 10.0.{i}.{11 * i % 250 + 1}' for i in range(10)]
    ports = [f'dst port {p}' for p in (22, 25, 110, 143, 389, 445, 465, 587,
                                       636, 993, 995, 3306, 3389, 5060)]
    numbers = [f'in if {20 + i}' for i in range(6)]
    sizes = [f'(packets > {1000 * i} and bytes > {1000000 * i})'
             for i in range(1, 4)]
    rest = ['(proto tcp and flags S and not flags ARF)', 'proto gre']
    return ' or '.join(nets + hosts + ports + numbers + sizes + rest)


SCANS = [
    ('totals', []),
    ('three terms', ['proto tcp and port 443 and src net 10.0.0.0/8']),
    ('60 terms', [sixty_terms()]),
]


def spent(argv):
    """Seconds, CPU seconds, memory in MB, output of a program."""
    t = time.monotonic()
    p = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    text = p.stdout.read()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = status
    if status != 0:
        sys.exit(f'bench: {" ".join(argv[:4])}: status {status}')
    return (time.monotonic() - t, usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024, text)


def spent_on_groups(argv):
    """The same, but of the output only its end: it may be long, and what a
    program had for memory is never less than its parent had."""
    with tempfile.TemporaryFile() as f:
        t = time.monotonic()
        p = subprocess.Popen(argv, stdout=f)
        _, status, usage = os.wait4(p.pid, 0)
        t = time.monotonic() - t
        p.returncode = status
        if status != 0:
            sys.exit(f'bench: {" ".join(argv[:4])}: status {status}')
        f.seek(max(0, f.seek(0, 2) - 4096))
        text = f.read().decode(errors='replace')
    return (t, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def median(runs, i):
    return statistics.median(r[i] for r in runs)


def scans(n):
    """Whole processes; nothing can be quicker than reading and unpacking."""
    base = tempfile.mkdtemp()
    files = input_files(base, n)
    title(f'scan of {n} M flows (LZ4): nfsen-query -o null against nfdump; '
          'last columns: time and\nCPU as multiples of what reading and '
          'unpacking alone takes')
    folder = os.path.dirname(files[0])
    limit, our, their = [], {}, {}
    for i in range(RUNS):
        limit.append(spent([ours('channels'), '-d'] + files))
        for name, args in SCANS:
            argv = ['-R', folder, '-o', 'null'] + args
            our.setdefault(name, []).append(
                spent([ours('nfsen-query')] + argv))
            if i > 2:
                continue
            their.setdefault(name, []).append(spent(['nfdump'] + argv))
            a, b = (summary(r[name][i][3]) for r in (our, their))
            if a != b:
                sys.exit(f'bench: {name}: {a}, nfdump {b}')
    alone('reading and unpacking alone', median(limit, 0), 's')
    for name, _ in SCANS:
        line(name, median(our[name], 0), median(their[name], 0), 's',
             ' '.join(f'{median(our[name], k) / median(limit, k):.2f}'
                      for k in (0, 1)))
    shutil.rmtree(base)


def growth():
    """Channels that share predicates."""
    base = tempfile.mkdtemp()
    files = input_files(base, 2, 1000000)
    print('\nchannels over 1 M flows (LZ4), evaluated and counted, without '
          'RRDs\n'
          f'{"":<34} {"seconds":>10} {"CPU":>10} {"MB":>10} {"ms each":>10}')
    for n in (0, 1, 10, 100, 1000):
        what = ['-n', str(n)] if n else ['-d']
        runs = [spent([ours('channels')] + what + files)
                for _ in range(RUNS)]
        t, cpu, mb = (median(runs, i) for i in range(3))
        name = f'{n} channel{"" if n == 1 else "s"}' if n else \
            'reading and unpacking alone'
        each = f'{t / n * 1000:>10.3f}' if n else ''
        print(f'{name:<34} {t:>10.3f} {cpu:>10.3f} {mb:>10.1f} {each}',
              flush=True)
    shutil.rmtree(base)


def engine():
    growth()
    scans(20 if FULL else 2)


def queries():
    for n in (2, 20) if FULL else (2,):
        base = tempfile.mkdtemp()
        query(base, n)
        shutil.rmtree(base)
    spilled(100 if FULL else 10)


def main():
    parts = {'collect': collection, 'channels': channels, 'build': past,
             'engine': engine, 'query': queries, 'day': day, 'tools': anonymise,
             'slot': lambda: slots.slots(sys.modules[__name__]),
             'ring': lambda: slots.ring(sys.modules[__name__])}
    if ONLY and ONLY not in parts:
        sys.exit(f'BENCH={ONLY}: one of {", ".join(parts)}')
    version = run(['nfdump', '-V']).strip()
    print(f'{version}; {os.cpu_count()} cores; medians of {RUNS} runs; ratio '
          'above 1: ours is better')
    if os.getloadavg()[0] > 1:
        print(f'others are at work here (load {os.getloadavg()[0]:.1f}): '
              'rates without loss will be too low')
    for name, part in parts.items():
        if ONLY in ('', name):
            part()


main()
