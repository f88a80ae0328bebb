"""The drill: back up under load, destroy everything, restore elsewhere with the words from the paper."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.journeys.demo import Demo, reference_in
from tests.security.installs import DANGER, Install
from tests.servers import new_postgresql
from tests.waiting import eventually
from vault.tables import Report
from wiring.ground import Ground

NewDatabase = Callable[[], str]
LOAD = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    """Addresses of empty databases; the empty address is SQLite in the install's folder."""
    if request.param == "sqlite":
        yield lambda: ""
        return
    server: str = request.getfixturevalue("postgresql_server")
    with new_postgresql(server) as one, new_postgresql(server) as other:
        yield iter((one, other)).__next__


@contextmanager
def load(install: Install, laid: Ground) -> Iterator[list[str]]:
    """Students who write without a pause; the receipts of those who were told "received"."""
    stop, receipts = threading.Event(), list[str]()

    def write() -> None:
        while not stop.is_set():
            filed = install.file(laid, "they took my lunch again, third time this week")
            receipts.append(filed.receipt.words if filed.receipt else "")

    writers = [threading.Thread(target=write, daemon=True) for _ in range(LOAD)]
    for writer in writers:
        writer.start()
    try:
        yield receipts
    finally:
        stop.set()
        for writer in writers:
            writer.join()


@pytest.mark.slow
def test_after_everything_was_destroyed_the_words_bring_all_of_it_back(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    install, saved = Install.new(tmp_path / "one", new_database()), tmp_path / "off-site.backup"
    with install.running() as laid:
        install.file(laid, DANGER)
        with laid.database.reading() as session:
            (case,) = session.scalars(select(Report)).all()
        install.chain(laid)
        with load(install, laid) as receipts:
            eventually(lambda: len(receipts) > LOAD)
            done = install.run("backup", str(saved))
            assert (done.exit_code, done.exception) == (0, None), done.output
            before = len(receipts)
            eventually(lambda: len(receipts) > before + LOAD)
    shutil.rmtree(install.folder)

    elsewhere, database = Install(tmp_path / "two" / "config.toml"), new_database()
    elsewhere.passwords = install.passwords
    named = ("--database", database) if database else ()
    done = install.run(
        "restore", str(saved), "--to", str(elsewhere.folder), *named, typed=f"{install.words}\n"
    )
    assert (done.exit_code, done.exception) == (0, None), done.output
    assert install.words not in done.output

    with elsewhere.running() as laid:
        opened = elsewhere.reads(laid, case.id)
        assert [(item.state, item.text) for item in opened] == [("opened", DANGER)]
        with laid.database.reading() as session:
            assert len(session.scalars(select(Report.id)).all()) > LOAD
    _pages_still_due_are_delivered(elsewhere.folder, case.reference)
    verified = elsewhere.run("audit", "verify")
    assert verified.exit_code == 0, verified.output


def _pages_still_due_are_delivered(folder: Path, reference: str) -> None:
    served = Demo(folder)
    served.start()
    try:
        eventually(lambda: reference in {reference_in(page) for page in served.carrier.pages()}, 30)
    finally:
        served.stop()
