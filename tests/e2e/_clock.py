"""For dst.sh: a clock that is set, and what local names slots have.

_clock.py set FILE EPOCH      programs with fakeclock see this time from now on
_clock.py names ZONE START N  of N slots of 300 s: "start name", one a line; by
                              Python's idea of time zones
_clock.py rrd FILE START N    "start flows" of these slots, as the RRD has them
"""
import datetime
import struct
import subprocess
import sys
import time
import zoneinfo

STEP = 300


def set_clock(path, epoch):
    ahead = int(float(epoch) * 1000) * 1000000 - time.time_ns()
    with open(path, 'r+b') as f:
        f.write(struct.pack('=q', ahead))


def names(zone, start, n):
    tz = zoneinfo.ZoneInfo(zone)
    for i in range(int(n)):
        at = int(start) + i * STEP
        t = datetime.datetime.fromtimestamp(at, tz)
        suffix = t.strftime('%z') if t.fold else ''
        print(at, t.strftime('nfcapd.%Y%m%d%H%M') + suffix)


def rrd(path, start, n):
    start, end = int(start), int(start) + int(n) * STEP
    out = subprocess.run(['rrdtool', 'fetch', path, 'AVERAGE', '-r', str(STEP),
                          '-s', str(start - STEP), '-e', str(end - STEP)],
                         check=True, capture_output=True, text=True).stdout
    lines = out.splitlines()
    column = lines[0].split().index('flows')
    for line in lines[2:]:
        at, values = line.split(':')
        value = values.split()[column]
        if start <= int(at) < end:
            flows = '-' if 'nan' in value else round(float(value) * STEP)
            print(at, flows)


{'set': set_clock, 'names': names, 'rrd': rrd}[sys.argv[1]](*sys.argv[2:])
