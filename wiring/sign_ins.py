"""The demo's generated sign-ins, in a file that only this user can read: a newcomer can become anybody."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = "demo-sign-ins.txt"
HEAD = "# Sign-ins of the demo: login, password, who it is. Worthless outside this machine.\n"


@dataclass(frozen=True)
class SignIn:
    """One member's way in."""

    login: str
    password: str
    name: str


def write_sign_ins(folder: Path, sign_ins: Sequence[SignIn]) -> None:
    """Keep them in ``folder``, mode 0600."""
    descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(HEAD)
        file.writelines(f"{one.login}\t{one.password}\t{one.name}\n" for one in sign_ins)


def first_sign_in(folder: Path) -> SignIn | None:
    """The first of them; None in an install that is no demo."""
    path = folder / FILE
    if not path.exists():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [SignIn(*line.split("\t")) for line in lines if line and not line.startswith("#")]
    return found[0] if found else None
