"""IPFIX over TCP and TLS, as exporters of all kinds send it.

  _ipfix_tcp.py PORT [--tls CA [--cert FILE --key FILE]] PLAN...

A plan is connections that run at once, after each other as they are named:

  plain:N      N messages, as they come
  one:N        all N messages in one write
  bytes:N      byte by byte
  odd:N        in pieces of 1..3000 bytes that know nothing of messages
  big:N        messages near 65535 bytes
  again:N      a new connection for every message
  many:N       N connections at once, a message each, all open to the end
  half:N       N whole messages and half of one, then gone
  junk:N       N whole messages, then what is no message
  short:N      N whole messages, then a length of 15
  redefine:N   templates withdrawn and defined otherwise, N times
  old:N        N messages with a template, then on a new connection N
               without: those must not be decoded
  silent:N     N connections that say nothing, open until standard input ends
  held:N       a connection that sends N messages, and N when standard input
               ends
  back:N       a connection that sends N messages, waits until the collector
               ends it, and sends N on a new one, its templates first
  gap:N        as held, but of the messages behind the end of standard input
               all but the last are lost on the way
  steady:N     a connection that sends N messages a second, each in two
               pieces, until standard input ends; without a template but in
               the first message

Prints what the collector must have stored: flows, packets, bytes.
"""
import random
import socket
import ssl
import struct
import sys
import threading
import time

FIELDS = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (2, 8), (1, 8),
          (152, 8), (153, 8)]
OTHER = [(152, 8), (153, 8), (1, 4), (2, 4), (4, 1), (12, 4), (8, 4),
         (7, 2), (11, 2)]

lock = threading.Lock()
total = [0, 0, 0]
domains = iter(range(1, 1 << 30))


class Exporter:
    """Messages of one observation domain."""

    def __init__(self):
        with lock:
            self.domain = next(domains)
        self.random = random.Random(self.domain)
        self.sequence = 0
        self.fields = FIELDS

    def message(self, sets, records=0):
        body = b''.join(sets)
        head = struct.pack('>HHIII', 10, 16 + len(body), int(time.time()),
                           self.sequence, self.domain)
        self.sequence += records
        return head + body

    def template(self, fields=FIELDS, number=256):
        self.fields = fields
        rec = struct.pack('>HH', number, len(fields))
        rec += b''.join(struct.pack('>HH', *f) for f in fields)
        return struct.pack('>HH', 2, 4 + len(rec)) + rec

    def withdrawal(self, number=256):
        return struct.pack('>HHHH', 2, 8, number, 0)

    def data(self, n, number=256, counts=True):
        now = int(time.time() * 1000)
        out = b''
        sums = [n, 0, 0]
        for _ in range(n):
            p = self.random.randrange(1, 100)
            b = p * self.random.randrange(40, 1500)
            value = {8: 0x0a000000 + self.random.randrange(1 << 16),
                     12: 0xc0000201, 7: 1024, 11: 443, 4: 6, 2: p, 1: b,
                     152: now - 1000, 153: now}
            for i, size in self.fields:
                out += value[i].to_bytes(size, 'big')
            sums[1] += p
            sums[2] += b
        if counts:
            with lock:
                for i in range(3):
                    total[i] += sums[i]
        return struct.pack('>HH', number, 4 + len(out)) + out

    def next(self, n=10, counts=True):
        if self.sequence == 0:
            return self.message([self.template(), self.data(n, counts=counts)],
                                n)
        return self.message([self.data(n, counts=counts)], n)


