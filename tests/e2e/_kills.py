"""_kills.py TRACE KILLS RECEIVED: what each kill cost.

TRACE     "ms flows": the simulator had handed over so many by then
KILLS     ms of a kill and ms of the collector's return, in turn
RECEIVED  epoch seconds at which each stored flow was received

Flows that were sent between one return and the next kill must be stored, but
for those of the last second; so must all that came after the last return.
"""
import bisect
import sys

trace, kills, received = sys.argv[1:]
at, count = [], []
with open(trace) as f:
    for line in f:
        ms, n = line.split()[:2]
        at.append(float(ms))
        count.append(int(n))
with open(kills) as f:
    times = [int(line) for line in f]
with open(received) as f:
    stored = sorted(round(float(line) * 1000) for line in f)


def sent_by(ms):
    """At least so many: the trace has ten lines a second."""
    i = bisect.bisect_right(at, ms)
    return count[i - 1] if i else 0


def sent_at_most(ms):
    return count[min(bisect.bisect_left(at, ms), len(at) - 1)] if ms else 0


def stored_in(a, b):
    return bisect.bisect_left(stored, b) - bisect.bisect_left(stored, a)


# What came between a kill and the return is the new collector's as well.
before, back, worst, cost = 0, 0, 0, 0
for killed, returned in zip(times[::2], times[1::2]):
    sent = sent_by(killed) - sent_at_most(back)
    missing = max(0, sent - stored_in(before, killed + 1))
    last_second = sent_at_most(killed) - sent_by(killed - 1000)
    if missing > last_second:
        sys.exit(f'killed at {killed}: {missing} flows are missing, '
                 f'{last_second} were sent in the second before')
    worst = max(worst, missing / max(1, last_second))
    cost += missing
    before, back = killed + 1, returned
rest = count[-1] - sent_at_most(back) - stored_in(before, 1 << 62)
if rest > 0:
    sys.exit(f'{rest} flows are missing after the last return')
print(f'{len(times) // 2} kills, {len(stored)} flows stored, {cost} missing, '
      f'at worst {worst:.2f} s')
