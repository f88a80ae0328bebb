"""``tipline drill``: sealed and stored like a report, flagged, called out as a drill, followed to its end."""

import json

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from notify import acknowledge
from notify.drills import Standing, Try
from notify.duty_tables import Responder
from notify.tables import Attempt, Page
from reporting import drill as filing
from reporting import retention
from reporting.unread import Deadlines
from vault import tally
from vault.drill_tables import Drill
from vault.ids import new_id
from vault.retention_tables import Tombstone
from vault.tables import Message, Report
from wiring import chores, drill, drilling, status
from wiring.cli import tipline
from wiring.commands.at_rosters import rosters
from wiring.commands.drill import lines_of, verdict_of
from wiring.demo_people import SCHOOL
from wiring.duty_load import load_of
from wiring.errors import WiringError
from wiring.ground import Ground
from wiring.intake import intake_deps
from wiring.metrics import Rows


def run(ground: Ground, *options: str) -> Result:
    return CliRunner().invoke(
        tipline, ["drill", "--config", str(ground.config.path), "--wait", "1", *options]
    )


def take(ground: Ground, drill_id: str, name: str) -> None:
    """``name`` takes the drill's page."""
    with ground.database.writing() as session:
        page = drill.look(ground, drill_id).page
        member = session.scalars(select(Responder.member_id).where(Responder.name == name)).one()
        now, directory = ground.clock.now(session), ground.directory.current(session)
        result = acknowledge.by_member(session, now, directory, page, member)
        assert result.kind == "acknowledged"


def test_a_drill_is_a_sealed_report_that_is_flagged(fresh: Ground) -> None:
    drill.file(fresh, SCHOOL.id)
    with fresh.database.reading() as session:
        report, page = session.scalars(select(Report)).one(), session.scalars(select(Page)).one()
        message = session.scalars(select(Message)).one()
        assert session.scalars(select(Attempt)).all()
    assert (report.drill, report.urgency, page.kind, page.urgency) == (
        True,
        "immediate",
        "drill",
        "immediate",
    )
    assert b"DRILL" not in message.sealed_body


def test_who_took_it_and_what_was_tried_is_told(fresh: Ground) -> None:
    drill_id = drill.file(fresh, SCHOOL.id)
    with fresh.database.writing() as session:
        texts = update(Attempt).where(Attempt.channel == "sms")
        session.execute(texts.values(state="failed", error_code="30034"))
        session.execute(update(Attempt).where(Attempt.channel == "voice").values(state="delivered"))
    assert not drill.look(fresh, drill_id).well
    take(fresh, drill_id, "Mara Quist")
    found = drill.look(fresh, drill_id).as_json()
    assert 0 <= float(str(found.pop("after_s"))) < 60
    tries = found.pop("tries")
    assert isinstance(tries, list)
    assert [(one["name"], one["channel"], one["error"]) for one in tries] == [
        ("Mara Quist", "sms", "30034"),
        ("Mara Quist", "voice", ""),
    ]
    assert found.pop("page")
    assert found == {
        "school": SCHOOL.id,
        "reference": drill.look(fresh, drill_id).reference,
        "acknowledged": True,
        "by": "Mara Quist",
        "channels": {
            "sms": {"states": {"failed": 1}, "errors": ["30034"]},
            "voice": {"states": {"delivered": 1}, "errors": []},
        },
        "id": drill_id,
        "kind": "drill",
        "filed": True,
        "running": False,
        "failed": ["sms"],
    }


def test_a_person_is_told_what_did_not_get_through_and_how_soon_the_rest_did() -> None:
    tries = (
        Try("a", "Mara Quist", "sms", "failed", "30034"),
        Try("b", "Mara Quist", "voice", "delivered", "", 0, 0.4, 9.1),
    )
    standing = Standing(SCHOOL.id, "K7QM-29TX", "Mara Quist", 42.0, tries)
    assert lines_of(standing) == [
        "text to Mara Quist: failed (30034)",
        "call to Mara Quist: delivered (left after 0.4 s, arrived after 9.1 s)",
    ]
    assert verdict_of(standing) == (
        "Mara Quist has it after 42 s. Did not get through: text to Mara Quist (30034). "
        "Now open case K7QM-29TX and close it as a drill."
    )


