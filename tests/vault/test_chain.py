"""The audit's chain: everything noted is linked and signed, and whatever is done to it afterwards shows."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.vault import decoder
from vault import audit, chain
from vault.chain import Chainer, Head
from vault.database import Database
from vault.tables import AuditEvent, AuditLease
from vault.verdict import Judge, Verdict

INSTALL = "0" * 32
NOW = 1_800_000_030_500
VERBS = ("report_filed", "page_opened", "page_acknowledged", "case_opened", "reply_sent")
TRIGGERS = ("audit_event_stays", "audit_event_same")


@dataclass
class Record:
    """An audit, its chainer, and somebody who can write to the database past every trigger."""

    database: Database
    chainer: Chainer
    rewritten: bool = False

    def note(self, *verbs: str, now: int = NOW) -> None:
        with self.database.writing() as session:
            for verb in verbs:
                audit.record(session, now, actor="pager", verb=verb, pseudonym="p", step=1)

    def chain(self, chainer: Chainer | None = None, now: int = NOW) -> int:
        with self.database.writing() as session:
            added = (chainer or self.chainer).chain(session, now)
        (chainer or self.chainer).keep(added)
        self.rewritten = added.rewritten
        return added.count

    def verdict(self, *heads: Head, now: int = NOW) -> Verdict:
        public = self.chainer.key.public_key()
        with self.database.reading() as session:
            return Judge(INSTALL, public, heads).judge(session, now)

    def forge(self, statement: str) -> None:
        with self.database.engine.begin() as connection:
            for trigger in TRIGGERS:
                on = "" if self.database.is_sqlite else " ON audit_event"
                connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))
            connection.execute(text(statement))

    def head(self) -> Head:
        with self.database.reading() as session:
            return chain.end(session)


@pytest.fixture
def record(any_database: Database) -> Record:
    made = Record(any_database, chainer("one"))
    made.note(*VERBS)
    assert made.chain() == len(VERBS)
    return made


def chainer(holder: str, key: Ed25519PrivateKey | None = None) -> Chainer:
    return Chainer(INSTALL, key or Ed25519PrivateKey.generate(), holder)


def test_what_was_noted_is_chained_in_order_and_whole(record: Record) -> None:
    assert record.verdict() == Verdict(len(VERBS))
    record.note("signed_in")
    assert record.chain() == 1
    assert record.chain() == 0
    assert record.verdict() == Verdict(len(VERBS) + 1)


def test_links_are_what_the_document_says(record: Record) -> None:
    before = bytes(32)
    with record.database.reading() as session:
        for event in session.scalars(select(AuditEvent).order_by(AuditEvent.seq)):
            facts = {name: getattr(event, name) for name in ("at", "actor", "verb", "pseudonym", "facts")}
            before = decoder.audit_link(INSTALL, event.seq or 0, before, facts)
            assert event.link == before
            signed = decoder.fields(
                b"tipline/1/audit-signature", INSTALL.encode(), (event.seq or 0).to_bytes(8, "big"), before
            )
            public = record.chainer.key.public_key().public_bytes_raw()
            assert decoder.is_signed(public, event.signature or b"", signed)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_event SET verb = 'case_closed' WHERE seq = 2", "event 2 is not what it was"),
        ("UPDATE audit_event SET actor = 'member:eve' WHERE seq = 5", "event 5 is not what it was"),
        ("UPDATE audit_event SET facts = '{}' WHERE seq = 1", "event 1 is not what it was"),
        ("UPDATE audit_event SET pseudonym = 'q' WHERE seq = 3", "event 3 is not what it was"),
        ("UPDATE audit_event SET at = at - 60000 WHERE seq = 3", "event 3 is not what it was"),
        ("UPDATE audit_event SET link = signature WHERE seq = 4", "event 4 is not what it was"),
        ("UPDATE audit_event SET signature = link WHERE seq = 4", "event 4 is not signed"),
        ("UPDATE audit_event SET signature = NULL WHERE seq = 4", "event 4 is not signed"),
        ("DELETE FROM audit_event WHERE seq = 1", "event 1 is missing"),
        ("DELETE FROM audit_event WHERE seq = 3", "event 3 is missing"),
        (
            "UPDATE audit_event SET seq = NULL, link = NULL, signature = NULL WHERE seq = 3",
            "event 3 is missing",
        ),
        ("UPDATE audit_event SET seq = 9 WHERE seq = 5", "event 5 is missing"),
    ],
)
def test_the_first_event_that_is_not_right_is_named(record: Record, statement: str, broken: str) -> None:
    record.forge(statement)
    found = record.verdict()
    assert re.match(broken, found.broken), found
    assert found.count == int(re.findall(r"\d+", broken)[0]) - 1


def test_two_events_that_changed_places_show(record: Record) -> None:
    record.forge("UPDATE audit_event SET seq = CASE seq WHEN 2 THEN 30 ELSE 20 END WHERE seq IN (2, 3)")
    record.forge("UPDATE audit_event SET seq = seq / 10 WHERE seq > 9")
    assert record.verdict().broken.startswith("event 2 is not what it was")


def test_a_chain_written_anew_with_another_key_shows(record: Record) -> None:
    record.forge("UPDATE audit_event SET verb = 'x', seq = NULL, link = NULL, signature = NULL")
    record.forge("DELETE FROM audit_lease")
    assert record.chain(chainer("thief")) == len(VERBS)
    assert record.verdict().broken == "event 1 is not signed by this install's pager"


def test_a_cut_off_end_shows_to_whoever_has_a_head(record: Record) -> None:
    head = record.head()
    record.forge("DELETE FROM audit_event WHERE seq > 3")
    assert record.verdict() == Verdict(3), "without a witness nothing is left to see"
    assert record.verdict(head).broken == "event 4 is missing: the witness saw 5 events"


def test_a_chain_that_the_pagers_own_key_wrote_anew_shows_to_whoever_has_a_head(record: Record) -> None:
    head = record.head()
    record.forge("UPDATE audit_event SET verb = 'x', seq = NULL, link = NULL, signature = NULL")
    record.chain(Chainer(INSTALL, record.chainer.key, record.chainer.holder))
    assert record.verdict() == Verdict(len(VERBS))
    assert record.verdict(head).broken == "event 5 is not the one that the witness saw"


def test_a_witnesss_line_that_the_install_never_signed_is_not_believed(record: Record) -> None:
    assert "witness's line" in record.verdict(replace(record.head(), seq=7)).broken


def test_the_running_chainer_sees_that_its_end_was_cut_off_and_closes_no_gap(record: Record) -> None:
    record.forge("DELETE FROM audit_event WHERE seq > 3")
    record.note("signed_in")
    record.chain()
    assert record.rewritten
    assert record.verdict().broken == "event 4 is missing"
    record.note("signed_out")
    record.chain()
    assert not record.rewritten, "it is said once, not at every round"


def test_an_event_that_nobody_chained_within_a_minute_is_named(record: Record) -> None:
    record.note("signed_in")
    assert record.verdict(now=NOW + 59_000) == Verdict(len(VERBS))
    assert re.match(r"the event noted as \d+ was never chained", record.verdict(now=NOW + 61_000).broken)


def test_one_pager_chains_at_a_time_and_another_takes_over_a_dead_ones_lease(record: Record) -> None:
    other = chainer("two", record.chainer.key)
    record.note("signed_in")
    assert record.chain(other, now=NOW + 1) == 0
    assert record.chain(other, now=NOW + chain.LEASE_MS + 1) == 1
    record.note("signed_out")
    assert record.chain(now=NOW + 2 * chain.LEASE_MS) == 0
    assert record.chain(now=NOW + 3 * chain.LEASE_MS) == 1
    assert not record.rewritten
    assert record.verdict() == Verdict(len(VERBS) + 2)
    with record.database.reading() as session:
        assert [lease.holder for lease in session.scalars(select(AuditLease))] == ["one"]


def test_seconds_can_be_erased_and_the_chain_still_holds(record: Record) -> None:
    def times() -> set[int]:
        with record.database.reading() as session:
            return set(session.scalars(select(AuditEvent.at)))

    record.note("signed_in")
    with record.database.writing() as session:
        assert chain.with_seconds(session, NOW) == []
        chain.cut_to_minutes(session, chain.with_seconds(session, NOW + 1))
    assert times() == {NOW - NOW % 60_000, NOW}, "what is not chained yet keeps its second"
    assert record.verdict() == Verdict(len(VERBS))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_event",
        "UPDATE audit_event SET verb = 'x'",
        "UPDATE audit_event SET actor = 'x' WHERE seq IS NULL",
        "UPDATE audit_event SET at = at - 1",
        "UPDATE audit_event SET at = at + 60000",
        "UPDATE audit_event SET seq = NULL",
        "UPDATE audit_event SET link = NULL WHERE seq = 2",
        "UPDATE audit_event SET id = id + 100",
    ],
)
def test_the_database_itself_keeps_what_was_noted(record: Record, statement: str) -> None:
    record.note("signed_in")
    with pytest.raises(DatabaseError), record.database.engine.begin() as connection:
        connection.execute(text(statement))
    assert record.verdict() == Verdict(len(VERBS))


def test_postgresql_refuses_to_empty_the_table(postgresql_database: Database) -> None:
    with pytest.raises(DatabaseError), postgresql_database.engine.begin() as connection:
        connection.execute(text("TRUNCATE audit_event"))


def test_many_events_are_chained_in_turns(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 2)
    record = Record(database, chainer("one"))
    record.note(*VERBS)
    turns: list[int] = []
    look: Callable[[], int] = record.chain
    while count := look():
        turns.append(count)
    assert turns == [2, 2, 1]
    assert record.verdict() == Verdict(len(VERBS))


def test_a_round_that_was_rolled_back_leaves_no_gap(record: Record) -> None:
    record.note("signed_in")
    with pytest.raises(ZeroDivisionError), record.database.writing() as session:
        _chain_then_fail(session, record.chainer)
    assert record.chain() == 1
    assert not record.rewritten
    assert record.verdict() == Verdict(len(VERBS) + 1)


def _chain_then_fail(session: Session, chainer: Chainer) -> None:
    assert chainer.chain(session, NOW).count == 1
    raise ZeroDivisionError


def test_an_event_of_an_impossible_time_does_not_stop_the_chain(record: Record) -> None:
    for at in (-(2**63), -5, 2**63 - 1):
        record.note("signed_in", now=at)
    assert record.chain() == 3
    with record.database.writing() as session:
        chain.cut_to_minutes(session, chain.with_seconds(session, 2**63 - 1))
    assert record.verdict() == Verdict(len(VERBS) + 3)
