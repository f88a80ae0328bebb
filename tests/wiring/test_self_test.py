"""The weekly test: in covered hours, once for all pagers, with an answer or a letter that there was none."""

import json
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from notify import claims, findings
from notify.acknowledge import Result
from notify.channels import Outlet
from notify.channels.telephone import channels_of
from notify.deliver import deliver
from notify.drills import SELF_TEST
from notify.errors import TransportError
from notify.replies import take
from notify.sweep import sweep
from notify.tables import Page
from notify.webhooks import About, answer_text, status
from reporting import drill as filing
from tests.notify.carrier import PAGER_NUMBER, Carrier
from tests.notify.world import Alarms, HandClock
from tests.wiring.test_heartbeat import Life
from vault.drill_tables import Drill
from vault.keyed import number_key, seal_to_line
from vault.tables import Message, Report
from wiring import drilling
from wiring.commands.status import lines_of
from wiring.complaints import complaints
from wiring.config import Config
from wiring.demo_people import PEOPLE, SCHOOL
from wiring.ground import Ground, schools_of
from wiring.intake import intake_deps
from wiring.metrics import Rows
from wiring.pager import make_desk, make_door
from wiring.secrets import Secrets
from wiring.self_testing import FAILED, SelfTesting
from wiring.status import look

ZONE = ZoneInfo(SCHOOL.zone)
MINUTE = 60_000
WEEK = 7 * 24 * 60 * MINUTE
# Whose week it is on the day of these stories.
JONAS = PEOPLE[1].number


