"""Renders words in a language: Jinja for structure, gettext catalogues (``locale/…/*.po``) for words.

The catalogues are read once, when a process starts, so that no compiled copy can be older than its source.
"""

from collections.abc import Sequence
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from templates.languages import OFFERED

ROOT = Path(__file__).parent
# What members read and hear; reporters are offered more.
LOCALES = ("en", "es")
DEFAULT_LOCALE = "en"


class Catalogue(NullTranslations):
    """One language's words; what it lacks is shown in English, never left out."""

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__()
        self._words = words

    def __contains__(self, message: str) -> bool:
        return bool(self._words.get(message))

    def gettext(self, message: str) -> str:
        return self._words.get(message) or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@cache
def catalogue(locale: str) -> Catalogue:
    """The words of ``locale``; empty for English and for languages without a file."""
    words: dict[str, str] = {}
    if locale in OFFERED:
        for path in sorted((ROOT / "locale" / locale).glob("*.po")):
            words |= _read(path, locale)
    words.pop("", None)
    return Catalogue(words)


def _read(path: Path, locale: str) -> dict[str, str]:
    with path.open("rb") as file:
        found = read_po(file, locale=locale)
    words: dict[str, str] = {}
    # A guess that nobody has looked at ("fuzzy") is no translation.
    for message in (one for one in found if not one.fuzzy):
        words.update(zip(_forms(message.id), _forms(message.string), strict=False))
    return words


def _forms(text: str | Sequence[str] | None) -> list[str]:
    if isinstance(text, str):
        return [text]
    return list(text or [])


@cache
def environment(locale: str) -> Environment:
    """The Jinja environment of one language: autoescaped HTML and XML, plain text as it is."""
    jinja = Environment(
        loader=FileSystemLoader(ROOT),
        autoescape=select_autoescape(("html", "xml")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    jinja.install_gettext_translations(catalogue(locale), newstyle=True)  # type: ignore[attr-defined]
    jinja.policies["ext.i18n.trimmed"] = True
    jinja.globals |= {
        "locale": locale,
        "spoken": OFFERED.get(locale, OFFERED[DEFAULT_LOCALE]),
        "offered": tuple(OFFERED.values()),
    }
    return jinja


def render(name: str, locale: str, **values: object) -> str:
    """The words of template ``name`` (``public/form.html``, ``messages/page.txt``) in ``locale``.

    A value that the template needs and does not get is an error, never a blank.
    """
    return environment(locale).get_template(name).render(**values)
