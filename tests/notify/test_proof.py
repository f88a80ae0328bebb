"""What became of a page can be proved: from the audit, to the pager's signature, and its gaps are named."""

import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, text, update

from notify import forgetting, handover, trail, webhooks
from notify.channels import TEXT
from notify.errors import TransportError
from notify.proof import BROKEN, UNREAD, WAITING, WHOLE, Checked, Entry, Proof, proof_of
from notify.tables import Attempt, Page
from tests.notify.world import World
from tests.vault.test_protocol import rows as rows_of
from vault.chain import Chainer
from vault.tables import AuditEvent
from vault.verdict import Judge

INSTALL = "0" * 32
_VERB = re.compile(r"(page|delivery|offer|case|acknowledgement)_\w+")
TRIGGERS = ("audit_event_stays", "audit_event_same")
READ = Checked(until=10_000)


class Office:
    """Chains what the world's pager notes, and proves it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chainer = Chainer(INSTALL, Ed25519PrivateKey.generate(), "one")

    def chain(self) -> None:
        with self.world.database.writing() as session:
            self.chainer.chain(session, self.world.clock.moment)

    def prove(self, page_id: str | None, checked: Checked | None = READ) -> Proof:
        judge = Judge(INSTALL, self.chainer.key.public_key())
        with self.world.database.reading() as session:
            return proof_of(session, page_id or "", judge.is_whole, checked)

    def forge(self, statement: str) -> None:
        """Somebody who can write to the database, past every trigger."""
        with self.world.database.engine.begin() as connection:
            for trigger in TRIGGERS:
                on = "" if self.world.database.is_sqlite else " ON audit_event"
                connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))
            connection.execute(text(statement))


def said(proof: Proof, *verbs: str) -> list[Entry]:
    return [entry for entry in proof.entries if entry.verb in verbs]


def test_a_page_tells_who_was_called_how_and_who_took_it(world: World) -> None:
    page = world.open()
    mine = world.attempts(channel="sms")[0]
    with world.database.writing() as session:
        webhooks.status(
            session, world.clock.moment, webhooks.About(mine.provider_id or "", TEXT), "delivered"
        )
    world.pass_time(120)
    world.text("ben", world.code_of("ben"))
    world.read_case("ben")
    office = Office(world)
    office.chain()
    proof = office.prove(page)
    assert (proof.standing, proof.taken_by, proof.gaps) == (WHOLE, "Ben", ())
    called = [(one.name, one.channel, one.facts["step"]) for one in said(proof, trail.QUEUED)]
    assert called == [("Ana", "sms", 0), ("Ana", "voice", 0), ("Ben", "sms", 1), ("Ben", "voice", 1)]
    sent = said(proof, trail.SENT)
    assert {one.facts["provider"] for one in sent} == {one.provider_id for one in world.attempts(kind="page")}
    assert [(one.name, one.channel) for one in said(proof, trail.ARRIVED)] == [("Ana", "sms")]
    assert [(one.why, one.facts["persons"]) for one in said(proof, trail.STEP)] == [("time", 1)]
    assert [(one.name, one.facts["through"]) for one in said(proof, trail.TAKEN)] == [("Ben", "text")]
    assert [one.name for one in said(proof, trail.SEEN)] == ["Ben"]
    assert [entry.seq for entry in proof.entries] == sorted(entry.seq or 0 for entry in proof.entries)


def test_a_step_says_what_it_came_of(world: World) -> None:
    page = world.open()
    world.pass_time(120)
    world.text("ben", "pass")
    world.pass_time(1)
    world.text("cleo", world.code_of("cleo"))
    world.pass_time(600)
    steps = said(Office(world).prove(page), trail.STEP)
    assert [one.why for one in steps] == ["time", "passed", "unopened"]


def test_what_failed_is_told_with_its_code_and_the_step_it_led_to(world: World) -> None:
    world.carrier.refusals[world.phone["ana"]] = TransportError("21614", permanent=True)
    page = world.open()
    world.pass_time(1)
    proof = Office(world).prove(page)
    failed = said(proof, trail.FAILED)
    assert {(one.name, one.facts["code"]) for one in failed} == {("Ana", "21614")}
    assert [one.why for one in said(proof, trail.STEP)] == ["failed"]


def test_before_the_pager_chained_it_the_proof_waits_and_before_it_was_read_again_it_says_so(
    world: World,
) -> None:
    page, office = world.open(), Office(world)
    assert office.prove(page).standing == WAITING
    office.chain()
    assert office.prove(page, None).standing == UNREAD
    assert office.prove(page).standing == WHOLE


def test_an_event_that_was_changed_or_taken_out_shows(world: World) -> None:
    page, office = world.open(), Office(world)
    world.text("ana", world.code_of("ana"))
    office.chain()
    office.forge("UPDATE audit_event SET actor = 'member:m-ben' WHERE verb = 'page_acknowledged'")
    changed = office.prove(page)
    assert [entry.verb for entry in changed.entries if entry.state == BROKEN] == [trail.TAKEN]
    assert [(gap.verb, gap.name) for gap in changed.gaps] == [(trail.TAKEN, "Ana")]
    office.forge("DELETE FROM audit_event WHERE verb = 'delivery_sent'")
    taken_out = office.prove(page)
    assert taken_out.standing == BROKEN
    assert {(gap.verb, gap.channel) for gap in taken_out.gaps} >= {(trail.SENT, "sms"), (trail.SENT, "voice")}


def test_a_case_that_changed_hands_is_proved_also_where_it_had_called_nobody(world: World) -> None:
    with world.database.writing() as session:
        request = world.request("prompt")
        page = handover.own(session, world.clock.moment, request, "m-ana", world.settings).id
        handover.offer(session, world.clock.moment, session.get_one(Page, page), "m-ben", world.settings)
    with world.database.writing() as session:
        assert handover.accept(session, world.clock.moment, world.directory, page, "m-ben")
    office = Office(world)
    office.chain()
    proof = office.prove(page)
    assert (proof.standing, proof.gaps, proof.taken_by) == (WHOLE, (), "Ben")
    assert [(one.verb, one.name, one.to) for one in proof.entries] == [
        (trail.OPENED, "", ""),
        (trail.TAKEN, "Ana", ""),
        (trail.OFFERED, "Ana", "Ben"),
        (trail.ACCEPTED, "Ben", ""),
    ]


def test_events_that_somebody_made_up_are_shown_for_what_they_are(world: World) -> None:
    page, office = world.open(), Office(world)
    office.chain()
    made_up = ((trail.QUEUED, "[]"), (trail.SENT, '{"attempt":[1]}'), (trail.TAKEN, "no json"), ("?", "{}"))
    with world.database.writing() as session:
        session.add_all(
            AuditEvent(at=0, actor="member:m-ben", verb=verb, pseudonym=page, facts=facts)
            for verb, facts in made_up
        )
    proof = office.prove(page)
    assert proof.standing == WAITING
    assert [entry.state for entry in proof.entries][-1] == WAITING


def test_the_protocol_names_every_event_of_a_page() -> None:
    named = {name for row in rows_of("4.16 Events of a page")[1:] for name in re.findall(r"`(\w+)`", row[0])}
    words = {word for word in vars(trail).values() if isinstance(word, str) and _VERB.fullmatch(word)}
    assert named == words


def test_an_audit_that_broke_before_the_page_ended_proves_nothing(world: World) -> None:
    page, office = world.open(), Office(world)
    office.chain()
    assert office.prove(page, Checked(until=0, broken=1)).standing == BROKEN


def test_after_retention_the_audit_alone_tells_and_says_so(world: World) -> None:
    page, office = world.open(), Office(world)
    world.text("ana", world.code_of("ana"))
    office.chain()
    with world.database.writing() as session:
        forgetting.forget(session, "one")
    proof = office.prove(page)
    assert (proof.page, proof.standing) == (None, WHOLE)
    assert {one.name for one in said(proof, trail.QUEUED)} == {"Ana"}
    assert said(proof, trail.TAKEN)


def test_rows_that_say_more_than_the_audit_are_named_not_believed(world: World) -> None:
    page, office = world.open(), Office(world)
    office.chain()
    with world.database.writing() as session:
        session.execute(update(Attempt).where(Attempt.channel == "sms").values(state="delivered"))
    assert [(gap.verb, gap.name, gap.channel) for gap in office.prove(page).gaps] == [
        (trail.ARRIVED, "Ana", "sms")
    ]
    with world.database.writing() as session:
        session.execute(delete(Attempt))
    assert office.prove(page).gaps == ()
