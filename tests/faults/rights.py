"""Whether this machine lets its tests arrange networks and disks of their own."""

import os
from pathlib import Path

# Linux's numbers of CAP_NET_ADMIN and CAP_SYS_ADMIN (linux/capability.h).
RIGHTS = (12, 21)


def may_arrange() -> bool:
    """Root, and not one whose rights a container took away."""
    if os.geteuid() != 0:
        return False
    status = Path("/proc/self/status").read_text("ascii")
    rights = int(next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), 16)
    return all(rights >> number & 1 for number in RIGHTS)
