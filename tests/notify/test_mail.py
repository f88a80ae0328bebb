"""E-mail by a real server: who gets what, what its answers make the pager do, and nothing in clear."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from notify.channels import Parcel, SentText
from notify.channels.faults import FAULTS
from notify.channels.mail import Mail
from notify.errors import TransportError
from notify.settings import MailSettings
from tests.notify.mailbox import HOST, PASSWORD, USER, Mailbox, new_certificate, serving
from tests.notify.world import World
from vault.database import Database

EVA = "eva@school.test"
PARCEL = Parcel("a1", EVA, "Tipline: URGENT case K7QM-29TX", "Please look.")
# Of RFC 5321, RFC 4954 and RFC 7504; written down apart from the table that is tested. True: for good.
ANSWERS = {
    "421": (False, ""),
    "450": (False, ""),
    "451": (False, ""),
    "452": (False, ""),
    "454": (False, "system"),
    "530": (True, "system"),
    "534": (True, "system"),
    "535": (True, "system"),
    "550": (True, "roster"),
    "551": (True, "roster"),
    "552": (True, "roster"),
    "553": (True, "roster"),
    "554": (True, "system"),
    "556": (True, "roster"),
    "458": (False, ""),  # in no table
    "571": (True, ""),  # in no table
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_certificate(tmp_path_factory.mktemp("mail") / "server.pem")


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    """On this machine, so without TLS."""
    with serving() as box:
        yield box


@pytest.fixture
def box(server: Mailbox) -> Mailbox:
    server.came.clear()
    server.answers.clear()
    return server


@pytest.fixture
def world(database: Database, box: Mailbox) -> World:
    """Eva has nothing but a mailbox, and is on call for abuse; Ana also has a phone."""
    world = World.with_counselors(database)
    world.hire("eva", channels=("email",))
    world.rotate("social_work", "eva", "ana")
    world.give("email", mail_to(box))
    return world


def mail_to(box: Mailbox, security: str = "none", **facts: str) -> Mail:
    password = facts.pop("password", "")
    settings = MailSettings(
        host=HOST, port=box.port, security=security, sender="tipline@school.test", **facts
    )
    return Mail(settings, password, timeout_s=1)


def refused(mail: Mail) -> TransportError:
    with pytest.raises(TransportError) as caught:
        mail.send(PARCEL)
    assert "school.test" not in str(caught.value)
    return caught.value


def test_who_has_only_a_mailbox_is_reached_and_takes_the_case_on_the_staff_site(
    world: World, box: Mailbox
) -> None:
    page = world.open(teams=("social_work",))
    (notice,) = box.of(EVA)
    assert notice["Subject"] == "Tipline: IMMEDIATE case K7QM-29TX"
    assert notice["From"] == "tipline@school.test"
    assert notice["Auto-Submitted"] == "auto-generated"
    said = box.words(notice)
    assert "https://staff.example.test/case/K7QM-29TX" in said
    assert said.split("\n")[1] == 'Sign in and press "I have it". Until somebody does, others are called.'
    assert world.page(page).state == "open"
    assert world.take_in_view(str(page), "eva").kind == "acknowledged"
    assert world.page(page).acknowledged_by == "m-eva"
    assert world.due() == []


def test_the_one_with_a_mailbox_hears_by_e_mail_who_has_it(world: World, box: Mailbox) -> None:
    world.open(teams=("social_work",))
    world.pass_time(120)
    assert world.text("ana", world.code_of("ana")).kind == "acknowledged"
    told = box.of(EVA)[-1]
    assert (told["Subject"], box.words(told)) == ("Tipline", "Tipline: Ana has case K7QM-29TX.\n")


@dataclass
class Mortal:
    """A process that dies when the server has taken its e-mail, once."""

    mail: Mail
    dead: bool = False

    def send(self, parcel: Parcel) -> str:
        self.mail.send(parcel)
        if not self.dead:
            self.dead = True
            raise KeyboardInterrupt
        return ""

    def earlier(self, to: str, since: int) -> list[SentText]:
        return self.mail.earlier(to, since)


def test_after_a_crash_it_is_sent_again_under_the_same_id(world: World, box: Mailbox) -> None:
    """A duplicate beats a loss; a reader that knows the id shows it once."""
    world.give("email", Mortal(mail_to(box)))
    with pytest.raises(KeyboardInterrupt):
        world.open(teams=("social_work",))
    world.pass_time(4)
    (attempt,) = world.attempts(channel="email")
    assert (attempt.state, attempt.error_code, attempt.tries) == ("sent", "unrecorded", 2)
    assert [one["Message-ID"] for one in box.of(EVA)] == [f"<{attempt.id}@school.test>"] * 2


@pytest.mark.parametrize("answer", ["451 later", "554 no"])
def test_a_mailbox_that_fails_makes_the_phone_ring_now(world: World, box: Mailbox, answer: str) -> None:
    world.hire("fay", channels=("email", "sms", "voice"))
    world.rotate("nurse", "fay")
    world.change("fay-voice", after_s=600)
    box.answers["fay@school.test"] = answer
    page = world.open(teams=("nurse",))
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["fay"]]
    (first,) = world.attempts(page_id=page, channel="email")
    assert first.state == ("due" if answer.startswith("4") else "failed")
    box.answers.clear()
    world.pass_time(2)
    assert len(box.of("fay@school.test")) == (1 if answer.startswith("4") else 0)


@pytest.mark.parametrize("code", ANSWERS)
def test_each_answer_of_a_server_means_what_the_table_says(box: Mailbox, code: str) -> None:
    box.answers[EVA] = f"{code} because"
    found = refused(mail_to(box))
    permanent, alarm = ANSWERS[code]
    assert (found.code, found.permanent) == (f"smtp_{code}", permanent)
    assert FAULTS.get(found.code) is None or FAULTS[found.code].alarm == alarm
    assert alarm == "" or found.code in FAULTS


def test_every_coded_row_of_the_table_is_looked_at() -> None:
    rows = {code.removeprefix("smtp_") for code in FAULTS if code.startswith("smtp_")}
    assert {code for code in rows if code.isdigit()} == ANSWERS.keys() - {"458", "571"}


@pytest.mark.parametrize(("answer", "permanent"), [("452 full", False), ("554 content", True)])
def test_a_server_may_refuse_after_it_read_all(box: Mailbox, answer: str, permanent: bool) -> None:
    box.answers["data"] = answer
    found = refused(mail_to(box))
    assert (found.code, found.permanent) == (f"smtp_{answer[:3]}", permanent)


def test_nobody_listens_there() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    found = refused(mail_to(Mailbox(port=port)))
    assert (found.code, found.permanent) == ("connection", False)


def test_a_server_that_hangs_is_given_up_within_the_lease() -> None:
    with socket.create_server((HOST, 0)) as silent:
        began = time.monotonic()
        found = refused(mail_to(Mailbox(port=silent.getsockname()[1])))
    assert found.code in {"timeout", "connection"}
    assert time.monotonic() - began < 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it has TLS, from the start
def test_tls_from_the_start_with_a_password(certificate: Path) -> None:
    with serving(certificate, smtps=True, sign_in=True) as box:
        facts = {"user": USER, "ca_file": str(certificate)}
        mail_to(box, "smtps", password=PASSWORD, **facts).send(PARCEL)
        assert (len(box.came), box.over_tls) == (1, [True])
        wrong = refused(mail_to(box, "smtps", password="another", **facts))
    assert (wrong.code, wrong.permanent, FAULTS[wrong.code].alarm) == ("smtp_535", True, "system")


def test_starttls_comes_before_anything_is_said(certificate: Path) -> None:
    with serving(certificate) as box:
        mail_to(box, "starttls", ca_file=str(certificate)).send(PARCEL)
        assert (len(box.came), box.over_tls) == (1, [True])
        stranger = refused(mail_to(box, "starttls"))
        assert (stranger.code, len(box.came)) == ("smtp_certificate", 1)


def test_a_server_without_tls_gets_nothing(box: Mailbox) -> None:
    found = refused(mail_to(box, "starttls"))
    assert (found.code, found.permanent, FAULTS[found.code].alarm) == ("smtp_unable", True, "system")
    assert not box.came


def test_an_address_that_is_none_is_the_rosters_trouble(box: Mailbox) -> None:
    for none in ("eva\r\nBcc: x@y.test", "().@x.test"):
        with pytest.raises(TransportError) as caught:
            mail_to(box).send(Parcel("a1", none, "Tipline", "x"))
        assert (caught.value.code, FAULTS[caught.value.code].alarm) == ("smtp_553", "roster")
