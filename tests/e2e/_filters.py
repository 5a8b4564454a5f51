"""Random filters through nfdump 1.7.1, our engine and a model:

    _filters.py BUILD DIFFER SEED COUNT FILE...

COUNT filters, shared out among the files, and a quarter more of what 1.7.1
does not take.  Ours has to find what the model says.  nfdump
has to find the same, or what the model says with faults of nfdump that
DIFFER names; a filter that nobody can explain is shown in its smallest form,
and fails.  Each fault is shown to be still there by the filter beside it.
"""
import collections
import itertools
import multiprocessing.dummy
import os
import random
import re
import subprocess
import sys

import _filter_gen as gen
import _filter_model as model
import _filter_new as new


class Runner:
    """The programs at hand."""

    def __init__(self, build):
        tools = os.path.join(build, 'tests', 'tools')
        self.count = os.path.join(tools, 'filtercount')
        self.table = os.path.join(tools, 'flowtable')
        self.query = os.path.join(build, 'bin', 'nfsen-query')
        self.pool = multiprocessing.dummy.Pool(os.cpu_count() or 1)

    @staticmethod
    def totals(program, path, text):
        """(flows, packets, bytes), or the error."""
        r = subprocess.run([program, '-r', path, '-N', '-o', 'null', text],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, errors='replace', check=False)
        m = re.search(r'total bytes: (\d+), total packets: (\d+)', r.stdout)
        n = re.search(r'passed: (\d+)', r.stdout)
        if m is None or n is None:
            return f'error {r.stdout.strip()} (status {r.returncode})'
        return int(n.group(1)), int(m.group(2)), int(m.group(1))

    def nfdump(self, path, texts):
        return self.pool.map(lambda t: self.totals('nfdump', path, t), texts)

    def queried(self, path, texts):
        return self.pool.map(lambda t: self.totals(self.query, path, t),
                             texts)

    def ours(self, path, texts):
        got = []
        for i in range(0, len(texts), 400):
            r = subprocess.run(
                [self.count, path], text=True, capture_output=True,
                input='\0'.join(texts[i:i + 400]) + '\0', check=True)
            got += [line if line.startswith('error') else
                    tuple(int(x) for x in line.split())
                    for line in r.stdout.splitlines()]
        return got


def refused(answer):
    return isinstance(answer, str)


def explain(table, tree, answer):
    """Names of the fewest faults that make the model say so; None: none."""
    terms = gen.terms(tree)
    some = [f.name for f in model.FAULTS
            if any(f.about(t) for t in terms)]
    for n in range(1, 5):
        for names in itertools.combinations(some, n):
            hits = model.flows_of(table, tree, frozenset(names))
            if model.counts(table, hits) == answer:
                return names
    return None


def refusal(tree, answer):
    """The rule that explains why nfdump refuses what we take."""
    for r in model.REFUSALS:
        if r.answer in answer and any(r.about(t) for t in gen.terms(tree)):
            return (r.name,)
    return None


