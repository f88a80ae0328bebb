"""How people are reached, from the command line: a spreadsheet, a prompt, a PIN. No address comes out."""

import re
import tomllib
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from notify import endings, people, pins, ways
from notify.duty_tables import ContactMethod, Responder
from notify.escalation import ALL
from notify.paging import PageRequest, open_page
from notify.settings import MailSettings, PagingSettings
from notify.tables import Attempt, PageCode
from tests.install import pages
from tests.wiring.test_found import Install
from vault.people_tables import Member
from wiring import ground, verifying
from wiring.cli import tipline
from wiring.commands.contacts import contacts, posting
from wiring.config import load
from wiring.secrets import Secrets
from wiring.settings import SecondSection

EXAMPLE = pages.FOLDER / "contacts.csv"
HEADER = "person,way,address,after,quiet,language\n"
PUSH = "ntfys://ntfy.example.org/a-secret-topic"
NIGHT = 1_795_064_400_000  # 23:00 in Denver


CALLED = PageRequest("maple", "one", "K7QM-29TX", "urgent", wakes=True, teams=("counseling",), zone="UTC")


class Office(Install):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        assert self.found().exit_code == 0

    @property
    def rows(self) -> Path:
        return self.file.with_name("contacts.csv")

    def brings(self, text: str) -> Result:
        self.rows.write_text(text, encoding="utf-8")
        return self.says("roster", "import", str(self.rows))

    def says(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(tipline, [*words, "--config", str(self.config)], input=typed)

    def ways(self, login: str) -> list[ContactMethod]:
        own = select(ContactMethod).join(Responder).join(Member, Member.id == Responder.member_id)
        with closing(ground.lay(load(self.config))) as laid, laid.database.reading() as session:
            found = own.where(Member.login == login).order_by(ContactMethod.rank)
            return list(session.scalars(found.options(undefer(ContactMethod.ending_key))))

    def endings(self, login: str) -> list[str]:
        """As the owner of these ways is told them."""
        secret = Secrets(self.config.parent, "staff").key("responder-number-key")
        return [endings.ending_of(secret, one.address_key, one.ending_key) for one in self.ways(login)]

    def begun(self) -> list[str | None]:
        """By which ways pages are about to go."""
        due = select(Attempt.method_id).where(Attempt.state == "due", Attempt.kind == "page")
        with closing(ground.lay(load(self.config))) as laid, laid.database.reading() as session:
            return list(session.scalars(due))

    def verify_all(self) -> None:
        with closing(ground.lay(load(self.config))) as laid, laid.database.writing() as session:
            session.execute(update(ContactMethod).values(verified_at=1))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """For what is refused, and to be copied."""
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(untouched: Office, tmp_path: Path) -> Office:
    return untouched.copied_to(tmp_path)


def test_a_secretary_brings_a_spreadsheet_and_gets_it_back_without_addresses(office: Office) -> None:
    said = office.brings(EXAMPLE.read_text(encoding="utf-8"))
    assert "ann: text, call, email" in said.output
    assert "NOT  ann: email is not verified" in said.output
    assert [one.channel for one in office.ways("ann")] == ["sms", "voice", "email"]
    tried = ways.ways_of(office.ways("ben"), ALL, NIGHT)
    assert [way.method.channel for way in tried] == ["sms"]
    shown = office.says("contacts", "show").output
    assert "ann,call,,60 s,,en\n" in shown
    assert "ben,call,,,22:00-06:30,es\n" in shown
    assert "5555501" not in shown
    assert "ntfy" not in shown
    before = [(one.address_key, one.after_s, one.quiet) for one in office.ways("ann")]
    office.verify_all()
    assert office.brings(shown).exit_code == 0
    kept = office.ways("ann")
    assert [(one.address_key, one.after_s, one.quiet) for one in kept] == before
    assert all(one.verified_at for one in kept)


def test_a_second_number_can_be_verified_after_the_first(office: Office) -> None:
    office.brings(f"{HEADER}ann,text,+15555550171,,,\nann,text,+15555550172,,,\n")
    with closing(ground.lay(load(office.config))) as laid:
        for _ in range(2):
            with posting(laid) as post:
                question = verifying.ask(post, "ann", "sms")
            with laid.database.writing() as session:
                verifying.confirm(session, NIGHT, question)
    assert all(one.verified_at for one in office.ways("ann"))


def test_its_page_names_every_command_and_every_key() -> None:
    page = pages.INSTALL.with_name("channels.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^tipline contacts ([a-z]+)", page, re.MULTILINE)) == set(contacts.commands)
    found = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    examples = [tomllib.loads(one) for one in found]
    assert set(examples[0]["mail"]) <= {one.name for one in fields(MailSettings)}
    assert set(examples[1]["carrier"]["second"]) == {one.name for one in fields(SecondSection)}


