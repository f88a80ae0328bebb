"""A compiled rule set: known words, phrases, patterns by anchor word, kinds and compositions, and its hash.

Rules are data (`triage/rules`, or a school's own files); this module turns them into what assessing looks up.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from triage import inflect
from triage.errors import RuleFileError
from triage.fold import fold
from triage.pattern import Pattern, compile_pattern
from triage.repair import Repair

Known = Mapping[str, str | tuple[str, ...]]
JOIN_SPAN = 16
LONG_WORD = 6
HAN = re.compile(r"[\u3400-\u9fff]")
RULES = Path(__file__).parent / "rules"
# Read together; the other languages are cores of their own (`cores.py`).
SHIPPED = ("common", "en", "es")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of signal is worth alone and under modifiers; bands as ranks, 3 = routine."""

    name: str
    family: str = ""
    category: str = "other"
    band: int = 3
    negated: int | None = None
    framed: int | None = None
    past: int | None = None
    small: int | None = None
    hyper: int | None = None
    mild: int | None = None
    prevent: int | None = None
    harmless: int | None = None
    wakes: bool | None = None
    subject: str = ""
    gloss: str = ""
    swallows: frozenset[str] = frozenset()
    calms_joke: bool = False
    calms_hyper: bool = False


@dataclass(frozen=True, slots=True)
class Compose:
    """A combination of kinds that has a band of its own; `span` 0 is the whole message, else tokens."""

    id: str
    need: tuple[frozenset[str], ...]
    none: frozenset[str]
    span: int
    rank: int
    category: str
    wakes: bool | None
    subject: str = ""
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """A kind found when all its parts (patterns of their own) lie within `span` tokens, in any order."""

    kind: str
    rule: str
    parts: tuple[str, ...]
    span: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    known: Mapping[str, str | tuple[str, ...]]
    heads: Mapping[str, tuple[tuple[str, ...], ...]]
    index: Mapping[str, tuple[Pattern, ...]]
    second: Mapping[str, tuple[Pattern, ...]]
    fragments: frozenset[str]
    joins: Mapping[str, tuple[Join, ...]]
    classes: Mapping[str, frozenset[str]]
    kinds: Mapping[str, Kind]
    compositions: Mapping[str, tuple[Compose, ...]]
    repair: Repair
    hash: str
    base: "RuleSet | None" = None


_RANKS = {"immediate": 0, "urgent": 1, "prompt": 2, "routine": 3}


@cache
def default_rules() -> RuleSet:
    """The rules shipped with the package, compiled once per process at first use."""
    return compile_rules(rule_files())


def rule_files() -> list[Path]:
    """The rule files shipped with the package, in their order."""
    return sorted(path for folder in ("common", "en", "es") for path in (RULES / folder).glob("*.toml"))


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


def words_of(block: str, expansions: Known) -> list[str]:
    """Entries of a word block: split by white space, "_" joins the words of a phrase, folded and expanded like a text."""
    return [canonical(entry, expansions) for entry in block.split()]


def canonical(entry: str, expansions: Known) -> str:
    """One word or phrase as it looks after folding and expansion."""
    pieces: list[str] = []
    for piece in HAN.sub(r"_\g<0>_", fold(entry).text).split("_"):
        if not piece:
            continue
        value = expansions.get(piece, piece)
        pieces.extend((value,) if isinstance(value, str) else value)
    return " ".join(pieces)


def _classes(documents: Iterable[Mapping[str, Any]], expansions: Known) -> dict[str, frozenset[str]]:
    """Named sets of words; verbs are inflected, `+other` takes in another class."""
    found: dict[str, set[str]] = {}
    includes: dict[str, set[str]] = {}
    for document in documents:
        for name, block in document.get("classes", {}).items():
            includes.setdefault(name, set()).update(re.findall(r"(?<!\S)\+(\w+)", block))
            block = re.sub(r"(?<!\S)\+\w+", "", block)
            found.setdefault(name, set()).update(words_of(block, expansions))
        for language, verbs in document.get("verbs", {}).items():
            for name, block in verbs.items():
                for group, form in inflect.forms(language, block.split()):
                    for target in (name, f"{name}.{group}"):
                        found.setdefault(target, set()).add(canonical(form, expansions))
    for document in documents:
        for name, block in document.get("drop", {}).items():
            for target in [key for key in found if key == name or key.startswith(name + ".")]:
                found[target] -= set(words_of(block, expansions))
    return {name: frozenset(_closure(name, found, includes, set())) for name in found}


