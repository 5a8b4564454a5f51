"""Datagrams that arrive at one port go on to several: _tee.py PORT PORT...

All on 127.0.0.1.  Ends with SIGTERM.  Two collectors so get the very same
datagrams of an exporter that stamps them with its clock.
"""
import socket
import sys

listen, *targets = (int(a) for a in sys.argv[1:])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
s.bind(('127.0.0.1', listen))
print('ready', flush=True)
while True:
    data = s.recv(65535)
    for port in targets:
        s.sendto(data, ('127.0.0.1', port))
