"""100 000 exporters, each a loopback address of its own:  _spoof.py PORT N

Each sends one NetFlow v9 datagram: 20 templates, and data of another.
"""
import socket
import struct
import sys
import time

port, n = int(sys.argv[1]), int(sys.argv[2])


def fields(k):
    return b''.join(struct.pack('>HH', 1 + f, 4) for f in range(k))


templates = b''.join(struct.pack('>HH', 256 + i, 14) + fields(14)
                     for i in range(20))
body = struct.pack('>HH', 0, 4 + len(templates)) + templates
body += struct.pack('>HH', 999, 4 + 40) + bytes(40)
head = struct.pack('>HHIIII', 9, 21, 100000, int(time.time()), 0, 1)
begin = time.monotonic()
for i in range(n):
    a = 0x7f400001 + i  # 127.64.0.1 and on
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((socket.inet_ntoa(struct.pack('>I', a)), 0))
    s.sendto(head + body, ('127.0.0.1', port))
    s.close()
    # 10 000 a second at most: the socket's buffer is not what is tested.
    ahead = i / 10000 - (time.monotonic() - begin)
    if ahead > 0.01:
        time.sleep(ahead)
