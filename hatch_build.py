"""Compiles triage when the project is installed, where there is a C compiler; elsewhere it runs as written.

The engine is ordinary Python and says the same either way (`tests/triage/test_compiled.py`); compiled by
mypyc it takes a third less time (ADR 5). `TIPLINE_COMPILE=0` leaves it as it is.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "triage"
# What reads a message; what compiles rules, measures or prints stays as it is.
MODULES = (
    "assess",
    "backing",
    "compose",
    "context",
    "evidence",
    "facts",
    "fold",
    "language",
    "markers",
    "matching",
    "pattern",
    "repair",
    "ruleset",
    "sayings",
    "script",
    "subject",
    "views",
    "words",
)
SUFFIX = str(sysconfig.get_config_var("EXT_SUFFIX"))
# Beside the libraries: what they were made from. Written last and removed first: half of them are none.
STAMP = f"{PACKAGE}/.compiled"
# Without lines for a debugger the libraries are a third as large.
FLAGS = {"MYPYC_OPT_LEVEL": "3", "MYPYC_DEBUG_LEVEL": "0"}


class CompiledTriage(BuildHookInterface):  # type: ignore[type-arg]  # any configuration will do
    """A wheel holds the libraries; an editable install has them beside what they were made from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if (lacking := what_lacks()) is not None:
            self.app.display_info(
                f"Triage is not compiled: {lacking}. It runs as it is written, more slowly."
            )
            made = []
        elif is_fresh(root):
            made = libraries(root)
        else:
            self.folder = Path(tempfile.mkdtemp())
            made = compiled(root, self.folder)
            if not made:
                self.app.display_warning(
                    "Triage cannot be compiled here. It runs as it is written, more slowly."
                )
        if version == "editable":
            put_beside(root, made)
        elif made:
            build_data["force_include"].update((str(one), _place(one)) for one in made)
            build_data.update(pure_python=False, infer_tag=True)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)


def libraries(root: Path) -> list[Path]:
    """The libraries in a tree for this Python: one for each module, and one that all share."""
    return [*root.glob(f"{PACKAGE}/*{SUFFIX}"), *root.glob(f"*__mypyc{SUFFIX}")]


def is_fresh(root: Path) -> bool:
    """Whether the libraries beside the sources were made from these, and none is missing.

    By what the files hold: an unpacked release brings its own times, and the shared library holds all code.
    """
    stamp = root / STAMP
    return (
        len(libraries(root)) == len(MODULES) + 1
        and stamp.exists()
        and stamp.read_text(encoding="ascii") == _digest(root)
    )


def _digest(root: Path) -> str:
    """What the libraries depend on: sources, how they are compiled, and for which Python."""
    digest = hashlib.sha256(SUFFIX.encode())
    for written in (Path(__file__), *sorted(root.glob(f"{PACKAGE}/*.py"))):
        digest.update(written.name.encode() + b"\0" + written.read_bytes() + b"\0")
    return digest.hexdigest()


def _place(library: Path) -> str:
    """Where a library belongs in the project."""
    return f"{PACKAGE}/{library.name}" if library.parent.name == PACKAGE else library.name


def put_beside(root: Path, made: Sequence[Path]) -> None:
    """Leave these libraries beside the sources, and no others; who runs old ones keeps them to the end."""
    if made and all(one == root / _place(one) for one in made):
        return
    (root / STAMP).unlink(missing_ok=True)
    for old in libraries(root):
        old.unlink()
    for one in made:
        shutil.copy(one, root / _place(one))
    if made:
        (root / STAMP).write_text(_digest(root), encoding="ascii")


def what_lacks() -> str | None:
    """Why triage is not to be compiled here, or None."""
    if os.environ.get("TIPLINE_COMPILE") == "0":
        return "TIPLINE_COMPILE is 0"
    if shutil.which("cc") is None:
        return "there is no C compiler"
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python's headers are missing (Debian: python3-dev)"
    return None if find_spec("mypyc") else "mypy is not installed"


def compiled(root: Path, into: Path) -> list[Path]:
    """The libraries of the modules, made in a folder that is laid out as the project; none where it fails."""
    shutil.copytree(root / PACKAGE, into / PACKAGE, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    command = [sys.executable, "-m", "mypyc", *(f"{PACKAGE}/{name}.py" for name in MODULES)]
    done = subprocess.run(command, cwd=into, env=os.environ | FLAGS, capture_output=True, check=False)  # noqa: S603  # our own
    return libraries(into) if done.returncode == 0 else []