def test_a_changed_address_is_verified_anew_and_what_is_left_out_is_gone(office: Office) -> None:
    office.verify_all()
    office.brings(f"{HEADER}ann,text,+15555550177,,,\nann,call,,,,\n")
    assert [(one.channel, bool(one.verified_at)) for one in office.ways("ann")] == [
        ("sms", False),
        ("voice", True),
    ]
    (_, call), (text, _) = office.ways("ann"), office.ways("ben")
    with closing(ground.lay(load(office.config))) as laid, laid.database.writing() as session:
        due = {"school": "maple", "rank": 0, "due_at": 0, "created_at": 0}
        session.add(Attempt(id="a1", method_id=call.id, channel="voice", **due))
        session.add(Attempt(id="a2", method_id=text.id, channel="sms", **due))
    office.brings(f"{HEADER}ann,text,,,,\n")
    assert [one.channel for one in office.ways("ann")] == ["sms"]
    with closing(ground.lay(load(office.config))) as laid, laid.database.reading() as session:
        states = [session.get_one(Attempt, one).state for one in ("a1", "a2")]
    assert states == ["cancelled", "due"]


def test_a_page_that_calls_somebody_goes_to_their_new_number_at_once(office: Office) -> None:
    office.brings(f"{HEADER}ann,text,+15555550177,,,\n")
    (old,) = office.ways("ann")
    with closing(ground.lay(load(office.config))) as laid, laid.database.writing() as session:
        open_page(session, laid.clock.now(session), CALLED, PagingSettings())
        session.execute(update(Attempt).where(Attempt.method_id == old.id).values(state="sent"))
        tried = set(session.scalars(select(Attempt.method_id)))
    assert old.id in tried
    office.brings(f"{HEADER}ann,text,+15555550188,,,\n")
    (new,) = office.ways("ann")
    with closing(ground.lay(load(office.config))) as laid, laid.database.reading() as session:
        begun = session.execute(
            select(Attempt.method_id, Attempt.state).where(Attempt.method_id.not_in(tried))
        )
        assert begun.all() == [(new.id, "due")]


def test_a_way_that_somebody_gets_while_a_page_calls_them_is_tried_at_once(office: Office) -> None:
    """One that nobody verified only where they have no other telephone; any, as soon as it is."""
    called = replace(CALLED, urgency="immediate")
    office.brings(f"{HEADER}ann,call,+15555550177,,,\n")
    office.verify_all()
    with closing(ground.lay(load(office.config))) as laid, laid.database.writing() as session:
        open_page(session, laid.clock.now(session), called, PagingSettings())
        session.execute(update(Attempt).values(state="sent"))
    assert (
        office.says("contacts", "add", "--login", "ann", "--by", "text", typed="+15555550178\n").exit_code
        == 0
    )
    text = office.ways("ann")[1]
    assert office.begun() == []
    with closing(ground.lay(load(office.config))) as laid:
        with posting(laid) as post:
            question = verifying.ask(post, "ann", "sms")
        with laid.database.writing() as session:
            verifying.confirm(session, laid.clock.now(session), question)
    assert office.begun() == [text.id]
    with closing(ground.lay(load(office.config))) as laid, laid.database.reading() as session:
        assert session.scalars(select(PageCode.address_key)).all() == [text.address_key]
    assert office.says("contacts", "add", "--login", "ann", "--by", "push", typed=f"{PUSH}\n").exit_code == 0
    assert office.begun() == [text.id], "not verified, and she has a telephone"


def test_what_waited_for_an_old_number_goes_to_the_new_one_with_its_digits(office: Office) -> None:
    office.brings(f"{HEADER}ann,text,+15555550177,,,\n")
    with closing(ground.lay(load(office.config))) as laid, laid.database.writing() as session:
        now = laid.clock.now(session)
        open_page(session, now, CALLED, PagingSettings())
        session.execute(update(Attempt).values(due_at=now + 60_000, tries=2))
    assert (
        office.says("contacts", "add", "--login", "ann", "--by", "text", typed="+15555550178\n").exit_code
        == 0
    )
    (way,) = office.ways("ann")
    with closing(ground.lay(load(office.config))) as laid, laid.database.reading() as session:
        waits = session.execute(
            select(Attempt.method_id, Attempt.tries).where(Attempt.due_at <= now + 30_000)
        )
        assert waits.all() == [(way.id, 0)]
        assert way.address_key in session.scalars(select(PageCode.address_key)).all()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ann,pager,+15555550101,,,", "line 2, way: unknown"),
        ("ann,text,555-0101,,,", "line 2, address: not an international number"),
        ("ann,email,ann,,,", "line 2, address: not an e-mail address"),
        ("ann,push,nonsense,,,", "line 2, address: no address that Apprise knows"),
        ("ann,call,,1 h,,", "line 2, after: not a time"),
        ("ann,call,,,at night,", "line 2, quiet: no span of hours"),
        ("ann,call,,,,xx", "line 2, language: unknown"),
        (",call,,,,", "line 2, person: empty"),
        ("nobody,call,+15555550101,,,", "nobody: nobody signs in with this login"),
        ("ann,email,,,,", "line 2, address: empty"),
    ],
)
def test_a_wrong_row_is_said_with_its_line_and_nothing_is_done(
    untouched: Office, row: str, said: str
) -> None:
    assert said in str(untouched.brings(HEADER + row + "\n").exception)
    assert [one.channel for one in untouched.ways("ann")] == ["sms", "voice"]


