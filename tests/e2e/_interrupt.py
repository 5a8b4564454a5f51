"""Watch and interrupt nfsen-query.  _interrupt.py QUERY TREE FOLDER"""
import json
import os
import re
import select
import signal
import subprocess
import sys
import time

QUERY, TREE, TMP = sys.argv[1:]
LIMIT = 30  # seconds for whatever is awaited
ERASE = b'\r\033[K'


def start(*args, **more):
    return subprocess.Popen([QUERY, '-R', TREE, *args],
                            stdin=subprocess.DEVNULL, **more)


def piped(*args):
    return start(*args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def whole(*args):
    p = piped(*args)
    out, err = p.communicate(timeout=LIMIT)
    assert p.returncode == 0, (args, p.returncode, err)
    return out


def catches(p, sig):
    """The program has a handler for the signal."""
    with open(f'/proc/{p.pid}/status') as f:
        mask = re.search(r'SigCgt:\s*([0-9a-f]+)', f.read()).group(1)
    return int(mask, 16) >> (sig - 1) & 1 == 1


def wait_for(what):
    end = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < end, 'it does not happen'
        time.sleep(0.005)


def is_beginning(some, of):
    assert of.startswith(some) and 0 < len(some) < len(of), \
        f'{len(some)} bytes are not the beginning of {len(of)}'


# ---- progress as JSON -------------------------------------------------------

def json_lines():
    p = piped('-o', 'null', '--progress=json')
    _, err = p.communicate(timeout=LIMIT)
    lines = [json.loads(line) for line in err.splitlines()]
    files = [os.path.join(TREE, f) for f in os.listdir(TREE)]
    size = sum(os.path.getsize(f) for f in files)
    assert [x['state'] for x in lines[:-1]] == ['running'] * (len(lines) - 1)
    last = lines[-1]
    assert last['state'] == 'done'
    assert (last['files'], last['of_files']) == (len(files), len(files))
    assert (last['bytes'], last['of_bytes']) == (size, size), (last, size)
    assert last['seconds_left'] == 0
    for a, b in zip(lines, lines[1:]):
        assert a['bytes'] <= b['bytes'] and a['files'] <= b['files']


def json_on_a_descriptor_of_its_own():
    r, w = os.pipe()
    p = start('-q', f'--progress=json:{w}', '-c', '1', pass_fds=[w],
              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(w)
    _, err = p.communicate(timeout=LIMIT)
    with os.fdopen(r, 'rb') as f:
        states = [json.loads(line)['state'] for line in f]
    assert err == b'' and p.returncode == 0
    assert states[-1] == 'done' and len(states) >= 2, states


def nobody_reads_it():
    """Neither a full pipe nor a closed one keeps the answer back."""
    want = whole('-q', '-s', 'proto', '-o', 'csv')
    for close in False, True:
        r, w = os.pipe()
        os.set_blocking(w, False)
        try:
            while True:
                os.write(w, b'x' * 4096)
        except BlockingIOError:
            os.set_blocking(w, True)
        if close:
            os.close(r)
        p = start('-q', '-s', 'proto', '-o', 'csv', f'--progress=json:{w}',
                  pass_fds=[w], stdout=subprocess.PIPE)
        os.close(w)
        out, _ = p.communicate(timeout=LIMIT)
        assert (out, p.returncode) == (want, 0), (close, p.returncode)
        if not close:
            os.close(r)


# ---- on a terminal ----------------------------------------------------------

def read_all(fd):
    text = b''
    while True:
        try:
            piece = os.read(fd, 65536)
        except OSError:  # the other end of a terminal is gone
            piece = b''
        if not piece:
            return text
        text += piece


def on_terminal():
    """The pipe is full: the query waits, and says how far it is."""
    ours, theirs = os.openpty()
    p = start('-q', '--progress=line', stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    assert select.select([ours], [], [], LIMIT)[0], 'nothing is said'
    out = p.stdout.read()
    p.wait(LIMIT)
    text = read_all(ours)
    assert re.match(rb'\r\033\[K[0-9.]+ .?B of 2?[0-9.]+ MB, [0-9]+ %, '
                    rb'[0-9.]+ .?B/s', text), text
    assert text.endswith(ERASE), 'the line stays'
    assert out == whole('-q')


def not_in_the_way():
    """With standard output a pipe, to a pager maybe, nothing is said."""
    ours, theirs = os.openpty()
    p = start('-q', stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    assert not select.select([ours], [], [], 1.5)[0], 'something is said'
    p.stdout.read()
    p.wait(LIMIT)
    assert read_all(ours) == b''


# ---- interrupted ------------------------------------------------------------

def interrupted(sig, *args):
    """What comes when the signal meets it while it prints, and its footer."""
    p = piped(*args)
    first = os.read(p.stdout.fileno(), 1)
    p.send_signal(sig)
    out, err = p.communicate(timeout=LIMIT)
    assert p.returncode == 128 + sig, (p.returncode, err)
    assert b'interrupted, the answer is partial' in err, err
    return first + out


def lists_are_cut():
    for sig in signal.SIGINT, signal.SIGTERM:
        out, full = interrupted(sig, '-o', 'long'), whole('-o', 'long')
        lines, mark, foot = out.partition(b'Partial: interrupted, ')
        assert mark, 'there is no mark'
        is_beginning(lines, full)
        n = lines.count(b'\n') - 1
        assert f'Summary: total flows: {n},'.encode() in foot, (n, foot)
        is_beginning(interrupted(sig, '-q', '-o', 'pipe'),
                     whole('-q', '-o', 'pipe'))


def objects_are_cut():
    got, full = (json.loads(interrupted(signal.SIGINT, '-o', 'json')),
                 json.loads(whole('-o', 'json')))
    assert got[-1]['type'] == 'PARTIAL', got[-1]
    assert got[-1]['files'] < got[-1]['of_files'] == len(os.listdir(TREE))
    assert 1 < len(got) < len(full) and got[:-1] == full[:len(got) - 1]
    out = interrupted(signal.SIGINT, '-o', 'ndjson').splitlines()
    assert json.loads(out[-1])['type'] == 'PARTIAL'
    assert [json.loads(x) for x in out[:-1]] == full[:len(out) - 1]


def sums_are_of_what_was_read():
    """The first n flows: -c n gives the same."""
    for _ in range(50):
        p = piped('-o', 'null', '--progress=json')
        p.stderr.readline()  # it is at work
        p.send_signal(signal.SIGINT)
        out, err = p.communicate(timeout=LIMIT)
        if p.returncode == 0:
            assert b'Partial' not in out
            continue
        assert p.returncode == 130, p.returncode
        assert b'"state":"partial"' in err, err
        assert b'Partial: interrupted, ' in out
        n = int(re.search(rb'passed: (\d+),', out).group(1))
        if n == 0:
            continue
        summary = re.search(rb'Summary: .*', out).group(0)
        assert summary in whole('-o', 'null', '-c', str(n)), summary
        return
    raise AssertionError('it is never met at work')


def files_are_not_written():
    path = os.path.join(TMP, 'out.nf')
    for _ in range(50):
        p = piped('-w', path, '--progress=json')
        p.stderr.readline()
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=LIMIT)
        if p.returncode == 130:
            assert not os.path.exists(path), 'a partial file has the name'
            assert not [f for f in os.listdir(TMP) if f.startswith('.')]
            return
        os.unlink(path)
    raise AssertionError('it is never met at work')


def the_second_ends_it():
    p = piped('-o', 'long')
    os.read(p.stdout.fileno(), 1)
    p.send_signal(signal.SIGINT)
    wait_for(lambda: not catches(p, signal.SIGINT))
    assert p.poll() is None
    p.send_signal(signal.SIGINT)
    assert p.wait(LIMIT) == -signal.SIGINT
    p.stdout.close()
    p.stderr.close()


def ignored_signals_stay_so():
    p = subprocess.Popen(
        ['sh', '-c', 'trap "" INT; exec "$0" "$@"', QUERY, '-R', TREE, '-q'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.read(p.stdout.fileno(), 1)
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=LIMIT)
    assert (p.returncode, err) == (0, b'')


def nobody_reads_the_answer():
    """A closed pipe ends it like any filter, a full disk says why."""
    p = piped('-q')
    os.read(p.stdout.fileno(), 1)
    p.stdout.close()
    assert p.wait(LIMIT) in (-signal.SIGPIPE, 3)
    p.stderr.close()
    with open('/dev/full', 'wb') as full:
        p = start('-q', stdout=full, stderr=subprocess.PIPE)
        _, err = p.communicate(timeout=LIMIT)
    assert p.returncode == 3 and b'write: No space left' in err, err


for case in (json_lines, json_on_a_descriptor_of_its_own, nobody_reads_it,
             on_terminal, not_in_the_way, lists_are_cut, objects_are_cut,
             sums_are_of_what_was_read, files_are_not_written,
             the_second_ends_it, ignored_signals_stay_so,
             nobody_reads_the_answer):
    try:
        case()
    except AssertionError as e:
        sys.exit(f'{case.__name__}: {e}')
