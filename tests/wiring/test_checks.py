"""``tipline check`` finds what would keep a page from reaching anybody."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import delete, text, update

from notify.duty_tables import ContactMethod, Responder
from notify.settings import MailSettings
from tests.notify import mailbox
from tests.wiring.test_http import serving
from vault.tables import DirectoryEntry
from wiring.checks import run_checks
from wiring.ground import Ground
from wiring.settings import SecondSection


def verdicts(fresh: Ground, port: int = 1) -> dict[str, str]:
    """What is not well, by name."""
    config = fresh.config.on_ports(port)
    return {found.name: found.says for found in run_checks(config) if not found.well}


def test_with_a_carrier_that_answers_all_is_well(fresh: Ground) -> None:
    app = Flask("carrier")
    app.add_url_rule("/", "root", lambda: "hello")
    with serving(app) as (port, _, _):
        assert verdicts(fresh, port - 2) == {}


def test_a_mail_server_and_a_second_carrier_are_looked_at_where_there_are_any(fresh: Ground) -> None:
    settings = fresh.config.settings
    with mailbox.serving() as box:
        mail = MailSettings(host="127.0.0.1", port=box.port, security="none", sender="tipline@school.test")
        second = SecondSection(number="+15555550109", account_sid="AC2", base_address="http://127.0.0.1:1")
        carrier = replace(settings.carrier, second=second)
        config = replace(fresh.config, settings=replace(settings, mail=mail, carrier=carrier))
        found = {one.name: one for one in run_checks(config)}
        assert found["mail"].says == "127.0.0.1 would take our e-mails"
        assert not box.came
    assert "http://127.0.0.1:1 does not answer" in found["second carrier"].says
    assert "(connection: no connection to the provider)" in verdicts(replace(fresh, config=config))["mail"]


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
