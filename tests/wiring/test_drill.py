"""``tipline drill``: sealed and stored like a report, flagged, called out as a drill, followed to its end."""

import json

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from notify import acknowledge
from notify.duty_tables import Responder
from notify.tables import Attempt, Page
from vault.tables import Message, Report
from wiring import drill
from wiring.cli import tipline
from wiring.demo_people import SCHOOL
from wiring.errors import WiringError
from wiring.ground import Ground


def run(ground: Ground, *options: str) -> Result:
    return CliRunner().invoke(
        tipline, ["drill", "--config", str(ground.config.path), "--wait", "1", *options]
    )


def take(ground: Ground, report_id: str, name: str) -> None:
    """``name`` takes the drill's page."""
    with ground.database.writing() as session:
        page = session.scalars(select(Page.id).where(Page.subject == report_id)).one()
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
    report_id = drill.file(fresh, SCHOOL.id)
    with fresh.database.writing() as session:
        texts = update(Attempt).where(Attempt.channel == "sms")
        session.execute(texts.values(state="failed", error_code="30034"))
        session.execute(update(Attempt).where(Attempt.channel == "voice").values(state="delivered"))
    assert not drill.look(fresh, report_id).well
    take(fresh, report_id, "Mara Quist")
    found = drill.look(fresh, report_id).as_json()
    assert 0 <= float(str(found.pop("after_s"))) < 60
    assert found == {
        "school": SCHOOL.id,
        "reference": drill.look(fresh, report_id).reference,
        "acknowledged": True,
        "by": "Mara Quist",
        "channels": {
            "sms": {"states": {"failed": 1}, "errors": ["30034"]},
            "voice": {"states": {"delivered": 1}, "errors": []},
        },
    }


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
    assert set(found) == {"school", "reference", "acknowledged", "by", "after_s", "channels"}
    assert found["acknowledged"] is False


def test_a_school_that_is_not_there_is_refused(fresh: Ground) -> None:
    with pytest.raises(WiringError, match=f"choose one of {SCHOOL.id}"):
        drill.file(fresh, "nowhere")
