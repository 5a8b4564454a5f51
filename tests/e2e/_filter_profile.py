"""Random filters as channels of Debian's nfprofile and of ours:

    _filter_profile.py BUILD DIR SEED COUNT FILE...

Each file is one slot of a source; COUNT channels, one in three with AS terms,
which nfprofile takes.  What the channel files hold is judged as what nfdump
finds is (_filters.py); ours have to hold what the engine finds.
"""
import collections
import os
import random
import re
import shutil
import subprocess
import sys

import _filter_gen as gen
import _filters

NAME = 'nfcapd.202311142215'


class Site:
    """Folders as NfSen has them, for one nfprofile."""

    def __init__(self, top, program, path):
        self.top, self.program = top, program
        self.data = os.path.join(top, 'data')
        self.stat = os.path.join(top, 'stat')
        live = os.path.join(top, 'live', 'src')
        for d in self.data, self.stat, live:
            os.makedirs(d)
        shutil.copy(path, os.path.join(live, NAME))

    def channel(self, i, text):
        os.makedirs(os.path.join(self.data, 'p', f'c{i}'))
        os.makedirs(os.path.join(self.stat, 'p'), exist_ok=True)
        name = os.path.join(self.stat, 'p', f'c{i}-filter.txt')
        with open(name, 'w', encoding='ascii') as f:
            f.write(text + '\n')

    def run(self, n):
        """The file of each channel, or why there is none."""
        r = subprocess.run(
            [self.program, '-I', '-p', self.data, '-P', self.stat, '-t', '0',
             '-M', os.path.join(self.top, 'live', 'src'), '-r', NAME],
            input=''.join(f'.#p#1#c{i}#*\n' for i in range(n)),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors='replace', check=True)
        why = dict(re.findall(
            r'failed for channel (\S+) in .*\n.*\n\*\*\* Error: (.*)',
            r.stdout))
        files = [os.path.join(self.data, 'p', f'c{i}', NAME)
                 for i in range(n)]
        return [f if os.path.exists(f) else
                'error ' + why.get(f'c{i}', 'no file')
                for i, f in enumerate(files)]


def held(runner, files):
    """(flows, packets, bytes) of each channel file."""
    return [f if f.startswith('error') else runner.ours(f, ['any'])[0]
            for f in files]


class WithAs(gen.Generator):
    """Every third term is about AS numbers, as far as 1.7.1 goes."""

    def term(self):
        what = self.r.randrange(12)
        if what >= 4:
            return super().term()
        if what != 0:
            return 'term', self.sided(('as', 'src_as', 'dst_as', gen.U32,
                                       True, True))
        side = self.r.choice(['prev', 'next', 'previous'])
        c = 'prev_as' if side[0] == 'p' else 'next_as'
        return 'term', self.compared('adjacent as', f'{side} as', [c],
                                     gen.U32, True)


def harmless(some, depth):
    """A tree that does not end nfprofile (regex-crash), all channels' work,
    and does not count, which means nothing in a channel."""
    while True:
        t = some.tree(depth)
        if not any(term.name == 'payload' and '|' in term.text or
                   term.name == 'count' for term in gen.terms(t)):
            return t


def check(runner, top, path, seed, count):
    c = _filters.Check(runner, path, seed)
    with_as = WithAs(c.gen.r, c.table)
    trees = [harmless(with_as if i % 3 == 0 else c.gen, i % 5)
             for i in range(count)]
    texts = [gen.text(t) for t in trees]
    engine = runner.ours(path, texts)
    got = []
    for name, program in ('debian', 'nfprofile'), ('ours', runner.nfprofile):
        site = Site(os.path.join(top, name), program, path)
        for i, text in enumerate(texts):
            site.channel(i, text)
        got.append(held(runner, site.run(count)))
        shutil.rmtree(site.top)
    for tree, text, want, theirs, ours in zip(trees, texts, engine, *got):
        if ours != want:
            c.failed.append(text)
            print(f'{text}\n  engine {want}, our channel {ours}')
        verdict, names = c.judge(tree, want, theirs)
        c.seen[verdict] += 1
        c.faults.update(names)
        if verdict not in ('same', 'explained', 'both refuse'):
            c.failed.append(text)
            print(f'{text}\n  {verdict}: ours {want}, nfprofile {theirs}')
    return c


def main():
    build, top, seed, count, *files = sys.argv[1:]
    print(f'seed {seed}: {count} channels on each of {len(files)} files')
    runner = _filters.Runner(build)
    runner.nfprofile = os.path.join(top, 'nfprofile')
    os.symlink(os.path.join(build, 'bin', 'nfsen-profiler'), runner.nfprofile)
    seen, faults, failed = collections.Counter(), collections.Counter(), 0
    for i, path in enumerate(files):
        c = check(runner, top, path, f'{seed} {i}', int(count))
        seen += c.seen
        faults += c.faults
        failed += len(c.failed)
    for what, n in seen.most_common() + faults.most_common():
        print(f'{n:8} {what}')
    print(f'{failed} failed')
    sys.exit(failed != 0)


main()
