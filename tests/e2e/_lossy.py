"""A way on which every N-th datagram is lost: _lossy.py FROM TO N REPORT

Listens on a free port of 127.0.0.1 and prints it; what arrives goes on to
port TO from address FROM, but for each N-th.  Of a stream's last datagram
nobody could know that it is missing, so one is dropped only when another
comes behind it.  SIGTERM ends it: REPORT gets {"came", "dropped", "units"},
units by the exporter's own numbers: flows of v5, datagrams of v9 and sFlow,
records of IPFIX.
"""
import json
import signal
import socket
import struct
import sys

source, target, every = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def number(data):
    """Where a datagram's sequence number stands, what it counts."""
    version, = struct.unpack_from('>H', data)
    if version == 0:
        return struct.unpack_from('>I', data, 16)[0]
    at = {5: 16, 9: 12, 10: 8}[version]
    return struct.unpack_from('>I', data, at)[0]


class Ended(Exception):
    pass


def end(*_):
    raise Ended


signal.signal(signal.SIGTERM, end)
inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inside.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
inside.bind(('127.0.0.1', 0))
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.bind((source, 0))
print(inside.getsockname()[1], flush=True)
came = dropped = units = 0
held = None
try:
    while True:
        data = inside.recv(65535)
        came += 1
        if held is not None:
            dropped += 1
            units += number(data) - number(held)
            held = None
        if came % every == 0:
            held = data
        else:
            out.sendto(data, ('127.0.0.1', target))
except Ended:
    if held is not None:
        out.sendto(held, ('127.0.0.1', target))
with open(sys.argv[4], 'w') as f:
    json.dump({'came': came, 'dropped': dropped, 'units': units}, f)
