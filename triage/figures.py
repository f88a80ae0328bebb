"""The figures of an evaluation: proportions with Wilson's intervals, kappa, confusion, and groups."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.cases import Case
from triage.model import Urgency

BANDS = tuple(Urgency)
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case beside what the rules gave."""

    case: Case
    urgency: Urgency
    category: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion with Wilson's 95 % interval; None when there is nothing to count."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return round(self.hits / self.n, 4) if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.n:
            return None
        share, square = self.hits / self.n, _Z * _Z
        middle = (share + square / (2 * self.n)) / (1 + square / self.n)
        half = _Z * math.sqrt(share * (1 - share) / self.n + square / (4 * self.n**2)) / (1 + square / self.n)
        return round(max(middle - half, 0), 4), round(min(middle + half, 1), 4)


def shares(found: Sequence[Outcome]) -> dict[str, Share]:
    """The proportions of the bar."""

    def among(label: Urgency, worst: Urgency) -> Share:
        chosen = [one for one in found if one.case.urgency is label]
        return Share(sum(one.urgency.rank <= worst.rank for one in chosen), len(chosen))

    return {
        "accuracy": Share(sum(one.urgency is one.case.urgency for one in found), len(found)),
        "recall_immediate_to_urgent": among(Urgency.IMMEDIATE, Urgency.URGENT),
        "recall_immediate": among(Urgency.IMMEDIATE, Urgency.IMMEDIATE),
        "recall_urgent": among(Urgency.URGENT, Urgency.URGENT),
        "routine_false_alarm": among(Urgency.ROUTINE, Urgency.URGENT),
        "category_accuracy": Share(sum(one.category == one.case.category for one in found), len(found)),
        "subject_accuracy": Share(sum(one.subject == one.case.subject for one in found), len(found)),
    }


def confusion(found: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """Counts by label, then by band given."""
    counts = Counter((one.case.urgency, one.urgency) for one in found)
    return {label.value: {given.value: counts[label, given] for given in BANDS} for label in BANDS}


def weighted_kappa(found: Sequence[Outcome]) -> float | None:
    """Cohen's kappa with quadratic weights over the four bands; None without variation (Cohen 1968)."""
    n = len(found)
    labels = Counter(one.case.urgency.rank for one in found)
    given = Counter(one.urgency.rank for one in found)
    observed = sum((one.case.urgency.rank - one.urgency.rank) ** 2 for one in found)
    expected = sum(labels[a] * given[b] * (a - b) ** 2 for a in labels for b in given) / n if n else 0
    return round(1 - observed / expected, 4) if expected else None


def group(found: Iterable[Outcome], key: str) -> dict[str, dict[str, float | int | None]]:
    """Figures by one column of the cases: n, accuracy, recall of danger, false alarms."""
    groups: dict[str, list[Outcome]] = {}
    for one in found:
        groups.setdefault(getattr(one.case, key) or "-", []).append(one)
    return {name: _group_figures(members) for name, members in sorted(groups.items())}


def _group_figures(members: Sequence[Outcome]) -> dict[str, float | int | None]:
    danger = [one for one in members if one.case.urgency.rank <= 1]
    recall = Share(sum(one.urgency.rank <= 1 for one in danger), len(danger))
    figures = shares(members)
    return {
        "n": len(members),
        "accuracy": figures["accuracy"].value,
        "recall_to_urgent": recall.value,
        "routine_false_alarm": figures["routine_false_alarm"].value,
        "category_accuracy": figures["category_accuracy"].value,
    }


def report(found: Sequence[Outcome], seconds: float) -> dict[str, object]:
    """Everything `evaluate` prints, JSON-ready."""
    figures = shares(found)
    return {
        "n": len(found),
        **{name: share.value for name, share in figures.items()},
        "qwk": weighted_kappa(found),
        "intervals": {name: share.interval for name, share in figures.items()},
        "confusion": confusion(found),
        "by_lang": group(found, "lang"),
        "by_trap": group(found, "trap"),
        "by_category": group(found, "category"),
        "texts_per_s": round(len(found) / seconds) if seconds else 0,
    }