def test_a_drill_that_nobody_takes_says_so_and_goes_on(fresh: Ground) -> None:
    done = run(fresh)
    assert done.exit_code == 1
    assert "NOT tried at all" in done.output
    with fresh.database.reading() as session:
        assert session.scalars(select(Page.state)).one() == "open"


def test_a_program_is_told_in_json_alone(fresh: Ground) -> None:
    done = run(fresh, "--json")
    assert done.exit_code == 1
    found = json.loads(done.output)
    assert set(found) >= {"school", "reference", "acknowledged", "by", "after_s", "channels"}
    assert (found["kind"], found["running"], found["filed"]) == ("drill", True, True)
    assert found["acknowledged"] is False


def test_a_school_that_is_not_there_is_refused(fresh: Ground) -> None:
    with pytest.raises(WiringError, match=f"choose one of {SCHOOL.id}"):
        drill.file(fresh, "nowhere")


def asked(ground: Ground) -> Drill:
    """A drill that somebody asked for in casework."""
    with ground.database.writing() as session:
        now = ground.clock.now(session)
        row = Drill(id=new_id(), school=SCHOOL.id, kind="drill", asked_by="x", asked_at=now, slot=1)
        session.add(row)
        session.flush()
        session.expunge(row)
    return row


def test_however_many_public_processes_begin_a_drill_it_is_filed_once(fresh: Ground) -> None:
    row, deps = asked(fresh), intake_deps(fresh, bytes(32))
    assert drilling.begin(deps, fresh.schools) == 1
    filing.file(deps, fresh.schools[SCHOOL.id], row)  # another had looked before the first was done
    assert drilling.begin(deps, fresh.schools) == 0
    with fresh.database.reading() as session:
        report = session.scalars(select(Report)).one()
        assert session.scalars(select(Message)).one()
        drill_row = session.scalars(select(Drill)).one()
    assert (drill_row.report_id, drill_row.filed_at is not None) == (report.id, True)


def test_a_drill_that_waited_too_long_rings_nobody(fresh: Ground) -> None:
    asked(fresh)
    with fresh.database.writing() as session:
        session.execute(update(Drill).values(asked_at=Drill.asked_at - 11 * 60_000))
    assert drilling.begin(intake_deps(fresh, bytes(32)), fresh.schools) == 0


def test_a_drill_counts_in_no_figure(fresh: Ground) -> None:
    drill.file(fresh, SCHOOL.id)
    assert status.look(fresh).pages == ()
    metrics = {one.name: one for one in Rows(fresh.database, fresh.clock).collect()}
    assert all(sample.value == 0 for sample in metrics["tipline_open_pages"].samples)
    with fresh.database.writing() as session:
        session.execute(update(Attempt).values(state="sent", sent_at=fresh.clock.now(session)))
    with rosters(fresh.config.path) as at:
        assert {pages for _, pages, _, _ in load_of(at, at.teams(), 0)} == {0}
    with fresh.database.writing() as session:
        session.execute(update(Report).values(urgency="prompt"))
        assert chores.unread(session, SCHOOL.id) == {}
        session.execute(update(Report).values(status="closed", retain_until=0, read_deadline=None))
        session.execute(update(Page).values(state="acknowledged", next_at=None))
        assert retention.forecast(session, fresh.clock.now(session)).due == 0
        assert retention.purge(session, fresh.clock.now(session)) == 1
        assert session.scalars(select(Tombstone.urgency)).all() == ["drill"]
        assert session.scalars(select(Drill)).all() == []
        assert list(tally.odd(session)) == []


def test_a_drill_that_nobody_reads_calls_again_as_a_drill(fresh: Ground) -> None:
    drill.file(fresh, SCHOOL.id)
    with fresh.database.writing() as session:
        session.execute(update(Report).values(read_deadline=0))
        (again,) = Deadlines(fresh.schools).missed(session, fresh.clock.now(session))
    assert again.kind == "drill"


def test_an_old_weekly_test_is_forgotten_with_its_page(fresh: Ground) -> None:
    with fresh.database.writing() as session:
        now = fresh.clock.now(session)
        session.add(
            Drill(id="old", school=SCHOOL.id, kind="self_test", asked_by="", asked_at=now, ended_at=now)
        )
        session.flush()
        retention.forget_traces(session, now + retention.TESTS_MS - 1)
        assert session.scalars(select(Drill.id)).all() == ["old"]
        retention.forget_traces(session, now + retention.TESTS_MS + 1)
        assert session.scalars(select(Drill.id)).all() == []
