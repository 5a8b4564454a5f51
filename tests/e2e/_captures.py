#!/usr/bin/env python3
"""Records of a capture as we store them, against both references, by field.

  _captures.py COMPARE.PY DIFFER NAME GOT.json [REFERENCE.json[.gz] ...]

Prints what deviates and captures.differ does not list, and what it lists and
does not deviate; exit status 1 then.  Last line: "equal" or "N deviations".

A field of a record agrees when one of the references (171, head) has that
value, but a capture must have one reference with which everything agrees, or
the deviations from the nearer one are listed:

  capture <TAB> reference <TAB> field=records ... <TAB> reason

field=records    so many records have another value there
field=records*   ... and there the other reference has what we have
more=records     records only we have       fewer=records    ... only it has
"""
import collections
import importlib.util
import sys

IGNORE = {"router", "export_sysid", "sampled"}
IDENT = ("src", "dst", "src_port", "dst_port", "proto", "in_bytes", "in_packets")
# What files for 1.7.1 have no element for, and fields only head prints.
UNSEEN = {"ip_minttl", "ip_maxttl", "ip_version"}
SAME = {"observationDoaminID": "observationDomainID"}  # as 1.7.1 spells it
# sFlow has no times but the collector's, so the references leave them out.
CLOCK = {"first", "last"}


def load(compare, path, tell):
    records = compare.load_text(compare.read(path))
    records = [records] if isinstance(records, dict) else records
    ignore = compare.IGNORE | IGNORE | tell
    return [{SAME.get(k, k): v for k, v in compare.canon(r, False, ignore).items()} for r in records]


def close(compare, k, a, b):
    return compare.close(k, a, b, 1)


def differing(compare, a, b):
    return [k for k in set(a) | set(b) if not close(compare, k, a.get(k, 0), b.get(k, 0))]


def exact_key(compare, r):
    return tuple(sorted((k, str(v)) for k, v in r.items() if k not in compare.TIMES))


def pair(compare, got, want):
    """[(ours, theirs)], ours alone, theirs alone; nearest first."""
    pairs, left_want, pool = [], [], collections.defaultdict(list)
    for g in got:
        pool[exact_key(compare, g)].append(g)
    for w in want:
        c = pool.get(exact_key(compare, w), [])
        i = next((i for i, g in enumerate(c) if not differing(compare, g, w)), None)
        if i is None:
            left_want.append(w)
        else:
            pairs.append((c.pop(i), w))
    left_got = [g for c in pool.values() for g in c]
    for fields in (IDENT, IDENT[:5], ("src", "dst"), ("in_bytes", "in_packets"), ()):
        pool = collections.defaultdict(list)
        for g in left_got:
            pool[tuple(str(g.get(k)) for k in fields)].append(g)
        rest = []
        for w in left_want:
            c = pool.get(tuple(str(w.get(k)) for k in fields), [])
            if not c:
                rest.append(w)
                continue
            n = min(range(len(c)), key=lambda i: len(differing(compare, c[i], w))) if len(c) < 100 else 0
            g = c.pop(n)
            if not fields and len(differing(compare, g, w)) > 12:
                rest.append(w)
                c.append(g)
            else:
                pairs.append((g, w))
        left_want = rest
        left_got = [g for c in pool.values() for g in c]
    return pairs, left_got, left_want


def deviations(compare, got, want, other):
    """{field: (records, records where the other reference is with us)}, examples"""
    pairs, more, fewer = pair(compare, got, want)
    beside = {}
    if other is not None:
        for g, o in pair(compare, got, other)[0]:
            beside[id(g)] = o
    count, agree, example = collections.Counter(), collections.Counter(), {}
    for g, w in pairs:
        for k in differing(compare, g, w):
            count[k] += 1
            o = beside.get(id(g))
            if o is not None and close(compare, k, g.get(k, 0), o.get(k, 0)):
                agree[k] += 1
            example.setdefault(k, "ours %r, reference %r, other %r (%s -> %s)" % (
                g.get(k), w.get(k), o.get(k) if o else None, g.get("src"), g.get("dst")))
    out = {k: "%d%s" % (n, "*" if agree[k] == n else "") for k, n in count.items()}
    if more:
        out["more"], example["more"] = "%d" % len(more), repr(more[0])
    if fewer:
        out["fewer"], example["fewer"] = "%d" % len(fewer), repr(fewer[0])
    return out, example


def listed(path, name):
    out = {}
    with open(path, encoding="utf-8") as fh:
        for line in fh:
            p = line.rstrip("\n").split("\t")
            if line.startswith("#") or p[0] != name:
                continue
            if len(p) != 4 or not p[3]:
                sys.exit("captures.differ: not four columns: %r" % line)
            out.setdefault(p[1], {}).update(x.split("=", 1) for x in p[2].split())
    return out


def main():
    spec = importlib.util.spec_from_file_location("compare", sys.argv[1])
    compare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compare)
    name = sys.argv[3]
    refs = {"171" if ".171." in p else "head": p for p in sys.argv[5:]}
    tell = UNSEEN | CLOCK if name.startswith("sflow") else UNSEEN
    got = load(compare, sys.argv[4], tell)
    want = {r: load(compare, p, tell) for r, p in refs.items()}
    known = listed(sys.argv[2], name)
    found = {}
    for r in refs:
        other = next((want[o] for o in want if o != r), None)
        found[r] = deviations(compare, got, want[r], other)
    if any(not f for f, _ in found.values()) and not known:
        print("equal")
        return 0
    if len(known) > 1:
        print("captures.differ has several references for %s" % name)
        return 1
    ref = next(iter(known), None) or min(found, key=lambda r: len(found[r][0]))
    if ref not in found:
        print("captures.differ has a reference that is not there: %s" % ref)
        return 1
    here, example = found[ref]
    listed_here = known.get(ref, {})
    bad = 0
    for k in sorted(set(here) | set(listed_here)):
        if here.get(k) == listed_here.get(k):
            continue
        bad += 1
        print("%s\t%s\t%s=%s, listed %s: %s" % (name, ref, k, here.get(k, "0"),
              listed_here.get(k, "0"), example.get(k, "")))
    print("%d deviations" % len(here))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
