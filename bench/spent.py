"""Runs a command and writes what it took: {"code", "seconds", "cpu_seconds", "peak_kib", "peak_own_kib"}.

`peak_own_kib` is memory that is the process's own: without the pages of programs and libraries, which stand on disk and
which all processes share. It is read every few milliseconds. What the command prints goes to standard error.
"""

import json
import resource
import subprocess
import sys
import time


def own_kib(pid):
    """The memory of a process that stands behind no file; 0 once it has ended."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("RssAnon:")), 0)
    except OSError:
        return 0


if __name__ == "__main__":
    began = time.monotonic()
    child = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
    own = 0
    while child.poll() is None:
        own = max(own, own_kib(child.pid))
        time.sleep(0.01)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    json.dump(
        {
            "code": child.returncode,
            "seconds": time.monotonic() - began,
            "cpu_seconds": used.ru_utime + used.ru_stime,
            "peak_kib": used.ru_maxrss,
            "peak_own_kib": own,
        },
        sys.stdout,
    )