class Check:
    """All filters on one file."""

    def __init__(self, runner, path, seed):
        self.run, self.path = runner, path
        self.table = model.Table(runner.table, path)
        rnd = random.Random(seed)
        self.gen = gen.Generator(rnd, self.table)
        self.new = new.Generator(rnd, self.table)
        self.seen = collections.Counter()
        self.faults = collections.Counter()
        self.failed = []

    def judge(self, tree, mine, theirs):
        """What is to be said about one filter: (verdict, faults)."""
        if refused(mine):
            return ('both refuse' if theirs and refused(theirs) else
                    'we refuse'), ()
        want = model.counts(self.table, model.flows_of(self.table, tree))
        if mine != want:
            return f'ours is not the model: {want}', ()
        if theirs is None or mine == theirs:
            return 'same', ()
        names = refusal(tree, theirs) if refused(theirs) else \
            explain(self.table, tree, theirs)
        return ('explained', names) if names else ('unexplained', ())

    def once(self, tree, nfdump):
        text = gen.text(tree)
        mine = self.run.ours(self.path, [text])[0]
        theirs = self.run.totals('nfdump', self.path, text) if nfdump else None
        return self.judge(tree, mine, theirs), mine, theirs

    def minimise(self, tree, nfdump):
        good = ('same', 'explained', 'both refuse')
        again = True
        while again:
            again = False
            for s in gen.smaller(tree):
                if self.once(s, nfdump)[0][0] not in good:
                    tree, again = s, True
                    break
        return tree

    def show(self, tree, nfdump):
        tree = self.minimise(tree, nfdump)
        (verdict, _), mine, theirs = self.once(tree, nfdump)
        self.failed.append(gen.text(tree))
        print(f'{os.path.basename(self.path)}: {gen.text(tree)}\n'
              f'  {verdict}: ours {mine}, nfdump {theirs}', flush=True)

    def filters(self, count, newest):
        """newest: what nfdump 1.7.1 does not take; the model is alone."""
        made_by = self.new if newest else self.gen
        trees = [made_by.tree(i % 5) for i in range(count)]
        texts = [gen.text(t) for t in trees]
        mine = self.run.ours(self.path, texts)
        theirs = [None] * count if newest else \
            self.run.nfdump(self.path, texts)
        some = range(0, count, 10)
        queried = self.run.queried(self.path, [texts[i] for i in some])
        for i, got in zip(some, queried):
            if got != mine[i] and not (refused(got) and refused(mine[i])):
                self.failed.append(texts[i])
                print(f'{texts[i]}\n  nfsen-query {got}, engine {mine[i]}')
        for tree, a, b in zip(trees, mine, theirs):
            verdict, names = self.judge(tree, a, b)
            self.seen[verdict.split(':')[0]] += 1
            if not refused(a) and 0 < a[0] < self.table.n:
                self.seen['of them find some flows, not all'] += 1
            for n in names:
                self.faults[n] += 1
            if verdict not in ('same', 'explained', 'both refuse') and \
                    len(self.failed) < 10:
                self.show(tree, not newest)


def differences(name):
    """fault -> (filter, reason)"""
    with open(name, encoding='ascii') as f:
        rows = [line.rstrip('\n').split('\t') for line in f
                if line.strip() and line[0] != '#']
    return {r[0]: (r[1], r[2]) for r in rows}


def check_listed(listed, checks):
    """Each listed fault is there, and nothing else is."""
    failed = []
    names = {f.name for f in model.FAULTS} | {r.name for r in model.REFUSALS}
    for name in sorted(names ^ set(listed)):
        failed.append(f'{name}: is not both in the list and in the model')
    for name, (text, _) in listed.items():
        differs = [c for c in checks if c.run.ours(c.path, [text])[0] !=
                   c.run.totals('nfdump', c.path, text)]
        if not differs:
            failed.append(f'{name}: {text}: is listed as different, is not')
    return failed


def main():
    build, differ, seed, count, *files = sys.argv[1:]
    print(f'seed {seed}: {count} filters on {len(files)} files', flush=True)
    each = -(-int(count) // len(files))
    runner = Runner(build)
    seen, faults, failed = collections.Counter(), collections.Counter(), []
    checks = []
    for i, path in enumerate(files):
        c = Check(runner, path, f'{seed} {i}')
        c.filters(each, False)
        c.filters(each // 4, True)
        seen += c.seen
        faults += c.faults
        failed += c.failed
        checks.append(c)
    listed = differences(differ)
    for line in check_listed(listed, checks):
        print(line)
        failed.append(line)
    for what, n in sorted(seen.items(), key=lambda x: -x[1]):
        print(f'{n:8} {what}')
    for name, n in sorted(faults.items(), key=lambda x: -x[1]):
        print(f'{n:8} by {name}: {listed.get(name, ("", "?"))[1]}')
    print(f'{len(failed)} failed')
    sys.exit(failed != [])


if __name__ == "__main__":
    main()
