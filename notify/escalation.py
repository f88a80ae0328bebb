"""What happens next to a page nobody took: pure functions of a policy and how far it has come.

A policy is fixed as JSON (the snapshot) when its page opens; editing policies never moves a page under way.
"""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from notify import wall
from notify.settings import PagingSettings, milliseconds

BOTH = ("sms", "voice")
RANKS = {"immediate": 0, "urgent": 1, "prompt": 2, "routine": 3}


@dataclass(frozen=True)
class Step:
    """Whom to try (``owner``, ``on_call``, ``second``, ``everyone``), how, and when the next step follows."""

    who: str
    channels: tuple[str, ...]
    delay_s: float


@dataclass(frozen=True)
class Quiet:
    """The hours of a zone in which this page waits; ``start`` and ``end`` are wall times."""

    zone: str
    start: str
    end: str


@dataclass(frozen=True)
class Policy:
    """The steps, and how the page goes on after them: for ever."""

    steps: tuple[Step, ...]
    repeat_s: float
    fast_for_s: float
    slow_repeat_s: float
    unopened_after_s: float
    quiet: Quiet | None = None


def standard(settings: PagingSettings, urgency: str, *, owner: bool, quiet: Quiet | None) -> Policy:
    """The default policy; ``owner`` puts whoever has the case before everybody else."""
    first = BOTH if urgency == "immediate" else ("sms",)
    later = settings.everyone_after_s - settings.second_after_s
    steps: tuple[Step, ...] = (
        Step("on_call", first, settings.second_after_s),
        Step("second", BOTH, max(later, 0)),
        Step("everyone", BOTH, settings.repeat_s),
    )
    if owner:
        steps = (Step("owner", first, settings.second_after_s), *steps)
    return Policy(
        steps,
        settings.repeat_s,
        settings.fast_for_s,
        settings.slow_repeat_s,
        settings.unopened_after_s,
        quiet,
    )


def snapshot(policy: Policy) -> str:
    """``policy`` as the JSON that is kept with its page."""
    return json.dumps(asdict(policy), sort_keys=True, separators=(",", ":"))


def policy_of(text: str) -> Policy:
    """The policy that ``snapshot`` wrote."""
    found = json.loads(text)
    steps = tuple(Step(one["who"], tuple(one["channels"]), one["delay_s"]) for one in found.pop("steps"))
    quiet = Quiet(**found["quiet"]) if found["quiet"] else None
    return Policy(**(found | {"steps": steps, "quiet": quiet}))


def next_step(policy: Policy, index: int) -> Step:
    """Step ``index``, counted from 0. Beyond the last one: everyone, by turns through the channels.

    The repeats come every ``repeat_s`` until ``fast_for_s`` is over, then every ``slow_repeat_s``. No end.
    """
    if index < len(policy.steps):
        return policy.steps[index]
    repeat = index - len(policy.steps)
    fast = (repeat + 1) * policy.repeat_s < policy.fast_for_s
    return Step("everyone", (BOTH[repeat % 2],), policy.repeat_s if fast else policy.slow_repeat_s)


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
    """How long whoever took the page has to open the case before it goes on."""
    return milliseconds(policy.unopened_after_s)


def due_after(step: Step, now_ms: int) -> int:
    """The deadline (ms) that ``step`` sets when it fires at ``now_ms``."""
    return now_ms + milliseconds(step.delay_s)
