"""Whether a text asks us to stop writing, or to write again. Anything else is a message.

HELP and AYUDA are messages here: on a help line, a person may mean them.
"""

import re
import unicodedata
from enum import StrEnum

_ENGLISH_STOP = frozenset(("stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel"))
_SPANISH_STOP = frozenset(("alto", "parar", "detener", "basta", "cancelar", "terminar"))
_ENGLISH_START = frozenset(("start", "unstop"))
_SPANISH_START = frozenset(("empezar", "iniciar", "comenzar", "reanudar"))
_ENGLISH_PLAIN = re.compile(
    r"(?:please |pls )?"
    r"(?:(?:stop|quit) (?:texting|messaging|writing|contacting)(?: to)? me"
    r"|(?:do not|dont) (?:text|message|write|contact)(?: to)? me(?: again| anymore| any more)?"
    r"|opt (?:me )?out|unsubscribe me)"
    r"(?: please| pls)?"
)
_SPANISH_PLAIN = re.compile(
    r"(?:por favor )?"
    r"(?:(?:ya )?no me (?:escriban|escribas|manden|mandes|envien|envies)"
    r"(?: mas)?(?: (?:mensajes|textos))?(?: mas)?"
    r"|(?:dejen|deja) de (?:escribirme|mandarme mensajes))"
    r"(?: por favor)?"
)


class Wish(StrEnum):
    """``bare_stop`` and ``start`` say nothing else; ``stop`` is in words, which somebody should read."""

    NONE = "none"
    STOP = "stop"
    BARE_STOP = "bare_stop"
    START = "start"


def wish_of(body: str, opt_out_type: str = "") -> Wish:
    """What ``body`` asks for. ``opt_out_type``: what the carrier made of it (STOP, START or HELP)."""
    plain = _plain(body)
    if plain in _ENGLISH_STOP | _SPANISH_STOP:
        return Wish.BARE_STOP
    if plain in _ENGLISH_START | _SPANISH_START:
        return Wish.START
    if _ENGLISH_PLAIN.fullmatch(plain) or _SPANISH_PLAIN.fullmatch(plain) or opt_out_type == "STOP":
        return Wish.STOP
    return Wish.NONE


def is_spanish(body: str) -> bool:
    """Whether a wish to stop or to start was said in Spanish."""
    plain = _plain(body)
    return plain in _SPANISH_STOP | _SPANISH_START or _SPANISH_PLAIN.fullmatch(plain) is not None


def _plain(body: str) -> str:
    """Letters only, one space apart: no accents, apostrophes, signs or capitals."""
    folded = unicodedata.normalize("NFKD", body.casefold())
    letters = "".join(sign for sign in folded if sign.isalnum() or sign.isspace() or sign == "-")
    return " ".join(letters.replace("-", "").split())
