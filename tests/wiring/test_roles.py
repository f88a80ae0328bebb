"""`tipline roles`: in PostgreSQL each process may do its own work, and cannot read what is another's."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import errors, sql
from sqlalchemy import select
from sqlalchemy.orm import Session

import notify.duty_tables
import notify.tables
import vault.clock
import vault.drill_tables
import vault.people_tables
import vault.retention_tables
import vault.tables
from notify import checkup, handover, pace, replies, taking_over
from notify.acknowledge import Result
from notify.alarm import LogAlarm
from notify.deliver import deliver
from notify.settings import PagingSettings
from notify.vitals import WATCHMAN
from notify.watchman import Watchman
from tests.notify.world import SECRET, World
from tests.servers import libpq
from vault.clock import ServerClock, clock_for
from vault.database import Base, Database
from vault.keyed import number_key
from wiring import granting
from wiring.cli import tipline
from wiring.errors import NotFitError
from wiring.impairment import Impairment
from wiring.metrics import Rows
from wiring.purging import Purging
from wiring.vitals import Vitals

# Tables of which every process may do without: the owner alone has them.
OWNERS = {vault.tables.Install.__tablename__, vault.clock.ClockAnchor.__tablename__}
SECRETS = (
    ("public", "SELECT wrapped_seed FROM member"),
    ("public", "SELECT login FROM member"),
    ("public", "SELECT sealed FROM team_key_copy"),
    ("public", "SELECT id FROM staff_session"),
    ("public", "SELECT verb FROM audit_event"),
    ("public", "SELECT id FROM audit_event"),
    ("public", "SELECT wrapped_seed FROM invitation"),
    ("public", "SELECT sealed_copies FROM team_proposal"),
    ("public", "SELECT sealed_number FROM number_request"),
    ("pager", "SELECT wrapped_seed FROM invitation"),
    ("pager", "SELECT signature FROM case_route"),
    ("public", "SELECT sealed_address FROM contact_method"),
    ("public", "SELECT sealed_body FROM letter"),
    ("public", "SELECT sid FROM carrier_copy"),
    ("staff", "SELECT sid FROM carrier_copy"),
    ("staff", "SELECT sealed_address FROM contact_method"),
    ("public", "SELECT ending_key FROM contact_method"),
    ("watchman", "SELECT ending_key FROM contact_method"),
    ("staff", "SELECT sealed_to FROM letter"),
    ("staff", "UPDATE responder SET pin_key = NULL"),
    ("staff", "SELECT sealed FROM text_context"),
    ("staff", "SELECT verb FROM audit_event"),
    ("staff", "SELECT holder FROM audit_lease"),
    ("public", "SELECT * FROM page_events('x')"),
    ("pager", "SELECT wrapped_seed FROM member"),
    ("pager", "SELECT sealed FROM team_key_copy"),
    ("pager", "SELECT wrapped_seed FROM staff_session"),
    ("pager", "SELECT sealed_body FROM message"),
    ("pager", "SELECT sealed FROM wrap"),
    ("pager", "SELECT sealed_number FROM texter"),
    ("watchman", "SELECT reference FROM report"),
    ("watchman", "SELECT school FROM report"),
    ("watchman", "SELECT verb FROM audit_event"),
    ("watchman", "SELECT sealed_address FROM contact_method"),
)
FORGERIES = (
    ("public", "INSERT INTO directory_entry VALUES (99, '', 'x', '')"),
    ("public", "INSERT INTO member VALUES ('x', 'x', 'x', 'en', '', true)"),
    ("public", "UPDATE responder SET active = false"),
    ("public", "DELETE FROM report"),
    ("public", "UPDATE carrier_copy SET due_at = 0"),
    ("public", "DELETE FROM carrier_copy"),
    ("public", "DELETE FROM audit_event"),
    ("public", "UPDATE message SET minute = 0"),
    ("staff", "UPDATE directory_entry SET signer = 'x'"),
    ("staff", "DELETE FROM message"),
    ("staff", "UPDATE audit_event SET verb = 'x'"),
    ("staff", "UPDATE audit_event SET seq = 1"),
    ("pager", "UPDATE audit_event SET verb = 'x'"),
    ("pager", "DELETE FROM audit_event"),
    ("staff", "DELETE FROM page"),
    ("pager", "UPDATE report SET status = 'closed'"),
    ("pager", "UPDATE rotation SET responders = '[]'"),
    ("pager", "DELETE FROM legal_hold"),
    ("pager", "DELETE FROM message"),
    ("staff", "DELETE FROM report"),
    ("staff", "INSERT INTO tombstone VALUES ('x', 'x', 'x', 1)"),
    ("watchman", "UPDATE page SET state = 'closed'"),
    ("watchman", "INSERT INTO audit_event (at, actor, verb, pseudonym, facts) VALUES (0, 'x', 'x', '', '')"),
    ("public", "INSERT INTO case_route VALUES ('x', 'x', 'x', '')"),
    ("pager", "UPDATE number_request SET approver = 'x'"),
    ("staff", "UPDATE team_key_copy SET holder = 'x'"),
    ("public", "INSERT INTO drill (id, school, kind, asked_by, asked_at) VALUES ('d', 's', 'drill', '', 0)"),
    ("staff", "UPDATE drill SET well = true"),
    ("public", "CREATE TABLE mine (id int)"),
)
WORK = (
    ("public", "INSERT INTO audit_event (at, actor, verb, pseudonym, facts) VALUES (0, 'x', 'x', '', '')"),
    ("public", "SELECT lookup_id, reporter_public FROM report FOR UPDATE"),
    ("public", "SELECT responder_id FROM contact_method WHERE address_key = 'x'"),
    (
        "public",
        "INSERT INTO carrier_copy VALUES ('SM1', 'line', true, 0, 0, 0) ON CONFLICT DO NOTHING",
    ),
    ("pager", "DELETE FROM carrier_copy"),
    ("staff", "SELECT wrapped_seed FROM member"),
    ("staff", "SELECT sealed FROM team_key_copy"),
    ("staff", "SELECT sealed_body FROM message"),
    ("staff", "SELECT facts, link_before FROM page_events('x')"),
    ("staff", "UPDATE team_key_copy SET sealed = ''"),
    ("staff", "INSERT INTO drill (id, school, kind, asked_by, asked_at) VALUES ('d', 's', 'drill', '', 0)"),
    ("public", "UPDATE drill SET report_id = NULL, filed_at = 0"),
    ("pager", "INSERT INTO drill (id, school, kind, asked_by, asked_at) VALUES ('d', 's', 'x', '', 0)"),
    ("pager", "SELECT id FROM drill FOR UPDATE"),
    ("pager", "UPDATE drill SET ended_at = 0, well = true, result = ''"),
    ("pager", "DELETE FROM drill"),
    ("staff", "DELETE FROM invitation"),
    ("staff", "DELETE FROM calendar_feed"),
    ("staff", "UPDATE responder SET active = false"),
    ("public", "SELECT signature FROM case_route"),
    ("pager", "SELECT id FROM number_request FOR UPDATE SKIP LOCKED"),
    ("pager", "SELECT report_id, seq, author FROM message"),
    ("pager", "SELECT sealed_address FROM contact_method"),
    ("pager", "SELECT id FROM attempt FOR UPDATE SKIP LOCKED"),
    ("pager", "UPDATE report SET read_deadline = 0"),
    ("pager", "DELETE FROM opt_out WHERE address_key = 'x'"),
    ("pager", "DELETE FROM report WHERE retain_until < 0"),
    ("pager", "DELETE FROM page WHERE subject = 'x'"),
    ("pager", "DELETE FROM text_context WHERE hour < 0"),
    ("pager", "DELETE FROM carrier_receipt WHERE at_minute < 0"),
    ("pager", "UPDATE audit_event SET seq = 1 WHERE id = (SELECT max(id) FROM audit_event)"),
    ("watchman", "UPDATE page SET next_at = 0 WHERE state = 'open' AND next_at IS NULL"),
)


OLD_REPORT = """
    INSERT INTO report (id, school, reference, channel, urgency, status, drill, arrived_minute,
        retain_until, pseudonym) VALUES ('r', 'maple', 'A', 'web', 'routine', 'closed', false, 0, 0, 'p');
    INSERT INTO recipient_team VALUES ('r', 'counseling');
    INSERT INTO message (id, report_id, seq, author, minute, sealed_body)
        VALUES ('m', 'r', 0, 'reporter', 0, '');
    INSERT INTO wrap VALUES ('m', 'receipt', '');
    INSERT INTO texter (number_key, school, report_id, sealed_number, stopped)
        VALUES ('n', 'maple', 'r', '', false);
    INSERT INTO page (id, school, kind, subject, reference, urgency, rank, teams, snapshot, state, step,
        opened_at) VALUES ('g', 'maple', 'report', 'r', 'A', 'urgent', 1, '[]', '{}', 'acknowledged', 1, 0);
    INSERT INTO attempt (id, page_id, school, kind, channel, rank, step, state, due_at, hinted_until,
        tries, created_at) VALUES ('a', 'g', 'maple', 'page', 'sms', 1, 0, 'sent', 0, 0, 1, 0);
    INSERT INTO drill (id, school, kind, asked_by, asked_at, report_id)
        VALUES ('d', 'maple', 'drill', '', 0, 'r');
    INSERT INTO page_code (id, page_id, responder_id, address_key, code, created_at)
        VALUES ('c', 'g', 'x', 'k', '12345', 0);
