"""A small disk of a test's own, which can be filled to the last byte and emptied again."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.rights import may_arrange

SIZE = "64m"
BLOCK = bytes(65_536)


@dataclass(frozen=True)
class Disk:
    """Mounted at ``folder``."""

    folder: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is left within the block."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(BLOCK):
                pass
        try:
            yield
        finally:
            ballast.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk | None]:
    """At ``folder``; None where this machine does not let us mount one."""
    if not may_arrange() or _run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tipline", str(folder)):
        yield None
        return
    try:
        yield Disk(folder)
    finally:
        # Lazily: a process that is still dying there is no reason to leave it mounted.
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> int:
    return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode
