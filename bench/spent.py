"""Runs a command and writes what it took: {"code", "seconds", "cpu_seconds", "peak_kib"}.

What the command prints goes to standard error.
"""

import json
import resource
import subprocess
import sys
import time

began = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump(
    {
        "code": code,
        "seconds": time.monotonic() - began,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_kib": used.ru_maxrss,
    },
    sys.stdout,
)