def _closure(
    name: str, found: Mapping[str, set[str]], includes: Mapping[str, set[str]], seen: set[str]
) -> set[str]:
    if name in seen:
        return set()
    seen.add(name)
    if name not in found:
        raise RuleFileError(f"no class @{name}")
    out = set(found[name])
    for other in includes.get(name, ()):
        out |= _closure(other, found, includes, seen)
    return out


def compile_documents(documents: Sequence[Mapping[str, Any]], digest: str) -> RuleSet:
    """Compile parsed rule files; `digest` becomes the hash of the set."""
    expansions = _expansions(documents)
    classes = _classes(documents, expansions)
    common = classes.get("common", frozenset())
    patterns, joins = _patterns(documents, classes, common, expansions)
    kinds = _kinds(documents)
    compositions = _compositions(documents, kinds, classes)
    patterns += _class_facts(compositions, classes, common)
    words = _vocabulary(patterns) - {""}
    index = _index(pattern for pattern in patterns if "<" not in pattern.source)
    second = _index(pattern for pattern in patterns if "<" in pattern.source)
    fragments = frozenset(word for word in words if word[0] == "<")
    known: dict[str, str | tuple[str, ...]] = {}
    heads: dict[str, list[tuple[str, ...]]] = {}
    for word in words:
        pieces = word.split(" ")
        if len(pieces) > 1:
            heads.setdefault(pieces[0], []).append(tuple(pieces))
        for piece in pieces:
            known.setdefault(piece, piece)
    for word in common | classes.get("near", frozenset()):
        known.setdefault(word, word)
    known.update(expansions)
    named = frozenset().union(*(classes[name] for name in classes if name.startswith("risk")))
    plain = {word for word in words if word.isalpha()} - common
    risk = {word for word in named if word.isalpha()} | {word for word in plain if len(word) >= LONG_WORD}
    return RuleSet(
        known=known,
        heads={first: tuple(sorted(rest)) for first, rest in heads.items()},
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


def _expansions(documents: Iterable[Mapping[str, Any]]) -> dict[str, str | tuple[str, ...]]:
    out: dict[str, str | tuple[str, ...]] = {}
    for document in documents:
        for block in document.get("expand", {}).values():
            for entry in block.split():
                short, _, long = entry.partition("=")
                pieces = tuple(piece for piece in fold(long).text.split("_") if piece)
                out[fold(short).text] = pieces[0] if len(pieces) == 1 else pieces
    return out


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
        ordered = (rarest, *(piece for piece in pieces if piece != rarest))
        join = Join(kind, rule_id, tuple(f"&{piece}" for piece in ordered), int(span.strip("& ") or JOIN_SPAN))
        joins.setdefault(f"&{rarest}", []).append(join)
    return patterns + list(parts.values()), {key: tuple(found) for key, found in joins.items()}


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
            ranks = {
                key: _RANKS[given[key]]
                for key in ("band", "negated", "framed", "past", "small", "hyper", "mild", "prevent", "harmless")
                if key in given
            }
            swallows = frozenset(given.get("swallows", ()))
            out[name] = Kind(name, **{**given, **ranks, "swallows": swallows})
    return out


def _compositions(
    documents: Iterable[Mapping[str, Any]], kinds: Mapping[str, Kind], classes: Mapping[str, frozenset[str]]
) -> dict[str, tuple[Compose, ...]]:
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


def _class_facts(
    compositions: Mapping[str, tuple[Compose, ...]],
    classes: Mapping[str, frozenset[str]],
    common: frozenset[str],
) -> list[Pattern]:
    """One-word patterns for the classes that compositions name directly ("@firearm")."""
    named = {
        part
        for group in compositions.values()
        for compose in group
        for part in frozenset().union(*compose.need, compose.none)
        if part.startswith("@")
    }
    return [compile_pattern(name, name, name, classes, common, str) for name in sorted(named)]


def _vocabulary(patterns: Iterable[Pattern]) -> set[str]:
    words: set[str] = set()
    for pattern in patterns:
        words |= pattern.anchor
        for part in (*pattern.before, *pattern.after):
            words |= part.words
    return words
