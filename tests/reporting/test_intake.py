"""Intake: one transaction, one report for one message, a person called when triage cannot say."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update

import triage
from notify.tables import Page
from reporting.draft import Draft
from reporting.errors import NotStoredError
from reporting.hour_keys import HourKeys
from reporting.intake import Intake
from reporting.receipt import Receipt
from reporting.text_origin import TextOrigin
from reporting.unread import AGAIN_MS, Deadlines
from reporting.web_origin import WebOrigin
from tests.crosswise import crosswise, quick_to_look
from tests.reporting.browser import box, fill, post, send
from tests.reporting.world import INSTALL, MAPLE, MINUTE, SECRETS, World
from vault.database import Database
from vault.tables import AuditEvent, Message, Report

CALM = "some kids keep calling my friend names in gym"
GRAVE = "I am going to kill myself tonight. I wrote a note."
TOGETHER = 6


def at_once(act: Sequence[object]) -> list[object]:
    """Run the callables together; what each gave or raised."""
    results: list[object] = []
    barrier = threading.Barrier(len(act))

    def run(one: object) -> None:
        barrier.wait()
        results.append(one())  # type: ignore[operator]  # callables of different kinds

    threads = [threading.Thread(target=run, args=(one,)) for one in act]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def web(numbers: int, text: str) -> Draft:
    receipt = Receipt((numbers,) * 6)
    return Draft(
        MAPLE, text, "en", WebOrigin.of(receipt, pepper=SECRETS.pepper, install=INSTALL, from_form=True)
    )


def texted(hours: HourKeys, text: str, sid: str) -> Draft:
    return Draft(MAPLE, text, "", TextOrigin.of(SECRETS, hours, "+15550177", sid, stops=False))


def test_the_same_message_sent_at_once_is_one_report(any_database: Database, tmp_path: Path) -> None:
    world = World(any_database, tmp_path)
    draft = web(7, "hello there")
    filed = at_once([lambda: world.deps.intake.file(draft) for _ in range(TOGETHER)])
    assert len(filed) == TOGETHER
    (report,) = world.reports()
    assert len(world.read_as("ana", report.id)) == 1


def test_texts_of_one_phone_that_come_at_once_are_one_thread(any_database: Database, tmp_path: Path) -> None:
    world = World(any_database, tmp_path)
    drafts = [texted(world.deps.hours, f"text {number}", f"SM{number}") for number in range(TOGETHER)]
    at_once([lambda draft=draft: world.deps.intake.file(draft) for draft in drafts])
    (report,) = world.reports()
    items = world.read_as("ana", report.id)
    assert {item.text for item in items} == {f"text {number}" for number in range(TOGETHER)}
    assert {item.state for item in items} == {"opened"}


def test_a_text_whose_thread_is_purged_meanwhile_begins_another(
    any_database: Database, tmp_path: Path
) -> None:
    world = World(any_database, tmp_path)
    world.deps.intake.file(texted(world.deps.hours, "long ago", "SM1"))
    (old,) = world.reports()

    def purged_meanwhile(text: str, recent: Sequence[str]) -> triage.Assessment:
        with world.database.writing() as session:
            session.execute(delete(Report).where(Report.id == old.id))
        return triage.assess(text, recent)

    intake = Intake(replace(world.intake_deps, assess=purged_meanwhile))
    intake.file(texted(world.deps.hours, GRAVE, "SM2"))
    (report,) = world.reports()
    assert report.id != old.id
    assert [item.text for item in world.read_as("ana", report.id)] == [GRAVE]


def test_a_message_that_the_database_undid_for_another_is_stored_all_the_same(
    postgresql_database: Database, tmp_path: Path
) -> None:
    """Somebody has its page and wants its report: the database lets one of the two go, here the message."""
    world = World(quick_to_look(postgresql_database), tmp_path)
    world.deps.intake.file(texted(world.deps.hours, GRAVE, "SM1"))
    (report,) = world.reports()
    later = partial(world.deps.intake.file, texted(world.deps.hours, GRAVE, "SM2"))
    assert not crosswise(world.database, later, has=Page, wants=Report).first
    assert len(world.read_as("ana", report.id)) == 2


@pytest.mark.parametrize(("said", "refused"), [(CALM, "audit_event"), (GRAVE, "page")])
def test_a_message_is_stored_as_a_whole_or_not_at_all(
    postgresql_database: Database, tmp_path: Path, said: str, refused: str
) -> None:
    """Whether one statement writes it, or several because it pages: what comes last cannot be written."""
    world = World(postgresql_database, tmp_path)
    client = world.client()
    send(client, CALM)  # the next needs no look at the database before it is stored
    with world.database.writing() as session:
        session.execute(text(f"ALTER TABLE {refused} ADD CHECK (false) NOT VALID"))
    answer = send(client, said)
    assert answer.status_code == 503
    assert box(answer) == said
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 1
    assert len(world.reports()) == 1


def test_what_there_is_no_room_to_page_for_is_not_stored(world: World) -> None:
    intake = Intake(replace(world.intake_deps, has_room=lambda: False))
    with pytest.raises(NotStoredError):
        intake.file(texted(world.deps.hours, GRAVE, "SM1"))
    assert world.reports() == []


def test_a_message_and_its_page_exist_together_or_not_at_all(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": GRAVE}
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE page RENAME TO gone")
    assert post(client, "/", fields).status_code == 503
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0
        assert session.scalar(select(func.count()).select_from(Report)) == 0


def test_the_page_names_the_case_and_its_teams_and_no_word_of_it(world: World) -> None:
    send(world.client(), GRAVE)
    (report,) = world.reports()
    with world.database.reading() as session:
        page = session.scalars(select(Page)).one()
        event = session.scalars(select(AuditEvent).where(AuditEvent.actor == "reporter")).one()
    assert (page.subject, page.reference, page.urgency) == (report.id, report.reference, "immediate")
    assert page.teams == '["maple-counseling", "maple-social"]'
    assert event.pseudonym == report.pseudonym
    assert report.id not in event.facts


def test_when_triage_fails_a_person_is_woken_to_read(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken(text: str, recent: Sequence[str]) -> triage.Assessment:
        raise ValueError(text + str(recent))

    received = send(world.client_that(broken), "a secret word")
    assert "Received" in received.text
    (report,) = world.reports()
    assert report.urgency == "urgent"
    (item,) = world.read_as("ana", report.id)
    assert item.assessment is not None
    assert item.assessment["scored"] is False
    assert "secret" not in caplog.text


def test_no_word_reaches_the_log_when_nothing_can_be_stored(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = world.client()
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE message RENAME TO gone")
    send(client, "a secret word")
    assert "could not be stored" in caplog.text
    assert "secret" not in caplog.text


def test_a_mention_of_staff_routes_to_the_district(world: World) -> None:
    def hinting(text: str, recent: Sequence[str]) -> triage.Assessment:
        return replace(triage.assess(text, recent), mentions_staff=True)

    intake = Intake(replace(world.intake_deps, assess=hinting))
    assert intake.file(web(8, "the coach")).roles == ("district",)
    world.deps.intake.file(web(8, "he did it again"))
    (report,) = world.reports()
    assert [item.state for item in world.read_as("ana", report.id)] == ["closed", "closed"]


def test_a_missed_read_deadline_is_paged_and_asks_again_later(world: World) -> None:
    world.deps.intake.file(web(9, "The lights in the gym are broken."))
    deadlines = Deadlines(world.deps.schools)
    with world.database.writing() as session:
        assert deadlines.missed(session, world.clock.moment) == []
    (report,) = world.reports()
    assert report.read_deadline is not None
    late = report.read_deadline + MINUTE
    with world.database.writing() as session:
        (request,) = deadlines.missed(session, late)
        assert deadlines.missed(session, late) == []
    assert (request.kind, request.urgency, request.wakes) == ("read_deadline", "urgent", False)
    assert (request.subject, request.reference, request.zone) == (report.id, report.reference, MAPLE.zone)
    assert set(request.teams) == {"maple-counseling", "maple-social"}
    with world.database.writing() as session:
        assert len(deadlines.missed(session, late + AGAIN_MS)) == 1


def test_what_was_read_misses_nothing(world: World) -> None:
    world.deps.intake.file(web(10, "hello"))
    with world.database.writing() as session:
        session.execute(update(Report).values(read_deadline=None))
        assert Deadlines(world.deps.schools).missed(session, world.clock.moment + 10**12) == []


def test_hour_keys_are_shared_between_processes_and_destroyed(tmp_path: Path) -> None:
    one, other = HourKeys(tmp_path / "keys"), HourKeys(tmp_path / "keys")
    keys = at_once([lambda: one.current(100), lambda: other.current(100)])
    assert keys[0] == keys[1]
    assert len(str(keys[0])) > 0
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    one.current(101)
    assert other.past(100) is not None
    one.current(102)
    assert other.past(100) is None
