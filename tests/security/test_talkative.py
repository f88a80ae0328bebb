"""The log at its most talkative, while everything goes well and then wrong: it still quotes nobody."""

import logging
from io import StringIO
from pathlib import Path

from sqlalchemy import text as statement

from tests.casework.world import PHONE, SCHOOL
from tests.reporting.browser import come_back, send, words, write
from tests.reporting.test_text_line import text
from tests.security.test_canary import NAME, REPLY, SENTENCE, TOLD
from tests.security.whole import Whole
from vault.database import Database
from wiring.logs import JsonLines


def test_not_even_a_log_of_everything_quotes_anybody(database: Database, tmp_path: Path) -> None:
    """Every logger at its most talkative, the database's driver too, while things go well and wrong."""
    said, before = StringIO(), logging.getLogger().handlers
    root, echoed = logging.getLogger(), logging.getLogger("sqlalchemy")
    handler = logging.StreamHandler(said)
    handler.setFormatter(JsonLines())
    levels = root.level, echoed.level
    root.handlers = [handler]
    root.setLevel(logging.DEBUG)
    echoed.setLevel(logging.DEBUG)
    try:
        receipt = _goes_well_and_wrong(Whole(database, tmp_path))
    finally:
        root.handlers = before
        root.setLevel(levels[0])
        echoed.setLevel(levels[1])
    assert "OperationalError" in said.getvalue(), "it was told what went wrong"
    assert said.getvalue().count("sqlalchemy") > 20, "everything was logged"
    assert not [word for word in (SENTENCE, NAME, receipt, PHONE, REPLY) if word in said.getvalue()]


def _goes_well_and_wrong(world: Whole) -> str:
    public = world.public()
    receipt = words(send(public, TOLD, school=SCHOOL.id))
    reference = world.newest_report().reference
    text(public, TOLD, "SM1", From=PHONE)
    ana = world.signed_in("ana")
    ana.get(f"/case/{reference}")
    ana.post(f"/case/{reference}/reply", text=REPLY, seen=1)
    thread = come_back(public, receipt)
    with world.database.engine.begin() as connection:
        connection.execute(statement("ALTER TABLE message RENAME TO gone"))
    assert send(public, TOLD, school=SCHOOL.id).status_code == 503
    assert write(public, thread, TOLD).status_code == 503
    assert text(public, TOLD, "SM2", From=PHONE).status_code >= 500
    assert ana.get(f"/case/{reference}").status_code >= 500
    return receipt