"""


def granted() -> str:
    done = CliRunner().invoke(tipline, ["roles"])
    assert done.exit_code == 0
    return done.output


@pytest.fixture
def address(postgresql_database: Database) -> str:
    """A database with the roles."""
    with psycopg.connect(libpq(postgresql_database.url), autocommit=True) as connection:
        connection.execute(sql.SQL(granted()))
    return libpq(postgresql_database.url)


@contextmanager
def acting_as(role: str, address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(re.sub(r"//[^@]*@", f"//tipline_{role}@", address, count=1)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (f"tipline_{role}",)
        yield connection
        connection.rollback()


@pytest.mark.usefixtures("address")
def test_grants_of_another_version_are_found(postgresql_database: Database) -> None:
    """A process that lacks one fails in the middle of its work, not when it starts."""
    assert granting.require_current(postgresql_database) == "each process may do its own work"
    with postgresql_database.writing() as session:
        session.connection().exec_driver_sql("COMMENT ON TABLE schema_fit IS 'roles of before'")
    with pytest.raises(NotFitError, match="tipline roles"):
        granting.require_current(postgresql_database)


@pytest.mark.parametrize(("role", "statement"), SECRETS + FORGERIES)
def test_no_process_can_do_anothers(address: str, role: str, statement: str) -> None:
    with acting_as(role, address) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(sql.SQL(statement))


@pytest.mark.parametrize(("role", "statement"), WORK)
def test_each_process_can_do_its_own(address: str, role: str, statement: str) -> None:
    with acting_as(role, address) as connection:
        connection.execute(sql.SQL(statement))


def test_a_table_of_the_callers_own_is_not_what_the_owner_reads_for_them(address: str) -> None:
    with acting_as("staff", address) as connection:
        connection.execute(
            "CREATE TEMP VIEW audit_event AS SELECT 1 AS id, 0::bigint AS at, 'x' AS actor,"
            " 'page_opened' AS verb, 'p' AS pseudonym, '' AS facts, 1 AS seq,"
            " ''::bytea AS link, ''::bytea AS signature"
        )
        assert connection.execute("SELECT * FROM page_events('p')").fetchall() == []


def test_every_table_is_granted_to_somebody_or_to_nobody_on_purpose() -> None:
    tables = {name for name in Base.metadata.tables if name not in OWNERS}
    declared = (notify.duty_tables.Responder, notify.tables.Attempt, vault.retention_tables.LegalHold)
    assert {one.__tablename__ for one in declared} <= tables
    said = re.sub(r"\([^)]*\)|--.*", "", granted())
    for table in tables:
        assert re.search(rf"GRANT [^;]* ON [^;]*\b{table}\b[^;]* TO tipline_", said), table


def test_the_pagers_role_can_purge_all_that_hangs_on_a_report(
    address: str, postgresql_database: Database
) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(OLD_REPORT))
    pager = Database(re.sub(r"//[^@]*@", "//tipline_pager@", postgresql_database.url, count=1))
    assert Purging(pager, ServerClock()).round() == 1
    pager.close()
    with psycopg.connect(address) as connection:
        for table in (
            "report",
            "message",
            "wrap",
            "recipient_team",
            "texter",
            "page",
            "attempt",
            "page_code",
            "drill",
        ):
            assert (
                connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall() == []
            )
        assert connection.execute("SELECT * FROM tombstone").fetchall() == [
            ("maple", "1970-01", "routine", 1)
        ]


def test_the_statements_may_be_run_again(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(granted()))
    with acting_as("pager", address) as connection:
        connection.execute("SELECT id FROM page")


def of_role(role: str, database: Database) -> "closing[Database]":
    return closing(Database(re.sub(r"//[^@]*@", f"//tipline_{role}@", database.url, count=1)))


@pytest.mark.usefixtures("address")
@pytest.mark.parametrize("role", ["public", "staff", "pager", "watchman"])
def test_each_process_may_note_that_it_works(role: str, postgresql_database: Database) -> None:
    with of_role(role, postgresql_database) as database:
        Vitals(database, clock_for(database), role).beat()
        with database.reading() as session:
            assert session.scalars(select(notify.tables.Pulse.process)).all() == [role]


@pytest.mark.usefixtures("address")
@pytest.mark.parametrize("role", ["public", "staff", "pager"])
def test_each_process_may_ask_whether_pages_leave_and_schools_are_live(
    role: str, postgresql_database: Database
) -> None:
    with of_role(role, postgresql_database) as database:
        assert Impairment(database, clock_for(database))()
        with database.reading() as session:
            assert session.scalars(select(vault.tables.LiveSchool)).all() == []


class Tomorrow(ServerClock):
    def now(self, session: Session) -> int:
        return super().now(session) + 24 * 3_600_000


@pytest.mark.usefixtures("address")
def test_the_pager_may_measure_and_the_watchman_may_look(postgresql_database: Database) -> None:
    with of_role("pager", postgresql_database) as database:
        families = list(Rows(database, clock_for(database)).collect())
    assert "tipline_open_pages" in {one.name for one in families}
    with of_role("watchman", postgresql_database) as database:
        watchman = Watchman(database, clock_for(database), LogAlarm())
        assert watchman.look() == ()
        Vitals(database, Tomorrow(), WATCHMAN).beat()
        assert watchman.look() == ("clock_set_back",)
        assert watchman.look() == ()


@pytest.mark.usefixtures("address")
def test_a_page_goes_its_way_while_each_process_does_its_part_of_it(postgresql_database: Database) -> None:
    """The public process opens it and takes a text, the pager delivers and reopens it, staff take it.

    It leaves at a pace, and changes hands meanwhile, by a text and in casework.
    """
    world = World.with_counselors(postgresql_database)
    world.keep_pace(PagingSettings())
    for name in ("ana", "ben"):
        world.give_key("counseling", name)

    @contextmanager
    def by(role: str) -> Iterator[Database]:
        with of_role(role, postgresql_database) as database:
            world.database, world.desk = database, replace(world.desk, database=database)
            yield database

    def text(name: str) -> Result:
        with world.database.writing() as session:
            key = number_key(SECRET, world.phone[name])
            return replies.take(session, world.clock.moment, world.directory, key, world.code_of(name))

    with by("public") as database, database.writing() as session:
        page = world.open_only(session, acks=2, ack_team="counseling")
    assert page
    with by("pager") as database:
        with database.hinting(at_once=False) as session:
            pointed = pace.point(session, world.clock, 8, (), world.settings)
        assert [deliver(world.desk, one) for one in pointed.ids] == [True, True]
    with by("public"):
        assert text("ana").kind == "one_more"
    with by("staff") as database:
        assert world.take_in_view(page, "ben").kind == "already"
        with database.reading() as session:
            assert len(checkup.look(session, world.clock.moment, ["r-ana"])["r-ana"]) == 2
    with by("staff") as database, database.writing() as session:
        owned = session.get_one(notify.tables.Page, page)
        handover.offer(session, world.clock.moment, owned, "m-ben", world.settings)
    with by("pager"):
        world.deliver_due()
    with by("public"):
        assert text("ben").kind == "acknowledged"
    with by("staff") as database, database.writing() as session:
        owned = session.get_one(notify.tables.Page, page)
        now = world.clock.moment
        assert taking_over.take_over(session, now, world.directory, owned, "m-ben", "m-ana")
    with by("pager"):
        world.pass_time(600)
        assert world.page(page).state == "open"
