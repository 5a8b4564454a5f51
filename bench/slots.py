"""What happens at the end of a slot: bench.py's part "slot"."""
import os
import re
import shutil
import statistics
import struct
import subprocess
import tempfile
import time

CHANNELS, PROFILES, SLOTS = 1000, 50, 3
LENGTH = 60       # seconds of a slot, so that this does not take all day
FLOWS = 2000000   # in each
WAIT = 15         # seconds that NfSen lets pass after a slot's end


def profiles(texts):
    each = CHANNELS // PROFILES
    out = []
    for p in range(PROFILES):
        chans = ', '.join(
            f"'c{i}' => {{ 'filter' => '{texts[i]}' }}"
            for i in range(p * each, (p + 1) * each))
        out.append(f"'p{p}' => {{ 'shadow' => 1, "
                   f"'channels' => {{ {chans} }} }}")
    return '%profiles = ( ' + ',\n'.join(out) + ' );'


def memory(pid):
    """MiB of a process and its children; what they share counts once."""
    kids = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(pid)],
                          capture_output=True, text=True).stdout.split()
    total = 0
    for p in [str(pid)] + kids:
        try:
            with open(f'/proc/{p}/smaps_rollup') as f:
                total += int(re.search(r'^Pss:\s+(\d+)', f.read(),
                                       re.M)[1]) / 1024
        except (OSError, TypeError):
            pass
    return total


def updated(base):
    with open(os.path.join(base, 'stat', 'live', 'profile.dat')) as f:
        return int(re.search(r'^updated = (-?\d+)', f.read(), re.M)[1])


def follow(b, base, pid, first):
    """Seconds from each slot's end until all is stored (live's profile.dat
    is written last), and memory behind the last of them."""
    dat = os.path.join(base, 'stat', 'live', 'profile.dat')
    lags = []
    for slot in range(first, first + SLOTS * LENGTH, LENGTH):
        b.wait_until(lambda: updated(base) >= slot, 3 * LENGTH,
                     f'slot {slot} is not worked off')
        lags.append(os.stat(dat).st_mtime - slot - LENGTH)
    return lags, memory(pid)


def flows_in(b, base, slot):
    name = time.strftime('nfcapd.%Y%m%d%H%M', time.gmtime(slot))
    path = os.path.join(base, 'data', 'live', 'up', name)
    text = b.run(['nfdump', '-I', '-r', path])
    return path, int(re.search(r'^Flows: (\d+)', text, re.M)[1])


def slots(b):
    base = tempfile.mkdtemp()
    port = b.free_port()
    conf = b.config(base, f"""$CYCLETIME = {LENGTH}; $BUFFLEN = {b.BUFFER};
%sources = ( 'up' => {{ 'port' => '{port}' }} );
{profiles(b.filters(CHANNELS))}""")
    b.run([b.ours('nfsen'), '--config', conf, 'reconfig', '-y'])
    quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
    started = [subprocess.Popen([b.ours(p), '-c', conf], **quiet)
               for p in ('nfsen-collector', 'nfsen-profiler')]
    b.wait_until(lambda: b.udp_queue(port) is not None, 20, 'no collector')
    now = time.time()
    first = int(now) - int(now) % LENGTH + LENGTH
    started.append(subprocess.Popen(
        [b.ours('flowgen'), '--to', f'127.0.0.1:{port}', '-v', '9', '-r',
         str(FLOWS // LENGTH), '-t', str(first - int(now) + SLOTS * LENGTH),
         '-q'], **quiet))
    try:
        lags, rss = follow(b, base, started[1].pid, first)
    finally:
        for p in reversed(started):
            p.terminate()
            p.wait()
    slot = first + (SLOTS - 1) * LENGTH
    path, n = flows_in(b, base, slot)
    b.title(f'{CHANNELS} channels in {PROFILES} shadow profiles, '
            f'{n / 1e6:.2f} M flows a slot of {LENGTH} s from the network: '
            f'from the slot\'s\nend until all RRDs are updated; nfprofile on '
            f'the same file, behind NfSen\'s wait of {WAIT} s')
    seconds, mib = b.nfprofile('theirs', os.path.join(base, 'data'), path,
                               b.filters(CHANNELS), slot)
    b.line('slot end to RRDs: median', statistics.median(lags),
           WAIT + seconds, 's')
    b.line('slot end to RRDs: worst', max(lags), WAIT + seconds, 's')
    b.line('memory, profiler and children', rss, mib, 'MiB')
    shutil.rmtree(base)


def ring(b):
    """A day of slots of 300 s, each channel with flows in every second: all
    that the seconds in memory can hold."""
    base = tempfile.mkdtemp()
    conf = b.config(base, f"""%sources = ( 'up' => {{ 'port' => '0' }} );
{profiles(['any'] * CHANNELS)}""")
    end = int(time.time()) // 300 * 300
    start = end - 86400
    clock = os.path.join(base, 'clock')
    with open(clock, 'wb') as f:
        f.write(struct.pack('q', int(start - 300 - time.time()) * 10 ** 9))
    fake = os.path.join(b.BUILD, 'tests', 'fakeclock.so')
    subprocess.run([b.ours('nfsen'), '--config', conf, 'reconfig', '-y'],
                   env={**os.environ, 'LD_PRELOAD': fake, 'FAKECLOCK': clock},
                   check=True, capture_output=True)
    b.run([b.ours('flowgen'), '--files', os.path.join(base, 'data', 'live'),
           '--source', 'up', '-n', '30000', '--start', str(start), '--until',
           str(end), '-q'])
    p = subprocess.Popen([b.ours('nfsen-profiler'), '-c', conf],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        t = time.monotonic()
        b.wait_until(lambda: updated(base) >= end - 300, 600,
                     'the day is not worked off')
        t = time.monotonic() - t
        # The children of that work have ended when nothing is left to do.
        least = memory(p.pid)
        time.sleep(2)
        while (now := memory(p.pid)) < least:
            least = now
            time.sleep(2)
    finally:
        p.terminate()
        p.wait()
    b.title(f'{CHANNELS} channels in {PROFILES} profiles, a day of flows '
            'behind them, some in each second of each')
    b.alone('memory, profiler and children', least, 'MiB', f'{t:.0f} s of work')
    shutil.rmtree(base)
