"""Look at `nfsen top` on terminals of different sizes.

  _top.py COMMAND...

Each ends by a key or a signal after some refreshes, and leaves its terminal
as it was.  Prints the last screen of the first.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

COMMAND = sys.argv[1:]
CLEAR = b'\033[?7l\033[H\033[2J'


def start(rows, cols):
    pid, fd = pty.fork()
    if pid == 0:
        # The size is there before the program looks.
        fcntl.ioctl(1, termios.TIOCSWINSZ,
                    struct.pack('HHHH', rows, cols, 0, 0))
        os.execvp(COMMAND[0], COMMAND)
    return pid, fd


def read_until(fd, enough):
    """What comes until enough(text) or the end."""
    text, end = b'', time.monotonic() + 30
    while not enough(text) and time.monotonic() < end:
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
    return text


def status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def look(rows, cols, end):
    pid, fd = start(rows, cols)
    before = termios.tcgetattr(fd)
    text = read_until(fd, lambda t: t.count(CLEAR) >= 4)
    raw = termios.tcgetattr(fd)
    assert not raw[3] & termios.ECHO, 'keys are shown'
    screens = text.split(CLEAR)[1:-1]
    assert len(screens) >= 3, text
    for s in screens:
        lines = s.decode().split('\r\n')
        assert lines[-1] == '' and len(lines) <= rows, (rows, lines)
        assert re.match(r'nfsen top: the last \d+ s, q ends it', lines[0])
        assert lines[1].startswith('channel '), lines
    end(pid, fd)
    rest = read_until(fd, lambda t: False)
    assert rest.endswith(b'\033[?7h'), rest
    try:
        after = termios.tcgetattr(fd)
        assert after[3] == before[3], 'the terminal is not as it was'
    except termios.error:
        pass    # nobody has it open any more
    os.close(fd)
    return status(pid), screens[-1].decode()


def main():
    code, screen = look(24, 80, lambda pid, fd: os.write(fd, b'xq'))
    assert code == 0, code
    print(screen.replace('\r', ''), end='')
    # Fewer lines than channels, narrower than a line; ^C from the keyboard.
    code, screen = look(7, 40, lambda pid, fd: os.write(fd, b'\x03'))
    assert code == 0 and re.search(r'\.\.\. \d+ more', screen), (code, screen)
    code, _ = look(24, 80, lambda pid, fd: os.kill(pid, signal.SIGTERM))
    assert code == 0, code
    # The terminal goes: so does it.
    pid, fd = start(24, 80)
    read_until(fd, lambda t: CLEAR in t)
    os.close(fd)
    assert status(pid) in (0, 1), 'it stays without a terminal'


main()
