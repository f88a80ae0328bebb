"""How crowded this machine is by others' work, so that a limit in seconds means the same on a shared one."""

import os
import subprocess
import sys

SECONDS = 0.4
# Turning on the spot until so much processor time is used; how many times longer that took by the clock.
_PROBE = f"""
import time
began = time.monotonic()
while time.process_time() < {SECONDS}:
    pass
print((time.monotonic() - began) / {SECONDS})
"""


def crowding() -> float:
    """1 where every processor is free; 3 where work takes three times as long as it would alone."""
    probes = [
        subprocess.Popen([sys.executable, "-c", _PROBE], stdout=subprocess.PIPE, text=True)
        for _ in range(os.cpu_count() or 1)
    ]
    said = [probe.communicate()[0] for probe in probes]
    return max(1.0, sum(map(float, said)) / len(said))
