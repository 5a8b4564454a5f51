"""Prometheus text 0.0.4, read strictly.

  _metrics.py sum FILE NAME [LABEL=VALUE...]   the sum of matching samples
  _metrics.py check FILE                       every line is what it must be
  _metrics.py bother PORT                      hostile clients; each is
                                               refused or cut off
"""
import re
import socket
import sys
import time

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf'({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? '
                    r'(-?[0-9]+(?:\.[0-9]+)?)')


def read(path):
    samples, kinds, last, seen = [], {}, None, set()
    with open(path, newline='') as f:
        text = f.read()
    if not text.endswith('\n'):
        sys.exit('the last line has no LF')
    for line in text[:-1].split('\n'):
        m = re.fullmatch(rf'# (HELP|TYPE) ({NAME}) (.+)', line)
        if m:
            if m[1] == 'TYPE':
                if m[2] in kinds or m[3] not in ('counter', 'gauge'):
                    sys.exit(f'bad type: {line}')
                kinds[m[2]] = m[3]
            last = m[2]
            continue
        m = SAMPLE.fullmatch(line)
        if not m or m[1] not in kinds or m[1] != last:
            sys.exit(f'bad line: {line}')
        if (m[1], m[2]) in seen:
            sys.exit(f'twice: {line}')
        seen.add((m[1], m[2]))
        if kinds[m[1]] == 'counter' and not m[1].endswith('_total'):
            sys.exit(f'a counter without _total: {line}')
        labels = dict(re.findall(LABEL, m[2] or ''))
        samples.append((m[1], labels, float(m[m.lastindex])))
    return samples


def total(path, name, *want):
    want = dict(w.split('=', 1) for w in want)
    print(int(sum(v for n, labels, v in read(path) if n == name and
                  all(labels.get(k) == x for k, x in want.items()))))


def talk(port, data, seconds=20):
    """What comes back until the other side closes."""
    s = socket.create_connection(('127.0.0.1', port), timeout=seconds)
    got = b''
    try:
        s.sendall(data)
        while chunk := s.recv(65536):
            got += chunk
    except ConnectionError:
        pass
    return got


def bother(port):
    port = int(port)
    close = b'Host: x\r\nConnection: close\r\n\r\n'
    asked = {
        b'GET / HTTP/1.1\r\n': b' 404 ',
        b'GET /metrics/.. HTTP/1.1\r\n': b' 404 ',
        b'POST /metrics HTTP/1.1\r\nContent-Length: 999999999999\r\n':
            b' 405 ',
        b'DELETE /metrics HTTP/1.1\r\n': b' 405 ',
        b'HEAD /metrics HTTP/1.1\r\n': b' 200 ',
        b'GET /metrics?x=1 HTTP/1.1\r\n': b' 200 ',
    }
    for line, want in asked.items():
        got = talk(port, line + close)
        if want not in got.split(b'\r\n')[0]:
            sys.exit(f'{line}: {got[:200]}')
    for rubbish in (b'\0' * 100, b'\r\n' * 1000, b'GET ' + b'/' * 100000,
                    b'GET /metrics HTTP/1.1\r\n' + b'X: ' + b'y' * 100000,
                    b'\xff' * 70000, b'GET\r\n\r\n', b'GET /metrics\r\n\r\n'):
        talk(port, rubbish)
    # Silent ones are cut off, and more than there is room for are refused.
    started = time.monotonic()
    silent = [socket.create_connection(('127.0.0.1', port)) for _ in range(16)]
    for s in silent[:10]:
        s.send(b'GET /metr')
    for s in silent:
        s.settimeout(20)
        try:
            while s.recv(65536):
                pass
        except ConnectionError:
            pass
        s.close()
    if time.monotonic() - started > 19:
        sys.exit('silent clients are not cut off')
    if b' 200 ' not in talk(port, b'GET /metrics HTTP/1.1\r\n' + close):
        sys.exit('it does not answer any more')


if sys.argv[1] == 'sum':
    total(*sys.argv[2:])
elif sys.argv[1] == 'check':
    read(sys.argv[2])
else:
    bother(sys.argv[2])
