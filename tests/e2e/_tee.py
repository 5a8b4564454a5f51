"""Datagrams that arrive at one port go on to several: _tee.py PORT PORT...

All on 127.0.0.1, also for the receivers the address of whoever sent them.  Ends with SIGTERM.  Two collectors so get the very same
datagrams of an exporter that stamps them with its clock.
"""
import socket
import sys

listen, *targets = (int(a) for a in sys.argv[1:])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
s.bind(('127.0.0.1', listen))
print('ready', flush=True)
out = {}
while True:
    data, (sender, _) = s.recvfrom(65535)
    if sender not in out:
        out[sender] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        out[sender].bind((sender, 0))
    for port in targets:
        out[sender].sendto(data, ('127.0.0.1', port))
