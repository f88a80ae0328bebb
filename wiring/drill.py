"""Holds a drill: files one, follows its page through the rows, and says who took it and what was tried."""

from collections import Counter
from dataclasses import dataclass
from secrets import token_bytes

from sqlalchemy import select

from notify import people
from notify.duty_tables import Responder
from notify.tables import Attempt, Page
from reporting import drill
from reporting.intake import Intake, IntakeDeps
from vault.tables import Report
from wiring.errors import WiringError
from wiring.ground import Ground

ENDED = ("sent", "delivered", "failed")


@dataclass(frozen=True)
class Try:
    """A delivery of the drill's page: to whom, by which channel, where it stands, its last error."""

    id: str
    name: str
    channel: str
    state: str
    error: str

    @property
    def tried(self) -> bool:
        return self.state in ENDED or bool(self.error)


@dataclass(frozen=True)
class Standing:
    """How a drill stands. ``by`` is empty until somebody has it; ``after_s`` counts from its page."""

    school: str
    reference: str
    by: str
    after_s: float
    tries: tuple[Try, ...]

    @property
    def well(self) -> bool:
        return bool(self.by)

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
        }

    def _channel(self, channel: str) -> dict[str, object]:
        tries = [one for one in self.tries if one.channel == channel]
        errors = sorted({one.error for one in tries if one.error})
        return {"states": dict(sorted(Counter(one.state for one in tries).items())), "errors": errors}


def file(ground: Ground, school: str) -> str:
    """File a drill for ``school``; the id of its report. WiringError for a school that is not configured."""
    if school not in ground.schools:
        raise WiringError(f"there is no school {school}; choose one of {', '.join(ground.schools)}")
    paging, public = ground.config.settings.paging, ground.config.settings.public
    intake = Intake(
        IntakeDeps(
            database=ground.database,
            clock=ground.clock,
            directories=ground.directory,
            install=ground.install,
            paging=paging,
            waker=ground.waker,
            assess=drill.assess,
            wall_key=token_bytes(32),  # nobody writes to a drill again
            retention_days=public.retention_days,
        )
    )
    draft = drill.draft(ground.schools[school], ground.install)
    intake.file(draft)
    with ground.database.reading() as session:
        found = select(Report.id).where(Report.lookup_id == draft.origin.lookup_id)
        return session.scalars(found).one()


def look(ground: Ground, report_id: str) -> Standing:
    """How the drill of ``report_id`` stands."""
    with ground.database.reading() as session:
        now = ground.clock.now(session)
        page = session.scalars(select(Page).where(Page.subject == report_id, Page.kind == "drill")).one()
        rows = session.execute(
            select(Attempt, Responder.name)
            .join(Responder, Responder.id == Attempt.responder_id)
            .where(Attempt.page_id == page.id, Attempt.kind == "page")
            .order_by(Attempt.created_at, Attempt.id)
        ).all()
        tries = tuple(Try(one.id, name, one.channel, one.state, one.error_code or "") for one, name in rows)
        by = people.name_of(session, page.acknowledged_by) if page.acknowledged_by else ""
        after = ((page.acknowledged_at or now) - page.opened_at) / 1000
        return Standing(page.school, page.reference, by, after, tries)