def test_an_address_is_asked_for_and_neither_shown_nor_stored_in_clear(office: Office) -> None:
    refused = office.says("contacts", "add", "--login", "ann", "--by", "email")
    assert "mail.host is empty" in str(refused.exception)
    added = office.says("contacts", "add", "--team", "counseling", "--by", "push", typed=f"{PUSH}\n")
    assert "push: kept for" in added.output
    assert "secret" not in added.output
    first, second = (office.ways(login)[-1] for login in ("ann", "ben"))
    assert first.channel == second.channel == "push"
    assert first.address_key == second.address_key
    assert b"secret-topic" not in (office.config.parent / "tipline.db").read_bytes()


def test_a_member_who_could_never_be_called_begins_to_be(office: Office) -> None:
    with closing(ground.lay(load(office.config))) as laid, laid.database.writing() as session:
        session.add(Member(id="m-eva", login="eva", name="Eva Example", wrapped_seed=b""))
    said = office.brings(f"{HEADER}eva,email,eva@school.example,,,es\n")
    assert "NOT  eva: has only e-mail, which wakes nobody" in said.output
    with closing(ground.lay(load(office.config))) as laid, laid.database.reading() as session:
        eva = session.scalars(select(Responder).where(Responder.member_id == "m-eva")).one()
    assert (eva.name, eva.locale, eva.handle) == ("Eva Example", "es", people.handle_of("eva"))


def test_found_again_with_another_phone_leaves_the_mailbox_alone(office: Office) -> None:
    assert office.endings("ann") == ["01", "01"]
    office.brings(f"{HEADER}ann,text,+15555550177,,,\nann,call,,,,\nann,email,ann@school.example,,,\n")
    assert office.endings("ann") == ["77", "01", ""]
    mailbox = office.ways("ann")[-1].address_key
    assert office.found(("+15555550101", "+15555550188")).exit_code == 0
    assert office.endings("ann") == ["88", "88", ""]
    text, call, email = office.ways("ann")
    assert text.address_key == call.address_key
    assert email.address_key == mailbox


def test_a_pin_is_kept_as_a_hash_and_taken_away_again(office: Office) -> None:
    refused = office.says("contacts", "pin", "--login", "ann", typed="12\n12\n")
    assert "not four to eight digits" in str(refused.exception)
    said = office.says("contacts", "pin", "--login", "ann", typed="4821\n4821\n")
    assert "ann: a PIN from now on." in said.output
    secret = Secrets(office.config.parent, "public").key("responder-number-key")

    def kept() -> tuple[str, str | None]:
        with closing(ground.lay(load(office.config))) as laid, laid.database.reading() as session:
            own = select(Responder).join(Member, Member.id == Responder.member_id)
            found = session.scalars(own.where(Member.login == "ann")).one()
            return found.id, found.pin_key

    person, key = kept()
    assert key
    assert pins.fits(secret, person, key, "4821")
    assert not pins.fits(secret, person, key, "4822")
    office.says("contacts", "pin", "--login", "ann", "--none")
    assert kept()[1] is None


def test_a_contact_card_has_every_number_that_pages(untouched: Office) -> None:
    told = untouched.says("contacts", "card", "--language", "es")
    assert told.exit_code == 0
    pager = load(untouched.config).settings.carrier.pager.number
    card = told.stdout_bytes.decode()
    unfolded = card.replace("\r\n ", "")
    assert card.startswith("BEGIN:VCARD\r\nVERSION:3.0\r\n")
    assert f"\r\nTEL;TYPE=CELL,VOICE,MSG:{pager}\r\n" in card
    assert "suenen de noche" in unfolded
    assert all(len(line.encode()) <= 75 for line in card.split("\r\n"))
