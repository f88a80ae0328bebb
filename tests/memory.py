"""Where tests write: into memory, if the machine has room there. A disk's pace is no part of what they ask.

Every commit on SQLite waits for the disk, as it must; beside other work that is most of what a test takes.
"""

import os
import shutil
import tempfile
from pathlib import Path

PLACE = Path("/dev/shm")  # noqa: S108 - Linux's files in memory; inside are folders with names of their own
ROOM = 3 << 30


def write_into_memory() -> None:
    """From now on, for this process and those that it starts. Whoever set TMPDIR has chosen."""
    if "TMPDIR" not in os.environ and PLACE.is_dir() and shutil.disk_usage(PLACE).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(PLACE)
