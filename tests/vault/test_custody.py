"""What the public process imports cannot reach the modules that hold private keys."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PUBLIC = ("vault.threads", "vault.kem", "vault.keyed", "vault.directory", "vault.audit", "vault.clock")
PRIVATE = ("vault.members", "vault.sessions", "vault.recovery")


def test_the_public_processs_modules_never_load_those_of_private_keys() -> None:
    lines = [f"import {module}" for module in PUBLIC]
    lines += ["import sys", f"print([name for name in {PRIVATE} if name in sys.modules])"]
    assert _printed(lines) == "[]\n"


def test_the_modules_of_private_keys_are_there_to_be_kept_apart() -> None:
    lines = [f"import {module}" for module in PRIVATE]
    assert _printed(lines) == ""


def _printed(lines: list[str]) -> str:
    command = [sys.executable, "-c", "\n".join(lines)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
