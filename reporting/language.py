"""In which language a reporter is answered: what they chose, else what their browser asks for."""

from functools import lru_cache

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from templates.languages import OFFERED
from templates.words import DEFAULT_LOCALE

# Browsers have another name for Tagalog.
_ASKED_AS = {"fil": "tl"}
_KNOWN = (*OFFERED, *_ASKED_AS)


def choose(asked: str | None, accepted: str) -> str:
    """``asked``: the ``lang`` of the address; ``accepted``: the Accept-Language header."""
    return asked if asked in OFFERED else _preferred(accepted[:200])


@lru_cache(maxsize=256)
def _preferred(accepted: str) -> str:
    languages = parse_accept_header(accepted, LanguageAccept)
    best = languages.best_match(_KNOWN, DEFAULT_LOCALE) or DEFAULT_LOCALE
    return _ASKED_AS.get(best, best)
