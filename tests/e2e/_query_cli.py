"""nfsen-query by the name nfdump, and what it writes, against Debian's.

  _query_cli.py AS_NFDUMP QUERY FOLDER DIFFER

Compared are exit status and output of each command line, and of a file that
was written what nfdump reads in it.  DIFFER: patterns of arguments, a tab and
the reason why the answers differ; they must.
"""
import collections
import fnmatch
import os
import re
import shutil
import subprocess
import sys


def asked(given):
    """Command lines whose output is the same."""
    files = ['s1/nfcapd.202611230000', 'big/nfcapd.202611230000', 'all.nf']
    for f in files + given:
        yield ['-v', f]
        yield ['-E', f]
        yield ['-x', f]
        yield ['-r', f, '-I']
        yield ['-r', f, '-I', '-q']
        yield ['-r', f, '-o', 'null', '-q']
    for files in (['-R', 's1'], ['-r', 's1'], ['-M', './s1:s2', '-R', '.'],
                  ['-R', 's1/nfcapd.202611230005'],
                  ['-R', 's1/nfcapd.202611230000:nfcapd.202611230005'],
                  ['-M', './s1:s2', '-r', 'nfcapd.202611230010']):
        yield files + ['-g']
        yield files + ['-I']
        yield files + ['-I', '-g', '-N']
        yield files + ['-m', '-o', 'line', '-q', '-c', '20']
    one = ['-r', 's1/nfcapd.202611230000']
    for t in ('-60', '-5'):
        yield one + ['-t', t, '-o', 'null']
        yield one + ['-t', t, '-o', 'line', '-q']
    for a in (['-V'], ['-V', '-h'], one + ['-C', 'none', '-q', '-o', 'null'],
              one + ['-G', 'none', '-q', '-o', 'null'],
              one + ['-D', '127.0.0.1', '-q', '-o', 'null'],
              ['-Z'], ['-Z', 'proto tcp'], ['-Z', 'foo bar'],
              ['-Z', '-f', 'nope'], ['-r', 'nope'], ['-r', ''],
              ['-r', 's1', '-R', 's1'], ['-M', './s1'], ['-M', 'a', '-I'],
              ['-r', 'nope', '-I'], ['-r', 'nope', '-g'], ['-v', 'nope'],
              ['-E', 'nope'], ['-x', 'nope'], ['-J', '9', '-r', 's1'],
              ['-J', '1', '-r', 'nope'], ['-i', 'a b'] + one,
              ['-z', '-y', '-w', 'x'] + one, one + ['-n', '-1'],
              one + ['-c', '0'], one + ['-c', 'x'], one + ['-t', 'foo'],
              one + ['-O', 'foo'], one + ['-o', 'foo'], one + ['-s', 'foo'],
              one + ['-A', 'foo'], one + ['-o', 'fmt:%foo'],
              one + ['foo bar'], one + ['-f', 'nope']):
        yield a


def usage():
    """Both answer with a usage text, each its own, and exit 0."""
    for a in ([], ['-h'], ['-h', '-V'], ['-Q'], ['--foo'], ['-r'], ['-R'],
              ['-s'], ['-v'], ['-I'], ['-g'], ['-J', '1'], ['-i', 'x']):
        yield a


def written(given):
    """Arguments of -w: what is read in the two files is the same."""
    for pack in ([], ['-z'], ['-y'], ['-j']):
        yield ['-R', 's1'] + pack
        yield ['-r', 'all.nf'] + pack
        yield ['-R', 's1', 'proto udp'] + pack
    for a in (['-R', 's1', '-c', '100'], ['-M', './s1:s2', '-R', '.'],
              ['-R', 's1', '-t', '2026/11/23.00:06'], ['-R', 's1', '-a'],
              ['-R', 's1', '-a', 'proto udp'], ['-r', 'all.nf', 'ipv6'],
              ['-r', 'big', '-y', '-c', '30000'],
              ['-r', 's1/nfcapd.202611230000', '-q']):
        yield a
    for f in given:
        yield ['-r', f]
        yield ['-r', f, 'proto udp or proto icmp']


def run(program, args):
    p = subprocess.run([program] + args, capture_output=True, check=False,
                       stdin=subprocess.DEVNULL)
    text = p.stdout.decode('latin-1')
    return p.returncode, re.sub(r'^Sys: .*\n', '', text, flags=re.M)


def lines(text):
    return collections.Counter(
        ln for ln in text.split('\n') if '"aggr_flows" : 1,' not in ln)


def first_difference(a, b):
    x, y = (str(t).split('\\n' if isinstance(t, tuple) else '\n')
            for t in (a, b))
    for p, q in zip(x + [''] * len(y), y + [''] * len(x)):
        if p != q:
            return f'  nfdump {p[:160]}\n  ours   {q[:160]}'
    return ''


