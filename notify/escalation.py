"""What happens next to a page nobody took: pure functions of a policy and how far it has come.

A policy is fixed as JSON (the snapshot) when its page opens; editing policies never moves a page under way.
"""

import json
import re
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any

from notify import wall
from notify.settings import PagingSettings, milliseconds

# What lies silent until somebody looks, and everything.
SILENT = ("sms", "push", "email")
ALL = ("sms", "voice", "push", "email")
BY_TURNS = (SILENT, ("voice",))
RANKS = {"immediate": 0, "urgent": 1, "prompt": 2, "routine": 3}
PAGED = ("immediate", "urgent")
ROLES = frozenset({"owner", "on_call", "second", "everyone"})
_STEP = re.compile(
    r"(?P<who>[^,]+?)(?: of (?P<of>[a-z][a-z0-9_-]*))?(?: by (?P<channels>[a-z ]+))?"
    r", wait (?P<number>\d{1,4}) (?P<unit>s|min)"
)


@dataclass(frozen=True)
class Step:
    """Whom to try (``owner``, ``on_call``, ``second``, ``everyone``, or a login), how, until the next step.

    ``of``: the id of the team that is meant, or comes first; empty: each of the page's.
    """

    who: str
    channels: tuple[str, ...]
    delay_s: float
    of: str = ""


@dataclass(frozen=True)
class Quiet:
    """The hours of a zone in which this page waits; ``start`` and ``end`` are wall times."""

    zone: str
    start: str
    end: str


@dataclass(frozen=True)
class Policy:
    """The steps, and how the page goes on after them: for ever.

    It ends when ``acks`` persons have it, one of them of the team ``ack_team`` (empty: whichever).
    """

    steps: tuple[Step, ...]
    repeat_s: float
    fast_for_s: float
    slow_repeat_s: float
    unopened_after_s: float
    quiet: Quiet | None = None
    acks: int = 1
    ack_team: str = ""


@dataclass(frozen=True)
class Occasion:
    """What decides about the steps of a page. ``teams``: first called first, or all ``together``.

    ``owner``: somebody has the case and comes before everybody else. ``covered``: it is the school's hours.
    """

    urgency: str
    teams: tuple[str, ...] = ()
    together: bool = True
    covered: bool = True
    owner: bool = False


def policy_for(settings: PagingSettings, occasion: Occasion, quiet: Quiet | None) -> Policy:
    """The policy that the configuration names for ``occasion``, else the standard one."""
    steps = _configured(settings, occasion) or _standard(settings, occasion)
    if occasion.owner:
        steps = (Step("owner", first_ways(occasion.urgency), settings.second_after_s), *steps)
    return Policy(
        steps,
        settings.repeat_s,
        settings.fast_for_s,
        settings.slow_repeat_s,
        settings.unopened_after_s,
        quiet,
    )


@lru_cache(maxsize=64)
def step_of(line: str) -> Step:
    """A step as it is configured: ``second of counseling by sms voice, wait 2 min``. ValueError."""
    found = _STEP.fullmatch(line.strip())
    channels = tuple((found["channels"] or " ".join(ALL)).split()) if found else ()
    if not found or not set(channels) <= set(ALL):
        raise ValueError(line)
    delay = int(found["number"]) * (60 if found["unit"] == "min" else 1)
    if not delay:
        raise ValueError(line)
    return Step(found["who"], channels, delay, found["of"] or "")


def occasions_of(key: str) -> tuple[str, ...]:
    """The words of a policy's key; the last is the urgency. ValueError when it pages nobody."""
    words = tuple(key.split())
    if not words or words[-1] not in PAGED:
        raise ValueError(key)
    return words


def _configured(settings: PagingSettings, occasion: Occasion) -> tuple[Step, ...]:
    hours = "covered" if occasion.covered else "uncovered"
    known = {occasion.urgency, hours, *occasion.teams[:1]}
    fitting = [key for key in settings.policies if known.issuperset(occasions_of(key))]
    closest = max(fitting, key=lambda key: len(key.split()), default=None)
    return tuple(map(step_of, settings.policies[closest])) if closest else ()


def _standard(settings: PagingSettings, occasion: Occasion) -> tuple[Step, ...]:
    first = "" if occasion.together else next(iter(occasion.teams), "")
    later = settings.everyone_after_s - settings.second_after_s
    return (
        Step("on_call", first_ways(occasion.urgency), settings.second_after_s, first),
        Step("second", ALL, max(later, 0), first),
        Step("everyone", ALL, settings.repeat_s),
    )


def first_ways(urgency: str) -> tuple[str, ...]:
    """The channels by which somebody is first asked about something so urgent."""
    return ALL if urgency == "immediate" else SILENT


@lru_cache(maxsize=64)
def snapshot(policy: Policy) -> str:
    """``policy`` as the JSON that is kept with its page."""
    return json.dumps(policy, default=vars, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=64)
def policy_of(text: str) -> Policy:
    """The policy that ``snapshot`` wrote; what only a later release knows of it is left out."""
    found = json.loads(text)
    steps = tuple(
        Step(**(_known(Step, one) | {"channels": tuple(one["channels"])})) for one in found.pop("steps")
    )
    quiet = Quiet(**found["quiet"]) if found["quiet"] else None
    return Policy(**(_known(Policy, found) | {"steps": steps, "quiet": quiet}))


def _known(kind: type, found: dict[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in found.items() if name in names}


def next_step(policy: Policy, index: int) -> Step:
    """Step ``index``, counted from 0. Beyond the last one: everyone, by turns through the channels.

    The repeats come every ``repeat_s`` until ``fast_for_s`` is over, then every ``slow_repeat_s``. No end.
    """
    if index < len(policy.steps):
        return policy.steps[index]
    repeat = index - len(policy.steps)
    fast = (repeat + 1) * policy.repeat_s < policy.fast_for_s
    return Step("everyone", BY_TURNS[repeat % 2], policy.repeat_s if fast else policy.slow_repeat_s)


def resume_at(policy: Policy, index: int) -> int:
    """Where a page goes on when whoever took it did not open the case: never later than everyone."""
    return min(index, len(policy.steps) - 1)


def quiet_until(quiet: Quiet | None, now_ms: int) -> int | None:
    """The moment (ms) at which the night ends that ``now_ms`` lies in; None outside of it."""
    if quiet is None:
        return None
    today = wall.local_time(now_ms, quiet.zone).date()
    for began in (today - timedelta(days=1), today):
        over = began if quiet.start < quiet.end else began + timedelta(days=1)
        ends = wall.moment(over, quiet.end, quiet.zone)
        if wall.moment(began, quiet.start, quiet.zone) <= now_ms < ends:
            return ends
    return None


def unopened_after_ms(policy: Policy) -> int:
    """How long whoever took the page has to open the case before it goes on; 0: there is none to open."""
    return milliseconds(policy.unopened_after_s)


def due_after(step: Step, now_ms: int) -> int:
    """The deadline (ms) that ``step`` sets when it fires at ``now_ms``."""
    return now_ms + milliseconds(step.delay_s)
