"""Run a command; fail when it does or when it needs more memory than allowed.

_peak.py MEGABYTES COMMAND ...   with this program's standard input
"""
import resource
import subprocess
import sys

most = int(sys.argv[1])
status = subprocess.run(sys.argv[2:]).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(f"{peak} MB at most")
if status != 0:
    sys.exit(f"exit {status}")
if peak > most:
    sys.exit(f"{peak} MB of memory, more than {most}")
