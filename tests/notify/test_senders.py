"""A second provider under another account and number: who takes over, and who is asked."""

from dataclasses import dataclass, field, replace

import pytest

from notify import senders
from notify.breaker import Breaker
from notify.channels import Outlet
from notify.channels.mail import Mail
from notify.channels.telephone import channels_of
from notify.deliver import deliver
from notify.errors import TransportError
from notify.settings import MailSettings
from notify.webhooks import About, status
from tests.notify.carrier import Carrier
from tests.notify.world import World
from vault.database import Database

SECOND_NUMBER = "+15550109"


@dataclass
class Other(Carrier):
    """The second provider; it knows only its own number."""

    own: str = SECOND_NUMBER
    senders: set[str] = field(default_factory=set)

    def send_text(self, sender: str, to: str, body: str, attempt_id: str, valid_s: int | None) -> str:
        self.senders.add(sender)
        return "2-" + super().send_text("+15550101", to, body, attempt_id, valid_s)

    def call(self, sender: str, to: str, twiml: str, attempt_id: str) -> str:
        self.senders.add(sender)
        return "2-" + super().call("+15550101", to, twiml, attempt_id)

    def sent_texts(self, sender: str, to: str, since: int) -> list:  # type: ignore[type-arg]
        self.senders.add(sender)
        return super().sent_texts("+15550101", to, since)


@pytest.fixture
def other() -> Other:
    return Other()


@pytest.fixture
def world(database: Database, other: Other) -> World:
    world = World.with_counselors(database)
    outlets = {**world.desk.outlets, "second": Outlet(SECOND_NUMBER, other)}
    world.desk = replace(world.desk, outlets=outlets, channels=channels_of(outlets))
    return world


def down(code: str = "connection") -> TransportError:
    return TransportError(code, permanent=False)


def test_the_first_is_preferred_while_it_works(world: World, other: Other) -> None:
    world.open()
    assert (len(world.carrier.texts), other.texts, other.calls) == (1, [], [])


def test_what_the_first_did_not_take_leaves_by_the_second_a_second_later(world: World, other: Other) -> None:
    world.carrier.refusals["sms"] = down()
    world.open()
    world.pass_time(2)
    assert [to for to, _ in other.texts] == [world.phone["ana"]]
    assert other.senders == {SECOND_NUMBER}
    (text,) = world.attempts(channel="sms")
    assert (text.sender, text.state, text.provider_id) == ("second", "sent", f"2-SM{text.id}")
    code = world.carrier.calls and other.texts[0][1].split("Reply ")[1][:5]
    assert world.text("ana", str(code)).kind == "acknowledged"


def test_a_doubtful_first_is_not_even_asked(world: World, other: Other) -> None:
    for _ in range(3):
        world.breaker.failed("pager")
    world.open()
    assert (len(other.texts), len(other.calls), world.carrier.texts) == (1, 1, [])
    world.breaker.succeeded("pager")
    world.open(subject="two")
    assert len(world.carrier.texts) == 1


def test_an_account_that_may_send_no_longer_is_no_end(world: World, other: Other) -> None:
    """Suspended, unregistered, filtered: for good by that sender, but not by another."""
    world.carrier.refusals["sms"] = TransportError("30002", permanent=True)
    world.open()
    assert world.alarms.sounded == ["system_30002"]
    world.pass_time(2)
    assert len(other.texts) == 1


def test_a_mail_server_that_is_down_speaks_against_no_number(world: World) -> None:
    for subject in ("one", "two", "three"):
        world.hire(subject, channels=("email",))
        world.rotate(subject, subject)
        world.give("email", Mail(MailSettings(host="127.0.0.1", port=1, security="none", sender="a@b.test")))
        world.open("urgent", subject=subject, teams=(subject,))
    assert world.breaker.doubtful() == ("email",)


def test_a_phone_that_takes_no_texts_takes_none_of_the_second(world: World, other: Other) -> None:
    world.carrier.refusals["sms"] = TransportError("21614", permanent=True)
    world.open()
    world.pass_time(60)
    assert not other.texts


def test_what_got_lost_on_the_first_ones_way_leaves_by_the_second_now(world: World, other: Other) -> None:
    page = world.open()
    (text,) = world.attempts(channel="sms")
    with world.database.writing() as session:
        about = About(str(text.provider_id), attempt_id=text.id)
        status(session, world.clock.moment, about, "undelivered", "30007", elsewhere=True)
    world.pass_time(2)
    assert [to for to, _ in other.texts] == [world.phone["ana"]]
    assert world.page(page).state == "open"


def test_who_asks_to_be_left_alone_holds_back_no_other_sender(world: World, other: Other) -> None:
    world.carrier.refusals["sms"] = TransportError("20429", permanent=False, after_s=300)
    world.open()
    world.pass_time(2)
    assert [to for to, _ in other.texts] == [world.phone["ana"]]


def test_after_a_crash_the_one_that_was_sending_is_asked(world: World, other: Other) -> None:
    world.carrier.refusals["sms"] = down("20500")
    world.open(urgency="urgent")
    world.carrier.refusals.clear()

    def crash(_attempt_id: str) -> None:
        raise KeyboardInterrupt

    other.meanwhile = crash
    world.clock.moment += 2000
    (text,) = world.attempts(channel="sms")
    with pytest.raises(KeyboardInterrupt):
        deliver(world.desk, text.id)
    world.pass_time(5)
    (text,) = world.attempts(channel="sms")
    assert (text.state, text.sender, text.provider_id) == ("sent", "second", f"SM{text.id}")
    assert (len(other.texts), other.asked, world.carrier.texts) == (1, 1, [])


def test_who_asks_to_be_left_alone_is_left_alone_while_others_go_on(world: World) -> None:
    world.desk = replace(world.desk, channels=channels_of({"pager": world.desk.outlets["pager"]}))
    world.carrier.refusals["sms"] = TransportError("20429", permanent=False, after_s=40)
    world.open()
    assert world.carrier.rung() == [world.phone["ana"]]
    world.carrier.refusals.clear()
    world.pass_time(39)
    assert not world.carrier.texts
    world.pass_time(12)
    assert len(world.carrier.texts) == 1


def test_a_breaker_keeps_to_what_it_was_asked() -> None:
    at = [0.0]
    breaker = Breaker(lambda: at[0])
    breaker.failed("sms", "pager", after_s=100)
    assert breaker.doubtful() == ("pager", "sms")
    breaker.failed("pager")
    at[0] = 99
    assert breaker.doubts("pager")
    at[0] = 100
    assert breaker.doubtful() == ()


def test_what_last_failed_is_looked_up_and_not_searched_for(world: World) -> None:
    """It runs between a page's commit and the phone's ringing, over all attempts that were ever made."""
    asked = senders.LAST_FAILURE.params(method="ana-sms", since=0)
    with world.database.reading() as session:
        connection = session.connection()
        written = asked.compile(connection, compile_kwargs={"literal_binds": True})
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all())
    assert "ix_attempt_method_id" in plan
