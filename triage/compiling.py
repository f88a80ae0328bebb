"""Compiling rule files into a rule set; the shipped ones once per process, at first use.

A school's own files are compiled beside the shipped ones and remember them, so that they can only raise.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, reduce
from operator import and_
from pathlib import Path
from sys import intern
from typing import Any

from triage.errors import RuleFileError
from triage.evidence_file import compile_evidence, concepts_of, tell_concepts
from triage.fold import fold
from triage.keeping import kept_for_good
from triage.lexicon import lexicon_of, parts_of, vocabulary
from triage.pattern import Choices, Pattern, compile_pattern
from triage.repair import Repair
from triage.ruleset import MODIFIERS, ROLES, Compose, Join, Kind, Need, RuleSet
from triage.vocabulary import classes_of, expanded, expansions_of
from triage.words import BOUNDARIES, SIGNS, is_piece

JOIN_SPAN = 16
# Begins a pattern that ordinary talk has too: it needs much to bear it out.
DOUBTFUL = "?"
LONG_WORD = 6
RULES = Path(__file__).parent / "rules"
# Read together; the other languages are cores of their own (`cores.py`).
SHIPPED = ("common", "en", "es")


_RANKS = {"immediate": 0, "urgent": 1, "prompt": 2, "routine": 3}


@cache
def default_rules() -> RuleSet:
    """The rules shipped with the package, compiled once per process at first use."""
    with kept_for_good():
        return compile_rules(rule_files())


def rule_files() -> list[Path]:
    """The rule files shipped with the package, in their order."""
    return sorted(path for folder in SHIPPED for path in (RULES / folder).glob("*.toml"))


def with_local(paths: Sequence[Path]) -> RuleSet:
    """The shipped rules and a school's own files, which can raise a band and never lower one.

    Raises:
        RuleFileError: a local file cannot be read or compiled.
    """
    both, base = compile_rules([*rule_files(), *paths]), default_rules()
    return replace(both, own=both.ids - base.ids, base=base)


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
    evidence = compile_evidence(documents)  # first, while little else is in memory
    expansions = expansions_of(documents)
    classes = classes_of(documents, expansions)
    common = classes.get("common", frozenset())
    choices = Choices(classes, common | BOUNDARIES, cache(lambda word: expanded(word, expansions)))
    patterns, joins = _patterns(documents, choices)
    kinds, compositions = _kinds(documents), _compositions(documents, choices)
    words = vocabulary([*patterns, *parts_of(joins)]).union(*_composed_words(compositions, classes)) - {""}
    known = {**SIGNS, **_known(words, classes), **expansions}
    known = {word: value for word, value in known.items() if is_piece(word)}
    plain = {word for word in words if word.isalpha()} - common
    named = frozenset().union(*(classes[name] for name in classes if name.startswith("risk")))
    risk = {word for word in named if word.isalpha()} | {word for word in plain if len(word) >= LONG_WORD}
    lexicon = lexicon_of(words, patterns, choices)
    tell_concepts(evidence.words, concepts_of(documents, classes))
    del choices, patterns  # what only compiling needs is a sixth of all that is in memory here
    return RuleSet(
        known=known,
        lexicon=lexicon,
        joins=joins,
        classes=classes,
        kinds=kinds,
        swallows={name: kind.swallows for name, kind in kinds.items() if kind.swallows},
        compositions=compositions,
        roles=_roles(classes),
        repair=Repair.over(known, risk, plain, common),
        evidence=evidence,
        hash=digest,
        doubtful=frozenset(row for row, _, _, doubtful in pattern_lines(documents) if doubtful),
        ids=frozenset(_ids(documents)),
    )


def _roles(classes: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """The roles that each word names."""
    found: dict[str, tuple[str, ...]] = {}
    for role in ROLES:
        for word in classes.get(f"role_{role}", ()):
            found[word] = (*found.get(word, ()), role)
    return found


def _known(words: Iterable[str], classes: Mapping[str, frozenset[str]]) -> dict[str, str | tuple[str, ...]]:
    """Every word of a rule or of everyday texts, itself one object wherever it is found."""
    known: dict[str, str | tuple[str, ...]] = {}
    for word in words:
        for piece in map(intern, word.split(" ")):
            known.setdefault(piece, piece)
    for name in ("common", "near", "everyday"):
        for word in classes.get(name, ()):
            known.setdefault(word, word)
    return known


def _patterns(
    documents: Iterable[Mapping[str, Any]], choices: Choices
) -> tuple[list[Pattern], dict[str, tuple[Join, ...]]]:
    """All patterns, and the joins by their rarest part; a part that several joins name is compiled once."""
    patterns: list[Pattern] = []
    joins: dict[str, list[Join]] = {}
    parts: dict[str, Pattern] = {}
    for rule_id, kind, source, _ in pattern_lines(documents):
        if " & " not in source:
            patterns.append(compile_pattern(kind, rule_id, source, choices))
            continue
        span, _, body = source.rpartition("&&") if source.startswith("&") else ("", "", source)
        pieces = [piece.strip() for piece in body.split(" & ")]
        for piece in pieces:
            if piece not in parts:
                parts[piece] = compile_pattern(f"&{piece}", rule_id, piece, choices)
        rarest = min(pieces, key=lambda piece: choices.cost(parts[piece].anchor))
        others = tuple(parts[piece] for piece in pieces if piece != rarest)
        need = 0
        for part in others:
            need |= part.need | choices.bit(part.anchor)
        join = Join(kind, rule_id, others, int(span.strip("& ") or JOIN_SPAN), need)
        joins.setdefault(f"&{rarest}", []).append(join)
    patterns += [_needed(part, joins[part.kind]) for part in parts.values() if part.kind in joins]
    return patterns, {key: tuple(found) for key, found in joins.items()}


def _needed(part: Pattern, joins: Iterable[Join]) -> Pattern:
    """The part with what all its joins need besides it: where that is missing, it need not be found."""
    need = reduce(and_, (join.need for join in joins))
    return replace(part, need=part.need | need)


def _ids(documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for document in documents:
        for number, rule in enumerate(document.get("rule", ())):
            yield rule.get("id") or f"{rule['kind']}.{number}"


def pattern_lines(documents: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str, bool]]:
    """(rule id and row, kind, pattern, whether it is doubtful) for every line of every rule."""
    for document in documents:
        for rule_id, rule in zip(_ids([document]), document.get("rule", ()), strict=True):
            for row, line in enumerate(rule["patterns"].strip().splitlines(), 1):
                source = fold(line.partition("#")[0]).text.strip()
                if source:
                    told = source.removeprefix(DOUBTFUL)
                    yield f"{rule_id}.{row}", rule["kind"], told.strip(), told != source


def _kinds(documents: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    out: dict[str, Kind] = {}
    for document in documents:
        for name, given in document.get("kind", {}).items():
            floors = {key: _RANKS[given[key]] for key in MODIFIERS if key in given}
            own = {key: value for key, value in given.items() if key not in floors}
            swallows = frozenset(given.get("swallows", ()))
            band = _RANKS[given.get("band", "routine")]
            out[name] = Kind(name, **{**own, "band": band, "floors": floors, "swallows": swallows})
    return out


def _compositions(documents: Iterable[Mapping[str, Any]], choices: Choices) -> dict[str, tuple[Compose, ...]]:
    """Compositions by the kinds of their first need."""
    out: dict[str, list[Compose]] = {}
    for document in documents:
        for given in document.get("compose", ()):
            need = tuple(_need(part.split("|"), given["id"], choices) for part in given["need"])
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
            for kind in need[0].names:
                out.setdefault(kind, []).append(compose)
    return {kind: tuple(found) for kind, found in out.items()}


def _need(names: Sequence[str], rule: str, choices: Choices) -> Need:
    mark = 0
    for name in names:
        if name[0] == "@":
            mark |= choices.bit(choices.words(name, rule))
    label = min(names).lstrip("@").replace("_", " ")
    return Need(tuple(names), frozenset(names), mark, label)


def _composed_words(
    compositions: Mapping[str, tuple[Compose, ...]], classes: Mapping[str, frozenset[str]]
) -> Iterator[frozenset[str]]:
    """The words of the classes that compositions name directly ("@firearm")."""
    for compose in (compose for group in compositions.values() for compose in group):
        for need in compose.need:
            yield from (classes[name[1:]] for name in need.names if name[0] == "@")
