"""Inflection of the verbs that rule files list by their base form, so that a form is never forgotten.

English and Spanish only; irregular forms are listed in the files beside the verb ("hit=hit,hits,hitting").
"""

from collections.abc import Iterable, Iterator

_CLITICS = (
    "me",
    "te",
    "se",
    "lo",
    "la",
    "le",
    "nos",
    "los",
    "las",
    "les",
    "os",
    "melo",
    "mela",
    "telo",
    "selo",
    "sela",
)
_REFLEXIVE = frozenset({"me", "se", "te"})


def english(verb: str) -> Iterator[tuple[str, str]]:
    """Pairs of (form group, form); groups are base, s, past, ing.

    `verb` is a base form, or base=form,form,... where the listed forms replace the rules.
    """
    base, _, irregular = verb.partition("=")
    yield "base", base
    if irregular:
        for form in irregular.split(","):
            yield _english_group(form), form
        return
    yield "s", base + ("es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s")
    stem = base.removesuffix("e")
    stem = stem + stem[-1] if _doubles(base) else stem
    if base.endswith("y") and base[-2] not in "aeiou":
        yield "s", base[:-1] + "ies"
        yield "past", base[:-1] + "ied"
    else:
        yield "past", stem + "ed"
    yield "ing", stem + "ing"
    yield "ing", stem + "in"


def _english_group(form: str) -> str:
    if form.endswith(("ing", "in")):
        return "ing"
    return "s" if form.endswith("s") else "past"


def _doubles(base: str) -> bool:
    vowels = "aeiou"
    return (
        len(base) in {3, 4}
        and base[-1] not in vowels + "wxy"
        and base[-2] in vowels
        and base[-3] not in vowels
    )


def spanish(verb: str) -> Iterator[tuple[str, str]]:
    """Pairs of (form group, form) without accents; groups: inf, self, obj, ger, part, pres, past ...

    `verb` is an infinitive, with stem changes after a colon: present stem, then stem of gerund and past
    ("morir:muer,mur"); forms that are also other words are dropped by the class's `drop` list.
    """
    infinitive, _, stems = verb.partition(":")
    stem, ending = infinitive[:-2], infinitive[-2:]
    changed, _, third = stems.partition(",")
    strong, weak = changed or stem, third or stem
    yield "inf", infinitive
    forms = _ar(stem, strong) if ending == "ar" else _er(stem, strong, weak, ending)
    yield from forms
    for tail in ("e", "as", "a", "emos", "an"):
        yield "fut", infinitive + tail
    for tail in ("ia", "ias", "ian", "iamos"):
        yield "cond", infinitive + tail
    gerund = stem + "ando" if ending == "ar" else weak + "iendo"
    imperative = strong + ("a" if ending == "ar" else "e")
    yield "ger", gerund
    for clitic in _CLITICS:
        group = "self" if clitic in _REFLEXIVE else "obj"
        yield group, infinitive + clitic
        yield f"{group}_ger", gerund + clitic
        yield "imp", imperative + clitic
    yield "obj", infinitive + "te"


def _soft(stem: str) -> str:
    """The stem before e: c becomes qu, g gu, z c."""
    for hard, soft in (("gu", "gu"), ("c", "qu"), ("g", "gu"), ("z", "c")):
        if stem.endswith(hard):
            return stem[: -len(hard)] + soft
    return stem


def _ar(stem: str, strong: str) -> Iterator[tuple[str, str]]:
    for tail in ("o", "as", "a", "an"):
        yield "pres", strong + tail
    yield "pres", stem + "amos"
    yield "past", _soft(stem) + "e"
    for tail in ("aste", "o", "aron", "aba", "abas", "aban", "abamos"):
        yield "past", stem + tail
    for tail in ("ado", "ada", "ados", "adas"):
        yield "part", stem + tail
    for tail in ("e", "es", "en"):
        yield "subj", _soft(strong) + tail
    for tail in ("ara", "aras", "aran", "aramos"):
        yield "subj", stem + tail


def _er(stem: str, strong: str, weak: str, ending: str) -> Iterator[tuple[str, str]]:
    for tail in ("o", "es", "e", "en"):
        yield "pres", strong + tail
    yield "pres", stem + ("emos" if ending == "er" else "imos")
    for tail in ("i", "iste", "ia", "ias", "ian", "iamos"):
        yield "past", stem + tail
    for tail in ("io", "ieron"):
        yield "past", weak + tail
    for tail in ("ido", "ida", "idos", "idas"):
        yield "part", stem + tail
    for tail in ("a", "as", "an"):
        yield "subj", strong + tail
    for tail in ("iera", "ieras", "ieran", "ieramos"):
        yield "subj", weak + tail


def forms(language: str, verbs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every (group, form) of the verbs of one language."""
    inflect = english if language == "en" else spanish
    for verb in verbs:
        yield from inflect(verb)
