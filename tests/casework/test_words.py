"""Every word of the staff side has its Spanish."""

import re
from pathlib import Path

from jinja2.ext import babel_extract

from templates.words import ROOT, catalogue

SAME = {"%(n)s min", "%(n)s h", "%(n)s s"}
_PLACE = re.compile(r"%\((\w+)\)s")


def _words(path: Path) -> set[str]:
    with path.open("rb") as file:
        found = babel_extract(file, ("_", "gettext"), [], {"trimmed": "true", "silent": "false"})
        return {message for _, _, message, _ in found if isinstance(message, str)}


def test_every_word_of_the_staff_side_has_its_spanish() -> None:
    spanish = catalogue("es")
    for path in sorted((ROOT / "casework").rglob("*.*")):
        for text in _words(path):
            translated = spanish.gettext(text)
            assert translated != text or text in SAME, (path.name, text)
            assert set(_PLACE.findall(translated)) == set(_PLACE.findall(text)), text
