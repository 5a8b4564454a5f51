#!/usr/bin/env python3
"""An exporter that says in options data what its numbers mean.

  _names.py PORT VERSION WORD...    VERSION 9 or 10, from 127.0.0.VERSION

announce   options: interfaces 1 eth0 and 2 xe-0/0/1, VRFs 3 red and 4 blue,
           application 3..80 http, sampler 5 of 1 in 100
rename     options: interface 1 is wan0 now, sampler 5 one of 200
flow       a flow of these, of 10 packets, 1000 bytes before sampling
rich       a flow with everything that files of nfdump 1.7.1 have no place for
frame      only the first bytes of a frame: what was in it is the flow
"""
import socket
import struct
import sys
import time

PORT, VERSION = int(sys.argv[1]), int(sys.argv[2])
sequence = 0


def be(*pairs):
    return b"".join(v if isinstance(v, bytes) else v.to_bytes(n, "big") for n, v in pairs)


def fixed(text, n):
    return text.encode().ljust(n, b"\0")


def a_set(number, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("!HH", number, len(body) + 4) + body


def template(number, fields):
    return a_set(0 if VERSION == 9 else 2, struct.pack("!HH", number, len(fields)) +
                 b"".join(struct.pack("!HH", *f[:2]) + b"".join(struct.pack("!I", pen) for pen in f[2:]) for f in fields))


def options(number, scope, fields):
    """scope: an IPFIX element; in v9 the same as an option of the system"""
    body = b"".join(struct.pack("!HH", *f) for f in [scope] + fields)
    if VERSION == 10:
        return a_set(3, struct.pack("!HHH", number, len(fields) + 1, 1) + body)
    return a_set(1, struct.pack("!HHH", number, 4, len(body)) + struct.pack("!HH", 1, 0) + body)


def announce():
    return [options(300, (10, 4), [(82, 16)]),
            a_set(300, be((4, 1), (16, fixed("eth0", 16)), (4, 2), (16, fixed("xe-0/0/1", 16)))),
            options(301, (234, 4), [(236, 8)]),
            a_set(301, be((4, 3), (8, fixed("red", 8)), (4, 4), (8, fixed("blue", 8)))),
            options(302, (95, 4), [(96, 8), (94, 16)]),
            a_set(302, be((4, 0x03000050), (8, fixed("http", 8)), (16, fixed("World Wide Web", 16)))),
            options(303, (302, 4), [(304, 2), (305, 4), (306, 4)]),
            a_set(303, be((4, 5), (2, 2), (4, 1), (4, 99)))]


def rename():
    return [options(300, (10, 4), [(82, 16)]),
            a_set(300, be((4, 1), (16, fixed("wan0", 16)))),
            options(303, (302, 4), [(304, 2), (305, 4), (306, 4)]),
            a_set(303, be((4, 5), (2, 2), (4, 1), (4, 199)))]


# element, bytes, value
FLOW = [(8, 4, 0xc0000201), (12, 4, 0xc6336402), (7, 2, 1234), (11, 2, 80), (4, 1, 6), (1, 8, 1000), (2, 8, 10)]
NAMED = FLOW + [(10, 4, 1), (14, 4, 2), (234, 4, 3), (235, 4, 4), (95, 4, 0x03000050), (302, 4, 5)]
RICH = FLOW + [(252, 4, 11), (253, 4, 12), (243, 2, 101), (254, 2, 102), (245, 2, 103), (255, 2, 104),
               (256, 2, 0x8100), (60, 1, 4), (52, 1, 3), (53, 1, 250), (197, 1, 0x40),
               (302, 4, 77), (312, 2, 1514), (408, 2, 1)]
NOKIA = 637
FRAME = bytes.fromhex("020000000001020000000002" "0800" "4500002800000000400600000a0000010a000002" "04d20050") + bytes(16)
if VERSION == 10:
    RICH = RICH + [(148, 8, 0x1122334455), (0x8000 | 91, 2, 601, NOKIA), (0x8000 | 92, 2, 602, NOKIA),
                   (0x8000 | 93, 4, b"pool", NOKIA)]
FRAMES = [(312, 2, 1514), (408, 2, 1), (315, len(FRAME), FRAME)]


def flow(number, fields):
    return [template(number, [f[:2] + f[3:] for f in fields]), a_set(number, be(*[f[1:3] for f in fields]))]


def send(to, sets):
    global sequence
    now = int(time.time())
    body = b"".join(sets)
    if VERSION == 9:
        head = struct.pack("!HHIIII", 9, len(sets), 100000, now, sequence, 7)
    else:
        head = struct.pack("!HHIII", 10, len(body) + 16, now, 0, 7)
    sequence += 1
    to.send(head + body)


sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.%d" % VERSION, 0))
sock.connect(("127.0.0.1", PORT))
for word in sys.argv[3:]:
    send(sock, {"announce": announce, "rename": rename,
                "flow": lambda: flow(256, NAMED),
                "rich": lambda: flow(257, RICH),
                "frame": lambda: flow(258, FRAMES)}[word]())