def at(text: str) -> int:
    """Wall time of the school, in ms."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


# A Tuesday.
TUESDAY = at("2026-12-01T10:00")


class Week:
    """A school with a weekly test, its pager and public process, a carrier of lists and a clock by hand."""

    def __init__(self, ground: Ground, closed: tuple[date, ...] = ()) -> None:
        section = replace(SCHOOL, self_test="tuesday 10:00", closed=tuple(day.isoformat() for day in closed))
        settings = replace(ground.config.settings, schools=(section,))
        config = replace(ground.config, settings=settings)
        self.clock = HandClock(TUESDAY)
        self.ground = replace(ground, config=config, clock=self.clock, schools=schools_of(config))
        self.alarms, self.carrier = Alarms(), Carrier()
        outlets = {"pager": Outlet(PAGER_NUMBER, self.carrier)}
        desk, line = make_desk(self.ground)
        self.desk = replace(desk, outlets=outlets, channels=channels_of(outlets), clock=self.clock)
        self.tests = SelfTesting(self.ground, partial(seal_to_line, line.public), self.alarms)

    def go_on(self, minutes: float = 0) -> None:
        """Time goes by; every process does what is due."""
        self.clock.moment += round(minutes * MINUTE)
        self.tests.begin_due()
        drilling.begin(intake_deps(self.ground, bytes(32)), self.ground.schools)
        with self.ground.database.writing() as session:
            sweep(session, self.clock.moment)
        self.tests.end_those_over()
        for _ in range(2):
            with self.ground.database.reading() as session:
                due = claims.pick(session, self.clock.moment, 1000)
            for attempt_id in due:
                deliver(self.desk, attempt_id)

    def answer(self, body: str = "") -> Result:
        """Jonas texts, the digits she was sent if nothing else."""
        said = body or self.carrier.to(JONAS)[-1].split("Reply ")[1][:5]
        key = number_key(Secrets(self.ground.config.folder, "pager").key("responder-number-key"), JONAS)
        with self.ground.database.writing() as session:
            directory = self.ground.directory.current(session)
            return take(session, self.clock.moment, directory, key, said)

    def arrive(self, call: str = "completed") -> None:
        """The text is told to be on the phone, and how the ``call`` ended."""
        for attempt_id in self.carrier.attempts:
            for sid, channel, end in (("SM", "sms", "delivered"), ("CA", "voice", call)):
                with self.ground.database.writing() as session:
                    status(session, self.clock.moment, About(sid + attempt_id, channel), end)

    def drill(self) -> Drill:
        with self.ground.database.reading() as session:
            return session.scalars(select(Drill).order_by(Drill.asked_at.desc())).first() or Drill()

    def page(self) -> Page:
        with self.ground.database.reading() as session:
            return session.scalars(select(Page).order_by(Page.opened_at.desc())).first() or Page()

    def count(self, rows_of: type) -> int:
        with self.ground.database.reading() as session:
            return session.scalar(select(func.count()).select_from(rows_of)) or 0


@pytest.fixture
def week(fresh: Ground) -> Week:
    return Week(fresh)


def test_whoever_is_on_call_gets_one_text_and_call_that_say_drill_and_answers(week: Week) -> None:
    week.go_on()
    (said,) = week.carrier.to(JONAS)
    assert said.startswith("DRILL. Weekly test of Tipline: nobody is in danger. Reply ")
    assert week.carrier.rung() == [JONAS]
    assert "weekly test of Tipline" in week.carrier.calls[0][1]
    week.clock.moment += 40_000
    answered = week.answer()
    assert answer_text(answered) == "Thank you. The weekly test reached you. There is nothing more to do."
    week.arrive()
    week.go_on(20)
    drill, page = week.drill(), week.page()
    assert (drill.well, page.state, page.next_at) == (True, "acknowledged", None)
    assert json.loads(drill.result or "")["after_s"] == 40
    assert {one for one, _ in week.carrier.texts} == {JONAS}
    assert week.alarms.sounded == []


def test_no_report_is_stored_and_no_case_is_to_be_opened(week: Week) -> None:
    week.go_on()
    assert (week.count(Report), week.count(Message)) == (0, 0)
    assert week.page().kind == SELF_TEST
    assert week.answer("pass").kind == "nothing"
    assert week.page().state == "open"


def test_however_many_pagers_look_it_is_asked_for_once_a_week(week: Week) -> None:
    other = Week(week.ground)
    other.clock.moment = week.clock.moment
    assert [one.tests.begin_due() for one in (week, other, week)] == [1, 0, 0]
    week.clock.moment += WEEK
    assert week.tests.begin_due() == 1


def test_it_never_begins_before_its_time_on_another_day_or_outside_covered_hours(week: Week) -> None:
    for when in ("12-01T09:59", "12-02T10:00", "12-01T02:00", "12-01T16:00", "12-01T22:00"):
        week.clock.moment = at(f"2026-{when}")
        assert week.tests.begin_due() == 0, when


def test_on_a_day_off_there_is_none(fresh: Ground) -> None:
    assert Week(fresh, closed=(date(2026, 12, 1),)).tests.begin_due() == 0


def test_nobody_answers_so_it_ends_and_who_runs_the_school_hears_of_it(week: Week) -> None:
    week.go_on()
    assert {one for one, _ in week.carrier.texts} == {JONAS}
    week.go_on(16)
    week.go_on()
    drill, page = week.drill(), week.page()
    assert (drill.well, page.state, page.next_at) == (False, "closed", None)
    assert week.alarms.sounded == [FAILED]
    letters = [body for _, body in week.carrier.texts if body.startswith("Tipline: nobody answered")]
    assert letters
    assert "Jonas Bell" in letters[0]
    with week.ground.database.reading() as session:
        found = findings.look(session, week.clock.moment, week.ground.config.settings.paging, SCHOOL.id)
    assert [one.kind for one in found if one.kind == "self_test"] == ["self_test"]


def test_a_channel_that_failed_is_told_although_somebody_answered_and_wakes_nobody_else(week: Week) -> None:
    week.carrier.refusals["voice"] = TransportError("13224", permanent=True)
    week.go_on()
    week.answer()
    week.arrive()
    week.go_on(6)
    week.go_on()
    assert week.drill().well is False
    assert week.alarms.sounded == [FAILED]
    assert any(
        "did not get through: call (13224). Jonas Bell answered" in body for _, body in week.carrier.texts
    )
    assert week.carrier.rung() == []


def test_a_call_that_rang_out_because_they_answered_by_text_is_no_failure(week: Week) -> None:
    week.go_on()
    week.answer()
    week.arrive(call="no-answer")
    week.go_on(6)
    assert (week.drill().well, week.alarms.sounded) == (True, [])


def test_all_ways_of_one_person_failing_calls_nobody_else(week: Week) -> None:
    week.carrier.refusals[JONAS] = TransportError("21614", permanent=True)
    week.go_on()
    week.go_on(10)
    assert week.carrier.attempts == []


def test_where_the_form_is_down_the_test_never_begins_and_that_is_its_result(week: Week) -> None:
    week.tests.begin_due()
    week.clock.moment += 11 * MINUTE
    assert week.tests.end_those_over() == 1
    assert json.loads(week.drill().result or "")["filed"] is False
    week.go_on()
    assert any("could not begin. The form may be down" in body for _, body in week.carrier.texts)
    assert not any("Reply" in body for _, body in week.carrier.texts)
    # The form had looked while it still waited, and comes to it only now: nobody would end that page.
    filing.file(intake_deps(week.ground, bytes(32)), week.ground.schools[SCHOOL.id], week.drill())
    with week.ground.database.reading() as session:
        assert session.scalars(select(Page)).all() == []


def test_status_readiness_and_metrics_tell_the_last_ones_age_and_end(week: Week) -> None:
    assert "NOT  self-test larkspur: there was none yet" in lines_of(look(week.ground))
    week.go_on()
    week.answer()
    week.arrive()
    week.go_on(20)
    week.clock.moment += 3 * 60 * MINUTE
    assert "ok   self-test larkspur: Jonas Bell answered, 3 h ago" in lines_of(look(week.ground))
    told = look(week.ground).tests[0].as_json()
    assert (told["well"], told["by"], told["failed"]) == (True, "Jonas Bell", [])
    ready = make_door(week.ground, Life()).app().test_client().get("/readyz", base_url="http://127.0.0.1")
    assert "self-test larkspur: well, 3 h ago" in ready.text
    found = {
        one.name: one.samples[0].value
        for one in Rows(week.ground.database, week.clock).collect()
        if one.samples
    }
    assert found["tipline_self_tests_well"] == 1
    assert found["tipline_self_test_age_seconds"] == 200 * 60


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        ("tuesday 10:00", None),
        ("", None),
        ("tuesday", "no weekday and time"),
        ("someday 10:00", "no weekday and time"),
        ("tuesday 9", "no weekday and time"),
        ("tuesday 03:00", "outside covered hours"),
        ("tuesday 16:00", "outside covered hours"),
        ("sunday 10:00", "outside covered hours"),
    ],
)
def test_a_time_at_which_it_would_wake_somebody_is_refused(
    demo: Config, when: str, problem: str | None
) -> None:
    settings = replace(demo.settings, schools=(replace(SCHOOL, self_test=when),))
    found = [said for key, said, _ in complaints(settings) if key.endswith("self_test")]
    assert found == ([problem] if problem else [])
