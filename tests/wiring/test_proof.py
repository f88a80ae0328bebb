"""``tipline proof``: what became of a page, held to the whole audit before it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import text

from notify.alarm import LogAlarm
from tests.notify.world import Alarms
from tests.wiring.test_drill import take
from vault.tables import AuditLease
from wiring import drill
from wiring.auditing import make_auditor
from wiring.cli import tipline
from wiring.demo_people import SCHOOL
from wiring.ground import Ground
from wiring.rereading import make_rereader


def run(ground: Ground, *options: str) -> Result:
    return CliRunner().invoke(tipline, ["proof", "--config", str(ground.config.path), *options])


def chained_drill(ground: Ground) -> str:
    """Its reference. Mara took it; the pager chained what was noted."""
    drill_id = drill.file(ground, SCHOOL.id)
    take(ground, drill_id, "Mara Quist")
    make_auditor(ground, LogAlarm()).round()
    return drill.look(ground, drill_id).reference


def forge(ground: Ground, statement: str) -> None:
    with ground.database.writing() as session:
        session.execute(text("DROP TRIGGER audit_event_same"))
        session.execute(text(statement))


def test_a_case_is_proved_in_words_in_json_and_to_print(fresh: Ground, tmp_path: Path) -> None:
    reference = chained_drill(fresh)
    done = run(fresh, reference)
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"Proof of page {reference}\n")
    assert "Proved: every event below" in done.output
    assert "Mara Quist HAS IT, in casework" in done.output
    (page,) = json.loads(run(fresh, reference.lower(), "--json").output)
    assert (page["standing"], page["taken_by"], page["kind"]) == ("whole", "Mara Quist", "drill")
    assert json.loads(run(fresh, page["page"], "--json").output)[0]["reference"] == reference
    assert run(fresh, reference, "--pdf", str(tmp_path / "proof.pdf")).exit_code == 0
    assert (tmp_path / "proof.pdf").read_bytes().startswith(b"%PDF")


def test_an_audit_that_was_changed_before_the_page_proves_nothing_after_it(fresh: Ground) -> None:
    reference = chained_drill(fresh)
    forge(fresh, "UPDATE audit_event SET verb = 'x' WHERE seq = 1")
    done = run(fresh, reference)
    assert done.exit_code == 1
    assert "Event 1 is not what the pager signed" in done.output


def test_what_nobody_knows_is_refused(fresh: Ground) -> None:
    done = run(fresh, "K7QM-29TX")
    assert "nothing is known of K7QM-29TX" in str(done.exception)


def test_the_pager_reads_the_audit_again_and_notes_how_far_it_is_whole(fresh: Ground) -> None:
    chained_drill(fresh)
    alarms = Alarms()
    rereader = make_rereader(fresh, alarms)
    rereader.round()
    with fresh.database.reading() as session:
        lease = session.get_one(AuditLease, 1)
        whole, end = lease.checked_seq, session.execute(text("SELECT max(seq) FROM audit_event")).scalar_one()
    assert (whole, lease.broken_seq, alarms.sounded) == (end, None, [])


def test_an_event_that_was_changed_is_alarmed_although_nobody_looks(fresh: Ground) -> None:
    chained_drill(fresh)
    forge(fresh, "UPDATE audit_event SET facts = '{}' WHERE seq = 3")
    alarms = Alarms()
    hours = [0.0]
    rereader = make_rereader(fresh, alarms)
    rereader.monotonic = lambda: hours[0] * 3600
    rereader.round()
    rereader.round()
    assert alarms.sounded == ["audit_broken"]
    with fresh.database.reading() as session:
        lease = session.get_one(AuditLease, 1)
    assert (lease.checked_seq, lease.broken_seq) == (2, 3)
    hours[0] = 25
    rereader.round()
    assert alarms.sounded == ["audit_broken"] * 2