def compare_written(ours, args):
    answers = []
    for program in ('nfdump', ours):
        name = 'written'
        if os.path.exists(name):
            os.unlink(name)
        said = run(program, args + ['-w', name])
        what = [run('nfdump', ['-r', name, '-o', 'json']),
                run('nfdump', ['-r', name, '-I']),
                run('nfdump', ['-E', name])]
        what[0] = (what[0][0], lines(what[0][1]))
        # Aggregating, nfdump forgets the ident; without flows its times
        # are nonsense.
        drop = 'Ident: .*\n' if '-a' in args else ''
        if 'Flows: 0\n' in what[1][1]:
            drop = '(First|Last|msec_.*): .*\n'
        what[1] = (what[1][0], re.sub(drop, '', what[1][1]))
        answers.append((said, what))
    return answers


def changed(ours):
    """-J and -i keep everything else; '' or what is wrong."""
    source = 'big/nfcapd.202611230000'
    shutil.copy(source, 'changed')
    want = run('nfdump', ['-r', source, '-o', 'json'])
    stat = run('nfdump', ['-r', source, '-I'])
    os.chmod('changed', 0o640)
    os.utime('changed', (1e9, 1e9))
    for codec, name in (('0', 'not'), ('1', 'lzo'), ('2', 'bz2'),
                        ('3', 'lz4'), ('none', 'not'), ('lz4:9', 'lz4'),
                        ('bz2', 'bz2')):
        told = run(ours, ['-J', codec, '-r', 'changed'])
        if told != (0, 'File changed compression changed\n'):
            return f'-J {codec}: {told}'
        if f'- {name} compressed' not in run('nfdump', ['-v', 'changed'])[1]:
            return f'-J {codec}: not {name}'
        if (run('nfdump', ['-r', 'changed', '-o', 'json']) != want or
                run('nfdump', ['-r', 'changed', '-I']) != stat):
            return f'-J {codec}: other flows'
        st = os.stat('changed')
        if st.st_mtime != 1e9 or st.st_mode & 0o777 != 0o640:
            return f'-J {codec}: other time or mode'
    told = run(ours, ['-J', '2', '-r', 'changed'])
    if told != (0, 'File changed is already same compression methode\n'):
        return f'-J again: {told}'
    told = run(ours, ['-i', 'other', '-r', 'changed'])
    if told != (0, 'changed ident: big -> other\n'):
        return f'-i: {told}'
    told = run('nfdump', ['-r', 'changed', '-I'])[1]
    if told != stat[1].replace('Ident: big', 'Ident: other'):
        return f'-i: {told}'
    if run('nfdump', ['-r', 'changed', '-o', 'json']) != want:
        return '-i: other flows'
    if [f for f in os.listdir('.') if f.startswith('.')]:
        return f'left behind: {os.listdir(".")}'
    return ''


def ordered(query):
    """What nfdump leaves out: -n and -s record decide what is written."""
    for args, rows in ((['-s', 'record/bytes', '-n', '5'], 5),
                       (['-O', 'bytes', '-n', '7'], 7),
                       (['-a', '-O', 'packets', '-n', '4'], 4)):
        status = run(query, ['-R', 's1', '-w', 'written'] + args)[0]
        got = run('nfdump', ['-r', 'written', '-q', '-o', 'line'])[1]
        want = run(query, ['-R', 's1', '-q', '-o', 'line'] + args)[1]
        if status != 0 or got != want or got.count('\n') != rows:
            return f'{args}: {status}, {got}'
    for text in (['-P', 'flows > 1'], ['-P', 'bytes > 20000']):
        got = run(query, ['-M', './s1:s2', '-R', '.', '-a', '-q', '-N',
                          '-o', 'fmt:%fl,%byt'] + text)[1].split('\n')
        rows = [tuple(map(int, r.split(','))) for r in got if r]
        if not rows or not all(f > 1 or b > 20000 for f, b in rows):
            return f'{text}: {got[:3]}'
    return ''


def main():
    ours, query, folder, differ = sys.argv[1:]
    os.chdir(folder)
    with open(differ, encoding='ascii') as f:
        reasons = dict(ln.rstrip('\n').split('\t') for ln in f
                       if not ln.startswith('#'))
    given = sorted('given/' + f for f in os.listdir('given'))
    wrong = total = 0

    def tell(name, same, why):
        nonlocal wrong, total
        total += 1
        if same != any(fnmatch.fnmatchcase(name, r) for r in reasons):
            return
        wrong += 1
        print(f'{name}: ' + ('does not differ' if same else 'differs'))
        print(why)
    for args in asked(given):
        a, b = run('nfdump', args), run(ours, args)
        tell(' '.join(args), a == b or a[0] == b[0] != 0,
             f'  exit {a[0]}, {b[0]}\n' + first_difference(a[1], b[1]))
    for args in usage():
        a, b = run('nfdump', args), run(ours, args)
        tell(' '.join(args) + ' (usage)', a[0] == b[0] == 0 and
             a[1].startswith('usage') and b[1].startswith('usage'), f'{b}')
    for args in written(given):
        a, b = compare_written(ours, args)
        tell(' '.join(args) + ' -w', a == b, f'{str(a[0])}, {str(b[0])}\n' +
             first_difference(str(a[1][1:]), str(b[1][1:])))
    for why in (changed(ours), ordered(query)):
        total += 1
        if why:
            wrong += 1
            print(why)
    print(f'{total} command lines, {len(reasons)} reasons to differ, '
          f'{wrong} wrong')
    sys.exit(wrong != 0)


main()
