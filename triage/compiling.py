"""Compiling rule files into a rule set; the shipped ones once per process, at first use.

A school's own files are compiled beside the shipped ones and remember them, so that they can only raise.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from triage.errors import RuleFileError
from triage.fold import fold
from triage.pattern import Pattern, compile_pattern
from triage.repair import Known, Repair
from triage.ruleset import MODIFIERS, Compose, Join, Kind, RuleSet
from triage.vocabulary import canonical, classes_of, expansions_of

JOIN_SPAN = 16
LONG_WORD = 6
RULES = Path(__file__).parent / "rules"
# Read together; the other languages are cores of their own (`cores.py`).
SHIPPED = ("common", "en", "es")


_RANKS = {"immediate": 0, "urgent": 1, "prompt": 2, "routine": 3}


@cache
def default_rules() -> RuleSet:
    """The rules shipped with the package, compiled once per process at first use."""
    return compile_rules(rule_files())


def rule_files() -> list[Path]:
    """The rule files shipped with the package, in their order."""
    return sorted(path for folder in SHIPPED for path in (RULES / folder).glob("*.toml"))


def with_local(paths: Sequence[Path]) -> RuleSet:
    """The shipped rules and a school's own files, which can raise a band and never lower one.

    Raises:
        RuleFileError: a local file cannot be read or compiled.
    """
    return replace(compile_rules([*rule_files(), *paths]), base=default_rules())


def compile_rules(paths: Sequence[Path]) -> RuleSet:
    """Compile rule files.

    Raises:
        RuleFileError: a file cannot be read or a rule cannot be compiled.
    """
    digest = hashlib.sha256()
    documents = []
    for path in paths:
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise RuleFileError(f"{path.name}: {type(error).__name__}") from error
        digest.update(path.name.encode() + b"\0" + raw + b"\0")
        try:
            documents.append(tomllib.loads(raw.decode()))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RuleFileError(f"{path.name}: {error}") from error
    try:
        return compile_documents(documents, digest.hexdigest()[:16])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RuleFileError(f"malformed rule: {error!r}") from error


def compile_documents(documents: Sequence[Mapping[str, Any]], digest: str) -> RuleSet:
    """Compile parsed rule files; `digest` becomes the hash of the set."""
    expansions = expansions_of(documents)
    classes = classes_of(documents, expansions)
    common = classes.get("common", frozenset())
    patterns, joins = _patterns(documents, classes, common, expansions)
    kinds = _kinds(documents)
    compositions = _compositions(documents)
    words = _vocabulary(
        [*patterns, *(part for found in joins.values() for join in found for part in join.others)]
    )
    words |= _composed_words(compositions, classes)
    words -= {""}
    index = _index(pattern for pattern in patterns if "<" not in pattern.source)
    second = _index(pattern for pattern in patterns if "<" in pattern.source)
    fragments = frozenset(word for word in words if word[0] == "<")
    known: dict[str, str | tuple[str, ...]] = {}
    heads: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {}
    for word in words:
        pieces = word.split(" ")
        if len(pieces) > 1:
            heads.setdefault(pieces[0], {}).setdefault(pieces[1], []).append((tuple(pieces), word))
        for piece in pieces:
            known.setdefault(piece, piece)
    for word in common | classes.get("near", frozenset()) | classes.get("everyday", frozenset()):
        known.setdefault(word, word)
    known.update(expansions)
    named = frozenset().union(*(classes[name] for name in classes if name.startswith("risk")))
    plain = {word for word in words if word.isalpha()} - common
    risk = {word for word in named if word.isalpha()} | {word for word in plain if len(word) >= LONG_WORD}
    return RuleSet(
        known=known,
        heads={
            first: {second: tuple(sorted(found)) for second, found in rest.items()}
            for first, rest in heads.items()
        },
        index=index,
        second=second,
        fragments=fragments,
        joins=joins,
        classes=classes,
        kinds=kinds,
        compositions=compositions,
        repair=Repair.over(known, risk, plain),
        hash=digest,
    )


def _index(patterns: Iterable[Pattern]) -> dict[str, tuple[Pattern, ...]]:
    index: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        for word in pattern.anchor:
            index.setdefault(word, []).append(pattern)
    return {word: tuple(found) for word, found in index.items()}


def _patterns(
    documents: Iterable[Mapping[str, Any]],
    classes: Mapping[str, frozenset[str]],
    common: frozenset[str],
    expansions: Known,
) -> tuple[list[Pattern], dict[str, tuple[Join, ...]]]:
    """All patterns, and the joins by their rarest part; a part that several joins name is compiled once."""
    patterns: list[Pattern] = []
    joins: dict[str, list[Join]] = {}
    parts: dict[str, Pattern] = {}

    def compiled(kind: str, rule: str, source: str) -> Pattern:
        return compile_pattern(kind, rule, source, classes, common, lambda word: canonical(word, expansions))

    for rule_id, kind, source in pattern_lines(documents):
        if " & " not in source:
            patterns.append(compiled(kind, rule_id, source))
            continue
        span, _, body = source.rpartition("&&") if source.startswith("&") else ("", "", source)
        pieces = [piece.strip() for piece in body.split(" & ")]
        for piece in pieces:
            parts.setdefault(piece, compiled(f"&{piece}", rule_id, piece))
        rarest = min(pieces, key=lambda piece: (len(parts[piece].anchor & common), len(parts[piece].anchor)))
        others = tuple(parts[piece] for piece in pieces if piece != rarest)
        join = Join(kind, rule_id, others, int(span.strip("& ") or JOIN_SPAN))
        joins.setdefault(f"&{rarest}", []).append(join)
    anchors = [part for part in parts.values() if part.kind in joins]
    return patterns + anchors, {key: tuple(found) for key, found in joins.items()}


def pattern_lines(documents: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """(rule id, kind, pattern) for every line of every rule."""
    for document in documents:
        for number, rule in enumerate(document.get("rule", ())):
            rule_id = rule.get("id") or f"{rule['kind']}.{number}"
            for row, line in enumerate(rule["patterns"].strip().splitlines(), 1):
                source = fold(line.partition("#")[0]).text.strip()
                if source:
                    yield f"{rule_id}.{row}", rule["kind"], source


def _kinds(documents: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    out: dict[str, Kind] = {}
    for document in documents:
        for name, given in document.get("kind", {}).items():
            ranks = {key: _RANKS[given[key]] for key in ("band", *MODIFIERS) if key in given}
            swallows = frozenset(given.get("swallows", ()))
            out[name] = Kind(name, **{**given, **ranks, "swallows": swallows})
    return out


def _compositions(documents: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Compose, ...]]:
    """Compositions by the kinds of their first need."""
    out: dict[str, list[Compose]] = {}
    for document in documents:
        for given in document.get("compose", ()):
            need = tuple(frozenset(part.split("|")) for part in given["need"])
            compose = Compose(
                id=given["id"],
                need=need,
                none=frozenset(given.get("none", ())),
                span=given.get("span", 24),
                rank=_RANKS[given["band"]],
                category=given.get("category", ""),
                wakes=given.get("wakes"),
                subject=given.get("subject", ""),
                gloss=given.get("gloss", ""),
            )
            for kind in need[0]:
                out.setdefault(kind, []).append(compose)
    return {kind: tuple(found) for kind, found in out.items()}


def _composed_words(
    compositions: Mapping[str, tuple[Compose, ...]], classes: Mapping[str, frozenset[str]]
) -> set[str]:
    """The words of the classes that compositions name directly ("@firearm")."""
    words: set[str] = set()
    for compose in (compose for group in compositions.values() for compose in group):
        for part in frozenset().union(*compose.need):
            if part.startswith("@"):
                if part[1:] not in classes:
                    raise RuleFileError(f"{compose.id}: no class {part}")
                words |= classes[part[1:]]
    return words


def _vocabulary(patterns: Iterable[Pattern]) -> set[str]:
    words: set[str] = set()
    for pattern in patterns:
        words |= pattern.anchor
        for part in (*pattern.before, *pattern.after):
            words |= part.words
    return words
