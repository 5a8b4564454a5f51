"""Flows replayed into collectors and compared: _replay.py BUILD FOLDER."""
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

BUILD, TMP = sys.argv[1:]
BIN = os.path.join(BUILD, 'bin')
QUERY = os.path.join(BIN, 'nfsen-query')
REPLAY = os.path.join(TMP, 'nfreplay')
# What no replay can give back: who received them when, and the protocol;
# numbers that nfdump writes beside a flow.
OWN = {'received', 't_received', 'ip_exporter', 'ip4_router', 'ip6_router',
       'export_sysid', 'sampled', 'type', 'label', 'trueId', 'cnt',
       'ip_received', 'engine_type', 'engine_id', 'export_id', 'ip4_exporter',
       'ip6_exporter', 'ident'}


def fail(text):
    sys.exit(f'FAIL: {text}')


def run(argv, status=0, **kw):
    p = subprocess.run(argv, capture_output=True, text=True,
                       stdin=subprocess.DEVNULL, **kw)
    if p.returncode != status:
        fail(f'{argv}: status {p.returncode}: {p.stdout}{p.stderr}')
    return p


def bound(port):
    with open('/proc/net/udp') as f:
        return any(row.split()[1].endswith(f':{port:04X}')
                   for row in list(f)[1:])


def queue(port):
    with open('/proc/net/udp') as f:
        for row in list(f)[1:]:
            w = row.split()
            if w[1].endswith(f':{port:04X}'):
                return int(w[4].split(':')[1], 16)
    return 0


def until(test, what):
    end = time.monotonic() + 30
    while not test():
        if time.monotonic() > end:
            fail(what)
        time.sleep(0.02)


def free_port():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 0))
    return s.getsockname()[1]


def collect(which, args):
    """What a collector writes of a replay."""
    port, out = free_port(), os.path.join(TMP, 'out')
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    program = 'nfcapd' if which == 'nfcapd' else os.path.join(TMP, 'nfcapd')
    c = subprocess.Popen([program, '-p', str(port), '-b', '127.0.0.1', '-w',
                          out, '-t', '3600', '-B', '2000000'],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         stdin=subprocess.DEVNULL)
    try:
        until(lambda: bound(port), f'{which} does not listen')
        said = run([REPLAY, '-p', str(port), '--rate', '50000'] + args)
        until(lambda: queue(port) == 0, 'datagrams are stuck')
    finally:
        c.send_signal(signal.SIGTERM)
        c.wait(30)
    return out, said


def flows(path):
    """As JSON, without what is the collector's own, sorted."""
    text = run([QUERY, '-R', path, '-o', 'json']).stdout
    rows = [{k: v for k, v in row.items() if k not in OWN}
            for row in json.loads(text)] if text.strip() else []
    return sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))


def differences(want, got):
    keys = {}
    for a, b in zip(want, got):
        for k in set(a) | set(b):
            if a.get(k) != b.get(k):
                keys.setdefault(k, (a.get(k), b.get(k)))
    return keys


def same(what, path, args, sides, ignore=()):
    want = [{k: v for k, v in r.items() if k not in ignore}
            for r in flows(path)]
    for side in sides:
        out, _ = collect(side, ['-R', path] + args)
        got = [{k: v for k, v in r.items() if k not in ignore}
               for r in flows(out)]
        want.sort(key=lambda r: json.dumps(r, sort_keys=True))
        got.sort(key=lambda r: json.dumps(r, sort_keys=True))
        if want != got:
            fail(f'{what} to {side}: {len(want)} flows sent, {len(got)} '
                 f'came; {differences(want, got)}')
        print(f'{what} to {side}: {len(got)} flows the same')


def generated(name, *args):
    path = os.path.join(TMP, name)
    run([os.path.join(BIN, 'flowgen'), '--files', path, '-q', '--start',
         '1767268800', '-n', '3000', *args])
    return path


def one_element(i):
    path = os.path.join(TMP, f'element{i}')
    os.mkdir(path)
    run([os.path.join(BUILD, 'tests/tools/random_flows'),
         os.path.join(path, 'nfcapd.202601011200'), 'lz4', '200', str(i),
         str(i)])
    return path


