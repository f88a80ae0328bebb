"""The crisis cores: small rule sets for eight more languages, each compiled at its first message.

A core shares the kinds and compositions of English and Spanish, and nothing else: their words would collide.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from triage import vietnamese
from triage.clitics import Clitics
from triage.compiling import RULES, compile_documents
from triage.fold import fold
from triage.keeping import kept_for_good
from triage.ruleset import ROLES, RuleSet
from triage.words import Resolver

# Matches no text: a class that a language does not fill still has to be there for the compositions.
_NOTHING = "\u2205"
_HAN_PAIR = re.compile(r"([\u3400-\u9fff])(?=[\u3400-\u9fff])")
_CLASS = re.compile(r"@(\w+)")
_ALWAYS = frozenset({"neg", "neg_stop", "neg_pseudo", "first_person", "third_person"})
_SHARED = ("common/kinds.toml", "common/compose.toml")


@cache
def core_rules(language: str) -> RuleSet:
    """The rules of one language of `language.CORES`, compiled at first use.

    Raises:
        RuleFileError: a rule cannot be compiled.
    """
    own = sorted((RULES / language).glob("*.toml"))
    texts = [path.read_text(encoding="utf-8") for path in own]
    digest = hashlib.sha256(_shared()[0])
    for path, raw in zip(own, texts, strict=True):
        digest.update(_hashed(path, raw))
    with kept_for_good():
        documents = [*_shared()[1], *(_prepared(language, raw) for raw in texts)]
        documents.append({"classes": dict.fromkeys(_asked_for(documents), _NOTHING)})
        return compile_documents(documents, digest.hexdigest()[:16])


@cache
def _shared() -> tuple[bytes, tuple[Mapping[str, Any], ...]]:
    """What every core shares with English and Spanish, read once: as it is hashed, and parsed."""
    paths = [RULES / name for name in _SHARED]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return b"".join(map(_hashed, paths, texts)), tuple(map(tomllib.loads, texts))


def _hashed(path: Path, raw: str) -> bytes:
    return path.name.encode() + b"\0" + raw.encode() + b"\0"


def seen_by_core(language: str, text: str) -> str:
    """`text` folded as the core of `language` matches it, of the same length as `fold` makes it."""
    return fold(vietnamese.encode(text) if language == "vi" else text).text


def resolver(language: str, rules: RuleSet) -> Resolver:
    """How unknown words of the language are resolved."""
    return Clitics(rules.known, rules.repair) if language == "ar" else rules.repair


def _prepared(language: str, raw: str) -> Mapping[str, Any]:
    if language == "zh":
        return tomllib.loads(_HAN_PAIR.sub(r"\1_", raw))
    if language == "vi":
        return vietnamese.prepared(tomllib.loads(vietnamese.encode(raw)))
    return tomllib.loads(raw)


def _asked_for(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    """The classes that compositions and the engine name."""
    named = {f"role_{role}" for role in ROLES}
    for document in documents:
        for compose in document.get("compose", ()):
            named.update(_CLASS.findall(" ".join((*compose["need"], *compose.get("none", ())))))
    return named | _ALWAYS
