"""Payload terms against nfdump 1.7.1: the same flows, one by one.

_payload.py BUILD DIR SEED FILES FILTERS

nfdump 1.7.1 looks at the payload of the first direction only, so all terms
here stand with `in` for us and without for nfdump.  JA3 is compared on random
hello messages: what nfdump prints, our term has to find.

Left out is what 1.7.1 gets wrong: GREASE among the groups, which it counts
(JA3 leaves it out everywhere); a text whose beginning stands just before it
("GET " before "GET /"), which it misses; repeated groups of an expression;
expressions with . that meets a line feed and could match further on.
"""

import random
import subprocess
import sys

build, folder, seed, files, filters = sys.argv[1:]
rnd = random.Random(int(seed))
tools = build + "/tests/tools/"
FLOWS = 39  # payload_flows tells so many apart by their bytes

WORDS = [b"GET ", b"POST ", b"/index", b".html", b" HTTP/1.1", b"\r\n", b"Host: ",
         b"example", b"abc", b"aab", b"\0", b"\xff", b"User", b"\n", b"0123", b" "]


def text():
    return b"".join(rnd.choice(WORDS) for _ in range(rnd.randint(1, 12)))


def u16(n):
    return n.to_bytes(2, "big")


def vec16(b):
    return u16(len(b)) + b


def number():
    if rnd.random() < 0.1:
        return rnd.randrange(16) * 0x1010 + 0x0A0A  # GREASE
    return rnd.choice([0x1301, 0x1302, 0xC02B, 0xC02F, 47, 53, 255, rnd.randrange(65536)])


def numbers(low, high):
    return b"".join(u16(number()) for _ in range(rnd.randint(low, high)))


def extensions():
    out = b""
    for kind in rnd.sample([0, 5, 10, 11, 13, 16, 18, 21, 23, 35, 43, 45, 51, 65281,
                            0x1A1A, 17513], rnd.randint(1, 12)):
        body = b"\0" * rnd.randrange(4)
        if kind == 0:
            body = vec16(b"\0" + vec16(b"www.example.com"))
        elif kind == 10:
            body = vec16(b"".join(u16(g) for g in rnd.sample(range(22, 32), rnd.randint(1, 5))))
        elif kind == 13:
            body = vec16(numbers(1, 5))
        elif kind == 11:
            formats = bytes(rnd.sample([0, 1, 2], rnd.randint(1, 3)))
            body = bytes([len(formats)]) + formats
        elif kind == 16:
            body = vec16(b"\x02h2")
        elif kind == 43:
            body = b"\x02\x03\x04"
        out += u16(kind) + vec16(body)
    return vec16(out)


def hello():
    body = u16(rnd.choice([0x301, 0x302, 0x303])) + rnd.randbytes(32)
    body += bytes([32]) + rnd.randbytes(32) if rnd.random() < 0.5 else b"\0"
    body += vec16(numbers(1, 20)) + b"\1\0" + extensions()
    message = b"\1" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + vec16(message)


def atom():
    return rnd.choice(["GET", "POST", "HTTP", "abc", "a", "b", "[a-c]", "[^a]", ".",
                       "0", "[0-9]", "e", "x", "ex", "/", " ", "User"])


def regex():
    """Never one that matches the empty text: 1.7.1 finds none at the end."""
    parts = [rnd.choice(["GET", "ab", "a", "0", "H", "e"])]
    for _ in range(rnd.randint(0, 3)):
        a = atom()
        repeat = rnd.choice(["", "", "", "*", "+", "?"])
        parts.append("(%s|%s)" % (a, atom()) if rnd.random() < 0.3 and repeat == ""
                     else a + repeat)
    expr = "".join(parts)
    expr = rnd.choice(["", "", "", "^"]) + expr
    expr += rnd.choice(["", "", "", "$"])
    if "." in expr:
        return "'%s' s" % expr
    return "'%s'%s" % (expr, rnd.choice(["", "", " i", " s"]))


def one_filter():
    kind = rnd.random()
    if kind < 0.6:
        term = "payload regex " + regex()
    else:
        term = "payload content '%s'" % rnd.choice(
            ["GET", "get", "index", "bc", "b", "0123", "1.1", "zz", ": ", "Host"])
    return rnd.choice(["", "not "]) + term


def run(*args, stdin=None):
    return subprocess.run(args, input=stdin, capture_output=True, text=True, check=False).stdout


def numbers_of(total):
    return [i for i in range(FLOWS) if total >> i & 1]


failed = 0


def differ(path, what, ours, theirs):
    global failed
    failed += 1
    print("%s: %s: flows %s, nfdump %s" % (path, what, ours, theirs))


compared = 0
for number_of_file in range(int(files)):
    path = "%s/payload.%d" % (folder, number_of_file)
    payloads = [hello() if rnd.random() < 0.3 else text() for _ in range(FLOWS)]
    lines = "".join("6 %d 80 %s -\n" % (1000 + i, p.hex()) for i, p in enumerate(payloads))
    subprocess.run([tools + "payload_flows", path], input=lines, text=True, check=True)

    chosen = [one_filter() for _ in range(int(filters))]
    ours = run(tools + "filtercount", path,
               stdin="".join(f.replace("payload", "in payload") + "\0" for f in chosen))
    for f, line in zip(chosen, ours.splitlines()):
        theirs = sorted(int(w) - 1000 for w in
                        run("nfdump", "-q", "-r", path, "-o", "fmt:%sp", f).split()
                        if w.isdigit())
        found = numbers_of(int(line.split()[2])) if line[0].isdigit() else line
        compared += 1
        if found != theirs:
            differ(path, f, found, theirs)

    printed = run("nfdump", "-q", "-r", path, "-o", "fmt:%sp %ja3").splitlines()
    ja3 = [w for w in (p.split() for p in printed) if len(w) == 2 and len(w[1]) == 32]
    ours = run(tools + "filtercount", path,
               stdin="".join("in payload ja3 %s\0" % w[1] for w in ja3)
               + "in payload ja3 defined\0").splitlines()
    for w, line in zip(ja3, ours):
        compared += 1
        if int(w[0]) - 1000 not in numbers_of(int(line.split()[2])):
            differ(path, "ja3 " + w[1], line, w[0])
    all_of_them = numbers_of(int(ours[-1].split()[2]))
    if all_of_them != sorted(int(w[0]) - 1000 for w in ja3):
        differ(path, "ja3 defined", all_of_them, [w[0] for w in ja3])

print("%d comparisons, %d differences" % (compared, failed))
sys.exit(failed != 0 or compared == 0)
