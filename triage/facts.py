"""Facts: which concepts occur in the tokens of a text, where, and under which modifiers (negated, past, framed)."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.context import modifiers_of
from triage.pattern import Line, match_at
from triage.ruleset import RuleSet

MOST = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """One concept at tokens `start:end`; its modifiers lower it, never below its kind's floor."""

    kind: str
    rule: str
    start: int
    end: int
    modifiers: tuple[str, ...] = ()


def find_facts(tokens: list[str], rules: RuleSet) -> list[Fact]:
    """All facts in order of place; at most `MOST` of a kind, so that repetition costs nothing."""
    line = Line(tokens)
    present = set(tokens)
    _phrases(line, present, rules)
    anchors = _anchors(line, present, rules)
    raw: dict[tuple[str, int], tuple[str, int, int]] = {}
    counts: dict[str, int] = {}
    for start, end, word in anchors:
        for pattern in rules.index[word]:
            if counts.get(pattern.kind, 0) >= MOST:
                continue
            span = match_at(pattern, line, start, end)
            if span is not None and (pattern.kind, span[0]) not in raw:
                raw[pattern.kind, span[0]] = (pattern.rule, span[0], max(span[1], span[0] + 1))
                counts[pattern.kind] = counts.get(pattern.kind, 0) + 1
    return _with_modifiers(raw, line, rules)


def _phrases(line: Line, present: set[str], rules: RuleSet) -> None:
    """Fill in the known phrases that begin at each token."""
    candidates = rules.heads.keys() & present
    if not candidates:
        return
    tokens = line.tokens
    for at, token in enumerate(tokens):
        if token not in candidates:
            continue
        for phrase in rules.heads[token]:
            stop = at + len(phrase)
            if tuple(tokens[at:stop]) == phrase:
                text = " ".join(phrase)
                line.starts.setdefault(at, []).append((text, stop))
                line.ends.setdefault(stop, []).append((text, at))


def _anchors(line: Line, present: set[str], rules: RuleSet) -> list[tuple[int, int, str]]:
    words = rules.index.keys() & present
    out = [(at, at + 1, token) for at, token in enumerate(line.tokens) if token in words] if words else []
    for at, phrases in line.starts.items():
        out.extend((at, stop, phrase) for phrase, stop in phrases if phrase in rules.index)
    return out


def _with_modifiers(
    raw: dict[tuple[str, int], tuple[str, int, int]], line: Line, rules: RuleSet
) -> list[Fact]:
    frames = frozenset(kind for kind, _ in raw if kind.startswith("frame"))
    facts = []
    for (kind, _), (rule, start, end) in raw.items():
        known = rules.kinds.get(kind)
        modifiers = modifiers_of(known, line.tokens, (start, end), frames, rules) if known else ()
        facts.append(Fact(kind, rule, start, end, modifiers))
    facts.sort(key=lambda fact: (fact.start, fact.end))
    return facts
