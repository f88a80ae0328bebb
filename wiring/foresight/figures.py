"""What a simulation found, as figures, a table and a picture."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from notify.escalation import PAGED
from triage.chart import CELL, MARGIN, Box, paint, shade
from wiring.foresight.chance import HOUR_MS
from wiring.foresight.engine import Case

SHARES = (50, 90, 99)
WITHIN_MIN = (2, 5, 10, 60)
PARTS = ("day", "night")
MOST_S = 60 * 60


@dataclass(frozen=True)
class Group:
    """The pages of one urgency and part of the day; ``waits``: seconds in order, infinite for nobody."""

    urgency: str
    part: str
    waits: tuple[float, ...]

    def share(self, percent: int) -> float:
        """The nearest-rank percentile."""
        return self.waits[max(math.ceil(len(self.waits) * percent / 100), 1) - 1]

    def within(self, seconds: float) -> float:
        """The part of the pages taken in ``seconds``."""
        return sum(wait <= seconds for wait in self.waits) / len(self.waits)

    @property
    def late(self) -> int:
        """How many nobody took within an hour."""
        return sum(wait > HOUR_MS / 1000 for wait in self.waits)

    @property
    def never(self) -> int:
        return self.waits.count(math.inf)


def groups_of(cases: Sequence[Case]) -> list[Group]:
    """By urgency and part of the day; none that is empty."""
    found = {(urgency, part): list[float]() for urgency in PAGED for part in PARTS}
    for case in cases:
        wait = math.inf if case.taken_at is None else (case.taken_at - case.arrival.at) / 1000
        found[case.arrival.urgency, PARTS[case.arrival.night]].append(wait)
    return [Group(*key, tuple(sorted(waits))) for key, waits in found.items() if waits]


def facts(cases: Sequence[Case]) -> dict[str, object]:
    """Stable keys; seconds, and null where nobody took it."""
    return {
        "groups": [
            {"urgency": one.urgency, "part": one.part, "pages": len(one.waits)}
            | {f"p{percent}_s": _finite(one.share(percent)) for percent in SHARES}
            | {"max_s": _finite(one.waits[-1]), "over_an_hour": one.late, "nobody": one.never}
            for one in groups_of(cases)
        ],
        "people": {
            login: {"called_by_day": day, "called_at_night": night, "took": took}
            for login, day, night, took in people_of(cases)
        },
    }


def people_of(cases: Sequence[Case]) -> Iterator[tuple[str, int, int, int]]:
    """Of each person who was called: pages that called them by day, at night, and that they took."""
    called = Counter((login, night) for case in cases for login, night in case.called.items())
    took = Counter(case.taken_by for case in cases)
    for login in sorted({login for login, _ in called}):
        yield login, called[login, False], called[login, True], took[login]


def table(cases: Sequence[Case]) -> Iterator[str]:
    """Lines for a terminal."""
    groups = groups_of(cases)
    heads = "".join(f"{head:>10}" for head in ("p50", "p90", "p99", "max", "over 1 h"))
    yield f"{'Time until somebody has it':<28}{'pages':>6}{heads}"
    for one in groups:
        times = "".join(f"{_shown(wait):>10}" for wait in (*map(one.share, SHARES), one.waits[-1]))
        yield f"{f'{one.urgency}, by {one.part}':<28}{len(one.waits):>6}{times}{one.late:>10}"
    yield ""
    yield f"{'Pages that called':<28}{'by day':>10}{'at night':>10}{'took':>10}"
    for login, day, night, took in people_of(cases):
        yield f"{login:<28}{day:>10}{night:>10}{took:>10}"
    yield ""
    late, never = sum(one.late for one in groups), sum(one.never for one in groups)
    yield f"Nobody took within an hour: {late} of {len(cases)}; nobody in two hours of calling: {never}."


def draw(cases: Sequence[Case], path: Path) -> None:
    """For each group, which part of its pages was taken within so many minutes: the greener, the more."""
    boxes = [
        Box(MARGIN + column * CELL, 10, CELL - 2, 26, (255, 255, 255), f"{minutes} min")
        for column, minutes in enumerate(WITHIN_MIN)
    ]
    for row, one in enumerate(groups_of(cases)):
        y = 40 + row * CELL
        boxes.append(Box(10, y, 0, CELL, (255, 255, 255), f"{one.urgency}, by {one.part}"))
        for column, minutes in enumerate(WITHIN_MIN):
            part = one.within(minutes * 60)
            x = MARGIN + column * CELL
            boxes.append(Box(x, y, CELL - 2, CELL - 2, shade(part, good=True), f"{part:.0%}"))
    paint(boxes, path)


def _finite(wait: float) -> float | None:
    return None if wait == math.inf else round(wait, 1)


def _shown(wait: float) -> str:
    if wait == math.inf:
        return "nobody"
    hours, rest = divmod(round(wait), MOST_S)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
