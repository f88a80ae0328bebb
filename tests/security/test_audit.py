"""The audit as an operator, a thief and a witness meet it: a real install, the pager's work, the command."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text

from notify.paging import PageRequest, open_page
from notify.tables import Page
from tests.security.installs import Install
from vault import audit
from vault.chain import BATCH
from vault.clock import MINUTE
from vault.database import Database
from vault.ids import new_id, new_reference
from vault.tables import AuditEvent
from wiring.auditing import CUT_EVERY_S, WITNESS_AGAIN_S, WITNESS_EVERY_S, Auditor, make_auditor
from wiring.cli import tipline
from wiring.ground import Ground


class Alarms:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def sound(self, what: str) -> None:
        self.heard.append(what)


@pytest.fixture
def install(template: Install, tmp_path: Path) -> Iterator[Ground]:
    with template.copied(tmp_path / "var").running() as made:
        yield made


def work(install: Ground, alarms: Alarms | None = None, witness: str = "") -> Auditor:
    return replace(make_auditor(install, alarms or Alarms()), witness=witness)


def note(install: Ground, count: int = 3) -> None:
    with install.database.writing() as session:
        for _ in range(count):
            audit.record(session, install.clock.now(session), actor="pager", verb="page_opened")


def run(install: Ground, *words: str) -> Result:
    return CliRunner().invoke(tipline, ["audit", *words, "--config", str(install.config.path)])


def forge(database: Database, statement: str) -> None:
    """As somebody who can write to the file."""
    with database.engine.begin() as connection:
        for trigger in ("audit_event_stays", "audit_event_same"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        connection.execute(text(statement))


def test_what_happened_is_chained_in_one_round_and_verified(install: Ground) -> None:
    note(install, BATCH + 3)
    work(install).round()
    done = run(install, "verify")
    assert (done.exit_code, done.output) == (0, f"ok   {BATCH + 3} events, whole\n")


def test_a_changed_event_is_named_and_the_command_fails(install: Ground) -> None:
    note(install)
    work(install).round()
    forge(install.database, "UPDATE audit_event SET verb = 'case_closed' WHERE seq = 2")
    done = run(install, "verify")
    assert done.exit_code == 1
    assert done.output.startswith("NOT  event 2 ")


def test_truncation_shows_by_the_witnesss_file(install: Ground, tmp_path: Path) -> None:
    witness = tmp_path / "elsewhere"
    note(install)
    work(install, witness=str(witness)).round()
    assert run(install, "verify", "--witness", str(witness)).exit_code == 0
    forge(install.database, "DELETE FROM audit_event WHERE seq = 3")
    assert run(install, "verify").exit_code == 0
    done = run(install, "verify", "--witness", str(witness))
    assert done.exit_code == 1
    assert "event 3 is missing: the witness saw 3 events" in done.output


def test_rewriting_with_the_stolen_key_shows_by_the_witnesss_file(install: Ground, tmp_path: Path) -> None:
    witness = tmp_path / "elsewhere"
    note(install)
    work(install, witness=str(witness)).round()
    forge(
        install.database,
        "UPDATE audit_event SET actor = 'member:eve', seq = NULL, link = NULL, signature = NULL",
    )
    forge(install.database, "DELETE FROM audit_lease")
    work(install).round()
    assert run(install, "verify").exit_code == 0
    assert "not the one that the witness saw" in run(install, "verify", "--witness", str(witness)).output


def test_the_running_pager_alarms_when_the_end_is_cut_off(install: Ground) -> None:
    alarms = Alarms()
    note(install)
    pager = work(install, alarms)
    pager.round()
    forge(install.database, "DELETE FROM audit_event WHERE seq > 1")
    note(install)
    pager.round()
    assert alarms.heard == ["audit_rewritten"]
    assert "event 2 is missing" in run(install, "verify").output


def test_the_witness_is_told_every_hour_and_again_within_a_minute_if_it_did_not_listen(
    install: Ground,
) -> None:
    alarms, clock = Alarms(), [0.0]
    note(install)
    with witness() as (address, heard):
        pager = replace(work(install, alarms, f"{address}/refuse"), monotonic=lambda: clock[0])
        pager.round()
        assert alarms.heard == ["audit_witness_unreachable"]
        pager.witness = f"{address}/take"
        pager.round()
        assert heard == []
        for clock[0] in (WITNESS_AGAIN_S, WITNESS_AGAIN_S + WITNESS_EVERY_S - 1):
            pager.round()
            assert len(heard) == 1
        clock[0] = WITNESS_AGAIN_S + WITNESS_EVERY_S
        pager.round()
    assert [json.loads(line)["seq"] for line in heard] == [3, 3]
    assert set(json.loads(heard[0])) == {"at", "install", "link", "seq", "signature"}


def test_seconds_are_erased_once_no_older_page_is_open(install: Ground) -> None:
    def precise() -> bool:
        with install.database.reading() as session:
            return any(at % MINUTE for at in session.scalars(select(AuditEvent.at)))

    clock = [0.0]
    pager = replace(work(install), monotonic=lambda: clock[0])
    with install.database.writing() as session:
        now = install.clock.now(session) - 5 * MINUTE - 1
        request = PageRequest(
            school="maple",
            subject=new_id(),
            reference=new_reference(),
            urgency="immediate",
            wakes=True,
            teams=("counseling",),
            zone="UTC",
        )
        open_page(session, now - now % MINUTE + 7, request, install.config.settings.paging)
    pager.round()
    assert precise()
    with install.database.writing() as session:
        session.execute(text("UPDATE page SET state = 'acknowledged', next_at = NULL"))
        assert session.scalars(select(Page)).all()
    clock[0] = CUT_EVERY_S
    pager.round()
    assert not precise()
    assert run(install, "verify").exit_code == 0


def test_the_export_holds_what_another_program_needs_to_verify(install: Ground) -> None:
    note(install)
    work(install).round()
    lines = [json.loads(line) for line in run(install, "export").output.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert {"at", "actor", "verb", "pseudonym", "facts", "link", "signature"} <= set(lines[0])


def test_a_file_that_is_no_witness_is_refused_in_one_line(install: Ground, tmp_path: Path) -> None:
    (tmp_path / "other").write_text('{"seq": 1}\n')
    assert "line 1 is no head" in str(run(install, "verify", "--witness", str(tmp_path / "other")).exception)
    assert "cannot be read" in str(run(install, "verify", "--witness", str(tmp_path / "none")).exception)


@contextmanager
def witness() -> Iterator[tuple[str, list[str]]]:
    """A server off the host: its address and what it was told at /take; /refuse refuses."""
    heard: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/take":
                heard.append(body)
            self.send_response(200 if self.path == "/take" else 403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
