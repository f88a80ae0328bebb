"""Triage may be compiled (hatch_build.py): whether it is, and from what is there now."""

from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def is_compiled() -> bool:
    return str(import_module("triage.facts").__file__).endswith(".so")


def refuse_what_is_stale() -> None:
    """End the run when triage was changed after it was compiled: it would test what is no more."""
    for library in (ROOT / "triage").glob("*.so"):
        written = library.with_name(library.name.partition(".")[0] + ".py")
        if not written.exists() or written.stat().st_mtime > library.stat().st_mtime:
            pytest.exit(f"triage/{written.name} was changed after it was compiled: run make setup", 2)
