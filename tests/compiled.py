"""Triage may be compiled (hatch_build.py): whether it is, and from what is there now."""

from importlib import import_module
from pathlib import Path

import pytest

from hatch_build import is_fresh, libraries

ROOT = Path(__file__).parents[1]


def is_compiled() -> bool:
    return str(import_module("triage.facts").__file__).endswith(".so")


def refuse_what_is_stale() -> None:
    """End the run when triage was changed after it was compiled: it would test what is no more."""
    if libraries(ROOT) and not is_fresh(ROOT):
        pytest.exit("triage was changed after it was compiled: run make setup", 2)
