"""How a drill stands, from the rows of its page: who was called, by which way, how soon, and what failed."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

from sqlalchemy import Exists, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from notify import people, trail
from notify.channels import CALL, TEXT
from notify.channels.faults import RANG
from notify.duty_tables import Responder
from notify.tables import Attempt, Page
from vault import audit
from vault.drill_tables import Drill

DRILL, SELF_TEST = "drill", "self_test"
# Pages for which nobody is in danger: they count in no figure.
KINDS = (DRILL, SELF_TEST)
ENDED = ("sent", "delivered", "failed")
MINUTE_MS = 60_000
# A drill that nobody took from its row in so long does not begin any more: phones must not ring hours later.
STALE_MS = 10 * MINUTE_MS
# By then the carrier was asked how it ended.
SETTLED_MS = 5 * MINUTE_MS
# So long a test waits for an answer, and a drill for its result; the drill itself goes on calling.
SELF_TEST_MS = 15 * MINUTE_MS
DRILL_MS = 24 * 60 * MINUTE_MS


@dataclass(frozen=True)
class Try:
    """A delivery of the drill's page: to whom, by which channel, where it stands, its last error.

    ``sent_s``, ``delivered_s``: seconds from the page to when the provider took it, and the phone had it.
    """

    id: str
    name: str
    channel: str
    state: str
    error: str
    step: int = 0
    sent_s: float | None = None
    delivered_s: float | None = None

    @property
    def rang(self) -> bool:
        """It reached the telephone, and nobody picked up: they may have answered by text."""
        return self.state == "failed" and self.error in RANG

    @property
    def tried(self) -> bool:
        return self.state in ENDED or bool(self.error)


@dataclass(frozen=True)
class Standing:
    """How a drill stands. ``by`` is empty until somebody has it; ``after_s`` counts from its page.

    ``filed``: the public process took it. ``running``: it is not over, and looking again is worth it.
    """

    school: str
    reference: str
    by: str
    after_s: float
    tries: tuple[Try, ...]
    id: str = ""
    kind: str = DRILL
    page: str = ""
    filed: bool = True
    running: bool = False

    @property
    def well(self) -> bool:
        return bool(self.by)

    @property
    def failed(self) -> tuple[Try, ...]:
        """What did not get through for good. A telephone that rang works."""
        return tuple(one for one in self.tries if one.state == "failed" and not one.rang)

    def as_json(self) -> dict[str, object]:
        """Stable keys; ``channels``: how many deliveries of each stand where, and their errors."""
        return {
            "school": self.school,
            "reference": self.reference,
            "acknowledged": self.well,
            "by": self.by,
            "after_s": round(self.after_s, 1),
            "channels": {
                channel: self._channel(channel) for channel in sorted({one.channel for one in self.tries})
            },
            "id": self.id,
            "kind": self.kind,
            "page": self.page,
            "filed": self.filed,
            "running": self.running,
            "failed": sorted({one.channel for one in self.failed}),
            "tries": [vars(one) for one in self.tries],
        }

    def _channel(self, channel: str) -> dict[str, object]:
        tries = [one for one in self.tries if one.channel == channel]
        errors = sorted({one.error for one in tries if one.error})
        return {"states": dict(sorted(Counter(one.state for one in tries).items())), "errors": errors}


def slot_of(now: int) -> int:
    """The hour in which a school has one drill alone."""
    return now // (60 * MINUTE_MS)


def close(session: Session, now: int, page_id: str) -> bool:
    """End the page of a test that nobody answered, which must not ring for ever; False: somebody just did."""
    ended = update(Page).where(Page.id == page_id, Page.state == "open").values(state="closed", next_at=None)
    if session.scalar(ended.returning(Page.id)) is None:
        return False
    due = (Attempt.page_id == page_id) & (Attempt.state == "due")
    session.execute(update(Attempt).where(due).values(state="cancelled"))
    audit.record(session, now, actor=trail.PAGER, verb=trail.CLOSED, pseudonym=page_id)
    return True


def calls(page_id: str | InstrumentedAttribute[str], member_id: str) -> Exists:
    """Whether the page calls ``member_id``: a test that another answers says nothing of them."""
    mine = (Attempt.page_id == page_id) & (Attempt.kind == "page")
    return exists().where(mine, Attempt.responder_id == Responder.id, Responder.member_id == member_id)


def last_test(session: Session, school: str) -> Drill | None:
    """The last weekly test of ``school`` that came to an end."""
    ended = select(Drill).where(Drill.school == school, Drill.kind == SELF_TEST, Drill.ended_at.is_not(None))
    return session.scalars(ended.order_by(Drill.asked_at.desc()).limit(1)).first()


def look(session: Session, now: int, drill: Drill) -> Standing:
    """How ``drill`` stands; once it is over, how it ended."""
    if drill.result is not None:
        return standing_of(json.loads(drill.result))
    subject = drill.report_id or drill.id
    mine = select(Page).where(Page.subject == subject, Page.kind.in_(KINDS)).order_by(Page.opened_at)
    page = session.scalars(mine.limit(1)).first()
    if page is None:
        running = now < drill.asked_at + STALE_MS + MINUTE_MS  # one may be on its way in
        return Standing(drill.school, "", "", 0, (), drill.id, drill.kind, filed=False, running=running)
    tries = _tries(session, page)
    by = people.name_of(session, page.acknowledged_by) if page.acknowledged_by else ""
    return Standing(
        school=page.school,
        reference=page.reference,
        by=by,
        after_s=((page.acknowledged_at or now) - page.opened_at) / 1000,
        tries=tries,
        id=drill.id,
        kind=drill.kind,
        page=page.id,
        running=not _is_over(now, page, tries),
    )


def standing_of(found: Mapping[str, object]) -> Standing:
    """What ``as_json`` wrote; what only a later release knows of it is left out."""
    tries = found["tries"] if isinstance(found["tries"], list) else []
    known = {one.name for one in fields(Try)}
    facts = {one.name: found[one.name] for one in fields(Standing) if one.name != "tries"}
    facts["tries"] = tuple(Try(**{key: value for key, value in one.items() if key in known}) for one in tries)
    return Standing(**facts)  # type: ignore[arg-type]  # as we wrote them


def _tries(session: Session, page: Page) -> tuple[Try, ...]:
    rows = session.execute(
        select(Attempt, Responder.name)
        .join(Responder, Responder.id == Attempt.responder_id)
        .where(Attempt.page_id == page.id, Attempt.kind == "page")
        .order_by(Attempt.created_at, Attempt.channel, Attempt.id)
    )
    return tuple(_try(page, one, name) for one, name in rows)


def _try(page: Page, one: Attempt, name: str) -> Try:
    sent, delivered = (
        None if at is None else round((at - page.opened_at) / 1000, 1)
        for at in (one.sent_at, one.delivered_at)
    )
    return Try(one.id, name, one.channel, one.state, one.error_code or "", one.step, sent, delivered)


def _is_over(now: int, page: Page, tries: tuple[Try, ...]) -> bool:
    """Whether nothing more is to be learned: somebody has it, and how each try ended is known."""
    patience = SELF_TEST_MS if page.kind == SELF_TEST else DRILL_MS
    if page.acknowledged_at is None:
        return now >= page.opened_at + patience
    told = (one.state == "sent" and one.channel in (TEXT, CALL) for one in tries)
    waits = any(told) or any(one.state in ("due", "claimed") for one in tries)
    return not waits or now >= page.acknowledged_at + SETTLED_MS
