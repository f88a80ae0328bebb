"""Drives the real pager from event to event: no step, deadline, delivery or answer is a copy of its own.

Left out: the pace of texts and their joining, which cost seconds, and a carrier that fails.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from notify import acknowledge, claims, escalation, paging
from notify.alarm import LogAlarm
from notify.breaker import Breaker
from notify.channels import CALL, PAGER, TEXT, Parcel, SentText
from notify.deliver import Desk, deliver
from notify.duty_tables import Responder
from notify.errand import Links
from notify.paging import PageRequest
from notify.sweep import sweep
from notify.tables import Attempt, Page, PageCode
from notify.wake import Silent
from vault.keyed import open_from_line
from wiring.foresight.chance import HOUR_MS, Arrival, Chance
from wiring.foresight.file import Question
from wiring.foresight.school import SCHOOL, School

# A page that nobody took after being called for so long is given up here; the real one goes on.
GIVEN_UP_MS = 2 * HOUR_MS
BATCH = 100


@dataclass
class Case:
    """One page. ``called``: login to whether it was at night; ``taken_by`` empty: nobody.

    ``ends_at``: when it is given up; None before its first call.
    """

    arrival: Arrival
    page_id: str
    ends_at: int | None = None
    taken_at: int | None = None
    taken_by: str = ""
    called: dict[str, bool] = field(default_factory=dict)
    tries: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(order=True)
class Answer:
    """``login`` will say yes to ``attempt_id`` at ``at``."""

    at: int
    login: str
    number: int
    attempt_id: str = field(compare=False)


@dataclass
class HandClock:
    """Shows what it was set to."""

    at: int = 0

    def now(self, session: Session) -> int:
        del session
        return self.at


@dataclass
class Phones:
    """Where texts and calls end: remembers which attempts rang."""

    rang: list[str] = field(default_factory=list)

    def send(self, parcel: Parcel) -> str:
        self.rang.append(parcel.attempt_id)
        return f"simulated-{parcel.attempt_id}"

    def earlier(self, to: str, since: int) -> list[SentText]:
        """Nothing: no delivery breaks off here."""
        del to, since
        return []


class Engine:
    """One run; ``run`` returns every page with what became of it."""

    def __init__(self, school: School, question: Question, chance: Chance) -> None:
        self._school, self._question, self._chance = school, question, chance
        self._clock, self._phones = HandClock(), Phones()
        self._settings = replace(question.plan.paging, texts_per_s=0, phone_pause_s=0)
        self._arrivals = chance.arrivals()[::-1]
        self._answers: list[Answer] = []
        self._open: dict[str, Case] = {}
        self._desk = Desk(
            database=school.database,
            clock=self._clock,
            channels={(TEXT, PAGER): self._phones, (CALL, PAGER): self._phones},
            outlets={},
            open_sealed=partial(open_from_line, school.line),
            links=Links(
                lambda _attempt: "https://example.invalid/", lambda _case: "https://example.invalid/"
            ),
            settings=self._settings,
            breaker=Breaker(),
            waker=Silent(),
            alarm=LogAlarm(),
        )

    def run(self) -> list[Case]:
        cases: list[Case] = []
        while (at := self._next()) is not None:
            self._clock.at = max(at, self._clock.at)
            with self._school.database.writing() as session:
                cases += self._arrive(session)
                self._answer(session)
                self._give_up(session)
                sweep(session, self._clock.at)
            self._deliver()
        return cases

    def _next(self) -> int | None:
        """When something happens next; None: nothing does."""
        known = [one.at for one in self._arrivals[-1:]] + [one.at for one in self._answers[:1]]
        known += [case.ends_at for case in self._open.values() if case.ends_at]
        if self._open:
            with self._school.database.reading() as session:
                known += filter(None, (session.scalar(one) for one in _DEADLINES))
        return min(known, default=None)

    def _arrive(self, session: Session) -> Iterator[Case]:
        while self._arrivals and self._arrivals[-1].at <= self._clock.at:
            arrival = self._arrivals.pop()
            page_id = paging.open_page(session, self._clock.at, self._request(arrival), self._settings)
            if page_id is not None:
                self._open[page_id] = Case(arrival, page_id)
                yield self._open[page_id]

    def _request(self, arrival: Arrival) -> PageRequest:
        return PageRequest(
            school=SCHOOL,
            subject=f"case-{arrival.number}",
            reference=f"{arrival.number}",
            urgency=arrival.urgency,
            wakes=arrival.wakes,
            teams=self._question.teams,
            zone=self._question.plan.zone,
            first=True,
            covered=not arrival.night,
        )

    def _answer(self, session: Session) -> None:
        while self._answers and self._answers[0].at <= self._clock.at:
            answer = heapq.heappop(self._answers)
            attempt = session.get_one(Attempt, answer.attempt_id)
            case = self._open.get(attempt.page_id or "")
            if case and self._say_yes(session, attempt).kind == "acknowledged":
                case.taken_at, case.taken_by = self._clock.at, answer.login
                del self._open[case.page_id]
                self._read(session, attempt)

    def _say_yes(self, session: Session, attempt: Attempt) -> acknowledge.Result:
        now, directory = self._clock.at, self._school.directory
        if attempt.channel == CALL:
            return acknowledge.by_digits(session, now, directory, attempt.id, acknowledge.YES, b"")
        mine = (PageCode.page_id == attempt.page_id) & (PageCode.responder_id == attempt.responder_id)
        code = session.scalars(select(PageCode).where(mine)).one()
        return acknowledge.by_text(session, now, directory, code.address_key, code.code)

    def _read(self, session: Session, attempt: Attempt) -> None:
        """Whoever took it opens the case at once."""
        page = session.get_one(Page, attempt.page_id)
        member = session.get_one(Responder, attempt.responder_id).member_id
        paging.subject_opened(session, self._clock.at, page.subject, member, self._question.teams)

    def _give_up(self, session: Session) -> None:
        ended = [one for one in self._open.values() if one.ends_at and one.ends_at <= self._clock.at]
        for case in ended:
            page = session.get_one(Page, case.page_id)
            rest = escalation.quiet_until(escalation.policy_of(page.snapshot).quiet, self._clock.at)
            if rest is not None:
                case.ends_at = rest + GIVEN_UP_MS  # it is called again in the morning
                continue
            del self._open[case.page_id]
            page.state, page.next_at = "closed", None
            due = (Attempt.page_id == case.page_id) & (Attempt.state == "due")
            session.execute(update(Attempt).where(due).values(state="cancelled"))

    def _deliver(self) -> None:
        while ids := self._due():
            for attempt_id in ids:
                deliver(self._desk, attempt_id)
        rang, self._phones.rang = self._phones.rang, []
        with self._school.database.reading() as session:
            for attempt in session.scalars(
                select(Attempt).where(Attempt.id.in_(rang), Attempt.kind == "page")
            ):
                self._ring(attempt)

    def _due(self) -> list[str]:
        with self._school.database.reading() as session:
            return claims.pick(session, self._clock.at, BATCH)

    def _ring(self, attempt: Attempt) -> None:
        now, case = self._clock.at, self._open[attempt.page_id or ""]
        login, number = self._school.logins[attempt.responder_id or ""], case.arrival.number
        case.ends_at = case.ends_at or now + GIVEN_UP_MS
        case.called[login] = case.called.get(login, False) or self._chance.is_night(now)
        case.tries[login, attempt.channel] += 1
        count = case.tries[login, attempt.channel]
        after = self._chance.answers_after(now, number, login, attempt.channel, count)
        if after is not None:
            heapq.heappush(self._answers, Answer(now + after, login, number, attempt.id))


_DEADLINES = (
    select(func.min(Page.next_at)).where(Page.state == "open"),
    select(func.min(Attempt.due_at)).where(Attempt.state == "due"),
)
