"""Triage says the same compiled and as it is written."""

import csv
import json
import os
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from hatch_build import MODULES, STAMP, SUFFIX, is_fresh, libraries, put_beside, what_lacks
from tests.compiled import ROOT, is_compiled

HERE = Path(__file__).parent
ODD = [
    "",
    " ",
    "\0",
    "\ud800",
    "\U0001f52b" * 40,
    "k i l l",
    "\u202ehelp",
    "\u6b7b",
    "no " * 900,
    "a" * 9_000,
]


def _texts() -> list[str]:
    """Every thirtieth case of every set, and texts that no child writes."""
    texts = []
    for path in sorted((HERE / "cases").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row["text"] for row in islice(csv.DictReader(file), 3, None, 30)]
    return texts + ODD


def _said(root: Path, lines: str) -> list[str]:
    """What the engine in this tree says of JSON lines."""
    done = subprocess.run(
        [sys.executable, "-m", "triage", "triage"],
        cwd=root,
        input=lines,
        text=True,
        capture_output=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_triage_says_the_same_compiled_and_as_it_is_written(tmp_path: Path) -> None:
    if not is_compiled() and (lacking := what_lacks()):
        pytest.skip(f"triage is not compiled: {lacking}")
    assert is_compiled()
    shutil.copytree(
        ROOT / "triage", tmp_path / "triage", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    lines = "".join(json.dumps({"id": str(at), "text": text}) + "\n" for at, text in enumerate(_texts()))
    said = _said(ROOT, lines)
    assert len(said) == lines.count("\n")
    assert said == _said(tmp_path, lines)


def test_libraries_that_are_not_of_these_sources_are_not_fresh_whatever_their_time(tmp_path: Path) -> None:
    made = tmp_path / "made"
    for name in ("shared__mypyc", *(f"triage/{module}" for module in MODULES)):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / f"{name}{SUFFIX}").touch()
    root = tmp_path / "root"
    shutil.copytree(ROOT / "triage", root / "triage", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    put_beside(root, libraries(made))
    assert is_fresh(root)
    source = root / "triage" / "facts.py"
    written, old = source.read_bytes(), source.stat().st_mtime
    source.write_bytes(written + b"# another release\n")
    os.utime(source, (old, old))  # as an unpacked archive has it
    assert not is_fresh(root)
    source.write_bytes(written)
    assert is_fresh(root)
    (root / STAMP).unlink()  # as while they are put there
    assert not is_fresh(root)