def connect():
    s = socket.create_connection(('127.0.0.1', port), 20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is None:
        return s
    return tls.wrap_socket(s, server_hostname='collector')


def close(s):
    """All is sent; what the other side has to say is not waited for."""
    if isinstance(s, ssl.SSLSocket):
        try:
            s = s.unwrap()
        except OSError:
            pass
    s.close()


def send_all(data, pieces):
    s = connect()
    at = 0
    for n in pieces:
        if at >= len(data):
            break
        s.sendall(data[at:at + n])
        at += n
    return s


def run(kind, n):
    x = Exporter()
    if kind == 'plain':
        s = connect()
        for _ in range(n):
            s.sendall(x.next())
        close(s)
    elif kind == 'one':
        close(send_all(b''.join(x.next() for _ in range(n)), [1 << 30]))
    elif kind == 'bytes':
        data = b''.join(x.next(2) for _ in range(n))
        close(send_all(data, [1] * len(data)))
    elif kind == 'odd':
        data = b''.join(x.next(1 + i % 30) for i in range(n))
        r = random.Random(5)
        close(send_all(data, (r.randrange(1, 3000) for _ in data)))
    elif kind == 'big':
        # 45 bytes a record; 65535 at most
        close(send_all(b''.join(x.next(1450) for _ in range(n)), [1 << 30]))
    elif kind == 'again':
        for _ in range(n):
            x.sequence = 0
            s = connect()
            s.sendall(x.next())
            close(s)
    elif kind == 'many':
        held = []
        for _ in range(n):
            s = connect()
            s.sendall(Exporter().next())
            held.append(s)
        for s in held:
            close(s)
    elif kind == 'half':
        data = b''.join(x.next() for _ in range(n))
        close(send_all(data + x.next(counts=False)[:100], [1 << 30]))
    elif kind in ('junk', 'short'):
        data = b''.join(x.next() for _ in range(n))
        bad = b'GET / HTTP/1.0\r\n\r\n' if kind == 'junk' else \
            struct.pack('>HHIII', 10, 15, 0, 0, 0)
        s = send_all(data + bad, [1 << 30])
        # The collector must be the one who ends it.
        try:
            while s.recv(100):
                pass
        except ConnectionError:
            pass
        s.close()
    elif kind == 'redefine':
        s = connect()
        for i in range(n):
            fields = OTHER if i % 2 else FIELDS
            sets = [x.withdrawal()] if i else []
            sets += [x.template(fields), x.data(3)]
            s.sendall(x.message(sets, 3))
        close(s)
    elif kind == 'old':
        s = connect()
        for _ in range(n):
            s.sendall(x.next())
        close(s)
        s = connect()
        for _ in range(n):
            s.sendall(x.next(counts=False))
        close(s)
    elif kind == 'silent':
        held = [connect() for _ in range(n)]
        sys.stdin.read()
    elif kind == 'held':
        s = connect()
        for _ in range(n):
            s.sendall(x.next())
        sys.stdin.read()
        for _ in range(n):
            s.sendall(x.next())
        close(s)
    elif kind == 'back':
        s = connect()
        for _ in range(n):
            s.sendall(x.next())
        while s.recv(100):
            pass
        s.close()
        s = connect()
        s.sendall(x.message([x.template()]))
        for _ in range(n):
            s.sendall(x.next())
        sys.stdin.read()
        close(s)
    elif kind == 'gap':
        s = connect()
        for _ in range(n):
            s.sendall(x.next())
        sys.stdin.read()
        for _ in range(n - 1):
            x.next(counts=False)
        s.sendall(x.next())
        close(s)
    elif kind == 'steady':
        s = connect()
        while not ended.is_set():
            data = x.next()
            cut = x.random.randrange(1, len(data))
            s.sendall(data[:cut])
            time.sleep(1 / n)
            s.sendall(data[cut:])
        close(s)
    else:
        sys.exit('no such plan: ' + kind)


args = sys.argv[1:]
port = int(args.pop(0))
tls = None
if args[0] == '--tls':
    tls = ssl.create_default_context(cafile=args[1])
    args = args[2:]
    if args[0] == '--cert':
        tls.load_cert_chain(args[1], args[3])
        args = args[4:]
failed = []


def guarded(kind, n):
    try:
        run(kind, n)
    except (OSError, ssl.SSLError) as e:
        failed.append('%s: %s' % (kind, e))


ended = threading.Event()
if any(p.startswith('steady:') for p in args):
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()),
                     daemon=True).start()
threads = [threading.Thread(target=guarded, args=(p.split(':')[0],
                                                  int(p.split(':')[1])))
           for p in args]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(*total)
if failed:
    sys.exit('; '.join(failed))
