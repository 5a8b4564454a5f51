"""One request to a control socket:  _ctl.py SOCKET COMMAND [KEY=VALUE]...

Prints the reply's data lines and its status line; exit 0 for OK, else 1.
"""
import socket
import sys

path, command, *args = sys.argv[1:]
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(path)
f = s.makefile('rw', newline='\n')
f.readline()
f.write('\n'.join([command, *args, '.']) + '\n')
f.flush()
while (line := f.readline().rstrip('\n')) != '.':
    print(line)
status = f.readline().rstrip('\n')
print(status)
sys.exit(not status.startswith('OK'))
