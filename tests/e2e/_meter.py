#!/usr/bin/env python3
"""What nfcapd -m says: take one message from each of some UNIX sockets.

  _meter.py SECONDS SOCKET...   "ready", then for each message a line
                                "SOCKET ident tcp udp icmp other ..." a source

The exit status says whether each socket had one in time.
"""
import os
import select
import socket
import struct
import sys
import time

HEAD, SOURCE = struct.Struct('=BBHHHQQ'), struct.Struct('=128s13Q')


def show(path, data):
    tag, version, size, n, interval, now, _up = HEAD.unpack_from(data)
    assert (tag, version, interval) == (ord('@'), 1, 60), (tag, version)
    assert abs(now / 1000 - time.time()) < 30, now
    assert size == n * SOURCE.size == len(data) - HEAD.size, (size, len(data))
    for i in range(n):
        ident, number, *counts = SOURCE.unpack_from(data,
                                                    HEAD.size + i * SOURCE.size)
        assert number & 0xffff == 0 and number > 0, number
        name = ident.rstrip(b'\0').decode()
        print(os.path.basename(path), name, *counts, flush=True)


def main():
    end = time.time() + float(sys.argv[1])
    waiting = {}
    for path in sys.argv[2:]:
        s = socket.socket(socket.AF_UNIX)
        s.bind(path)
        s.listen()
        waiting[s] = path
    print('ready', flush=True)
    while waiting and time.time() < end:
        for s in select.select(list(waiting), [], [], 1)[0]:
            c, _ = s.accept()
            data = b''
            while chunk := c.recv(65536):
                data += chunk
            if data:  # Debian's looks first whether somebody is there
                show(waiting.pop(s), data)
    sys.exit(1 if waiting else 0)


main()
