"""Watch a collector end slots:  _slots.py SLOTFILE LIVE STEP SOURCE...

Each time a slot is announced, the files of all sources must have their final
names; the first is the slot before the start, which has no files.  Ends with SIGTERM; prints the announced slots, exits 1 when a file was
missing or a slot was announced twice or left out.
"""
import os
import signal
import sys
import time

slot_file, live, step, *sources = sys.argv[1:]
step = int(step)
seen = []
bad = []
signal.signal(signal.SIGTERM, lambda *a: sys.exit(done()))


def done():
    bad.extend(f'slot {b} follows {a}' for a, b in zip(seen, seen[1:])
               if b != a + step)
    print(*seen)
    print(*bad, sep='\n')
    return bool(bad)


def look():
    try:
        with open(slot_file) as f:
            slot, length = map(int, f.read().split())
    except FileNotFoundError:
        return
    if seen and slot == seen[-1]:
        return
    seen.append(slot)
    if length != step:
        bad.append(f'{length} is not the slot length')
    form = '%Y/%m/%d/nfcapd.%Y%m%d%H%M' + ('%S' if step < 60 else '')
    name = time.strftime(form, time.gmtime(slot))
    for s in sources if len(seen) > 1 else ():
        if not os.path.exists(os.path.join(live, s, name)):
            bad.append(f'{s}/{name} is missing when announced')


print('watching', flush=True)
while True:
    look()
    time.sleep(0.01)