def received(args, seconds=0.4):
    """The datagrams of a replay, with times and ports."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind(('127.0.0.1', 0))
    s.settimeout(seconds)
    p = subprocess.Popen([REPLAY, '-p', str(s.getsockname()[1])] + args,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, stdin=subprocess.DEVNULL)
    got = []
    while True:
        try:
            data, peer = s.recvfrom(70000)
            got.append((time.monotonic(), peer[1], data))
        except socket.timeout:
            if p.poll() is not None:
                break
    return got, p.communicate()


def wrong(words, *args):
    for status in (1,):
        p = run([REPLAY, *args], status)
    if not re.search(f'^nfreplay: .*{words}', p.stderr, re.M):
        fail(f'{args}: {p.stderr}')


def command_line(path):
    wrong('5, 9 or 10', '-v', '250', '-r', path)
    wrong('no number', '-d', 'x', '-r', path)
    wrong('no number', '--rate', '0', '-r', path)
    wrong('no number', '-z', '0', '-r', path)
    wrong('no number', '--mtu', '10', '-r', path)
    wrong('unknown option', '--frob')
    wrong('needs an argument', '-p')
    wrong('no multicast group', '-j', '127.0.0.1', '-r', path)
    wrong('port nosuchport', '-p', 'nosuchport', '-r', path)
    wrong('is no address', '-S', 'x', '-r', path)
    wrong('none', '-r', os.path.join(TMP, 'none'))
    p = run([REPLAY, '-r', path, 'proto tpc'], 254)
    if 'tcp' not in p.stderr:
        fail(f'filter: {p.stderr}')
    p = run([QUERY, 'replay', '-h'])
    if not p.stdout.startswith('usage: nfreplay'):
        fail(p.stdout)


def pace(path):
    """Datagrams keep to size, port, filter and number; the rate holds."""
    got, said = received(['-r', path, '--rate', '5000', '-c', '1000',
                          '--mtu', '1000'])
    took = got[-1][0] - got[0][0]
    if not 0.1 < took < 5 or len({port for _, port, _ in got}) != 1 or \
            max(len(d) for _, _, d in got) > 972:
        fail(f'pace: {took} s, {len(got)} datagrams')
    if not said[0].startswith('1000 flows in '):
        fail(f'said: {said}')
    numbers = [int.from_bytes(d[12:16], 'big') for _, _, d in got]
    if numbers != list(range(len(got))):
        fail(f'sequence: {numbers}')
    got, said = received(['-r', path, 'proto udp', '-q', '-v', '5'])
    want = run([QUERY, '-q', '-r', path, '-o', 'fmt:%pr',
                'ipv4 and proto udp']).stdout.count('UDP')
    if sum(int.from_bytes(d[2:4], 'big') for _, _, d in got) != want:
        fail(f'{want} flows pass, sent {[len(d) for _, _, d in got]}')
    if 'v5 has IPv4 alone' not in said[1] or said[0]:
        fail(f'said: {said}')


def as_recorded():
    """10 s of flows in a quarter of that."""
    path = generated('short', '--slot', '8', '--until', '1767268808')
    file = glob.glob(path + '/*/nfcapd.*')[0]
    got, _ = received(['-r', file, '-z', '4'], 2)
    took = got[-1][0] - got[0][0]
    if not 1.2 < took < 10:
        fail(f'as recorded: {took} s')


def main():
    os.symlink(QUERY, REPLAY)
    os.symlink(os.path.join(BIN, 'nfsen-collector'),
               os.path.join(TMP, 'nfcapd'))
    sides = ['ours'] + (['nfcapd'] if shutil.which('nfcapd') else [])
    mixed = generated('mixed', '--v6', '30')
    v4 = generated('v4', '--v6', '0')
    file = glob.glob(mixed + '/*/nfcapd.*')[0]
    command_line(file)
    pace(file)
    as_recorded()
    same('v9', mixed, ['-v', '9'], sides)
    same('IPFIX', mixed, ['-v', '10'], sides)
    # v5 has no direction, and AS numbers of 16 bits; nfcapd drops its masks.
    same('v5', v4, ['-v', '5'], sides,
         {'direction', 'src_as', 'dst_as', 'src_mask', 'dst_mask', 'src_net',
          'dst_net'})
    for i in (6, 7, 8, 9, 10, 11, 14, 15, 16, 20, 22, 36):
        same(f'v9 element {i}', one_element(i), ['-v', '9'], ['ours'])
        same(f'IPFIX element {i}', os.path.join(TMP, f'element{i}'),
             ['-v', '10'], ['ours'])


main()
