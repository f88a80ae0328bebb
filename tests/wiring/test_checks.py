"""``tipline check`` finds what would keep a page from reaching anybody."""

from flask import Flask
from sqlalchemy import delete, text, update

from notify.tables import ContactMethod, Responder
from tests.wiring.test_http import serving
from vault.tables import DirectoryEntry
from wiring.checks import run_checks
from wiring.ground import Ground


def verdicts(fresh: Ground, port: int = 1) -> dict[str, str]:
    """What is not well, by name."""
    config = fresh.config.on_ports(port)
    return {found.name: found.says for found in run_checks(config) if not found.well}


def test_with_a_carrier_that_answers_all_is_well(fresh: Ground) -> None:
    app = Flask("carrier")
    app.add_url_rule("/", "root", lambda: "hello")
    with serving(app) as (port, _, _):
        assert verdicts(fresh, port - 2) == {}


def test_a_team_that_nobody_can_be_reached_for_is_named(fresh: Ground) -> None:
    with fresh.database.writing() as session:
        lena = session.query(Responder).filter_by(name="Lena Okoye").one()
        session.execute(delete(ContactMethod).where(ContactMethod.responder_id == lena.id))
    assert "nobody reachable is on call in district" in verdicts(fresh)["coverage"]


def test_a_forged_directory_entry_is_found(fresh: Ground) -> None:
    forged = update(DirectoryEntry).where(DirectoryEntry.seq == 4).values(signature=bytes(64))
    with fresh.database.writing() as session:
        session.execute(forged)
    assert "after entry 3" in verdicts(fresh)["directory"]


def test_another_installs_configuration_is_refused(fresh: Ground) -> None:
    with fresh.database.writing() as session:
        session.execute(delete(DirectoryEntry))
    assert "does not fit the team directory" in verdicts(fresh)["directory"]


def test_an_older_schema_says_what_to_run(fresh: Ground) -> None:
    with fresh.database.writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    assert "Run: tipline init" in verdicts(fresh)["database"]


def test_a_missing_secret_is_named(fresh: Ground) -> None:
    (fresh.config.folder / "secrets" / "pager" / "line-private").unlink()
    assert "line-private: missing" in verdicts(fresh)["secrets"]
