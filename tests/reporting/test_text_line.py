"""The text line: a phone writes, is answered, is found again, is left alone when it asks for that."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from notify.stop_words import Wish, wish_of
from notify.tables import CarrierCopy, Page
from reporting.signature import sign
from tests.reporting.world import FRIDAY_NIGHT, HOUR, LINE, LINE_NUMBER, SECRETS, World
from triage import Assessment, assess
from vault.keyed import open_from_line
from vault.tables import TextContext, Texter

PHONE = "+15550177"
GRAVE = "I am going to kill myself tonight. I wrote a note."
ADDRESS = "https://tips.example.test"


def text(
    client: FlaskClient, body: str, sid: str, by: str = SECRETS.line_tokens[0], **more: str
) -> TestResponse:
    fields = {
        "MessageSid": sid,
        "From": PHONE,
        "To": LINE_NUMBER,
        "Body": body,
        "NumMedia": "0",
        "FromCity": "",
        **more,
    }
    signature = sign(by, f"{ADDRESS}/carrier/sms", MultiDict(fields))
    return client.post("/carrier/sms", data=fields, headers={"X-Twilio-Signature": signature})


def said(answer: TestResponse) -> str:
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    return "".join(ET.fromstring(answer.text).itertext()).strip()  # noqa: S314 - our own answer


def texter(world: World) -> Texter:
    with world.database.reading() as session:
        return session.scalars(select(Texter)).one()


def test_a_text_is_stored_sealed_and_answered_honestly(world: World, tmp_path: Path) -> None:
    world.clock.moment = FRIDAY_NIGHT
    answer = said(text(world.client(), "The lights in the gym are broken.", "SM1"))
    assert "Nobody at school will read this before Monday 7:30 AM" in answer
    assert ADDRESS in answer
    (report,) = world.reports()
    assert (report.channel, report.lookup_id, report.reporter_public) == ("text", None, None)
    assert world.read_as("ana", report.id)[0].text == "The lights in the gym are broken."
    assert open_from_line(LINE, "address", texter(world).sealed_number) == PHONE.encode()
    world.database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PHONE[1:].encode() not in stored


def test_one_thread_per_phone_and_a_short_answer_from_the_second_text_on(world: World) -> None:
    client = world.client()
    first, second = said(text(client, "hello", "SM1")), said(text(client, "it is about the gym", "SM2"))
    assert len(second) < len(first)
    (report,) = world.reports()
    assert [item.text for item in world.read_as("ana", report.id)] == ["hello", "it is about the gym"]


def test_the_same_text_posted_twice_is_filed_once_and_answered_twice(world: World) -> None:
    client = world.client()
    assert said(text(client, "hello", "SM1"))
    assert said(text(client, "hello", "SM1"))
    assert said(text(client, "hello", "SM2"))
    (report,) = world.reports()
    assert len(world.read_as("ana", report.id)) == 2


def test_every_text_is_triaged_and_a_grave_one_pages(world: World) -> None:
    client = world.client()
    text(client, "hello", "SM1")
    answer = said(text(client, GRAVE, "SM2"))
    assert "calling an adult on call" in answer
    assert world.reports()[0].urgency == "immediate"
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Page)) == 1


def test_spanish_is_answered_in_spanish(world: World) -> None:
    answer = said(text(world.client(), "Hola, un compañero de mi clase me pega todos los días.", "SM1"))
    assert "tenemos tu texto" in answer
    assert "oprima 2" in answer


@pytest.mark.parametrize("body", ["Hola", "ayuda", "¿Hay alguien?", "no me escriban"])
def test_a_short_spanish_text_is_known_by_its_words(world: World, body: str) -> None:
    assert "oprima 2" in said(text(world.client(), body, "SM1"))


@pytest.mark.parametrize("body", ["me too", "no", "HELP", "please stop texting me", "7"])
def test_a_short_text_is_not_taken_for_spanish_lightly(world: World, body: str) -> None:
    assert "oprima" not in said(text(world.client(), body, "SM1"))


def test_a_picture_without_words_is_a_message_and_is_not_kept(world: World) -> None:
    said(text(world.client(), "", "SM1", NumMedia="2"))
    (report,) = world.reports()
    assert world.read_as("ana", report.id)[0].facts["pictures_not_kept"] == "2"


def test_either_token_is_good_and_any_other_is_refused(world: World) -> None:
    client = world.client()
    assert text(client, "hello", "SM1", by="line-token-secondary").status_code == 200
    assert text(client, "hello", "SM2", by="guessed").status_code == 403
    unsigned = client.post("/carrier/sms", data={"To": LINE_NUMBER, "From": PHONE, "Body": "x"})
    assert unsigned.status_code == 403
    assert len(world.reports()) == 1


@pytest.mark.parametrize("token", SECRETS.pager_tokens)
def test_the_pagers_account_cannot_speak_for_the_line(world: World, token: str) -> None:
    assert text(world.client(), "hello", "SM1", by=token).status_code == 403
    assert world.reports() == []


def test_the_signature_is_the_one_the_provider_documents() -> None:
    # The example of the provider's own documentation, and blank and repeated fields.
    fields = MultiDict(
        {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309"}
    )
    fields["To"] = "+18005551212"
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", address, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert sign("12345", address, MultiDict([*fields.items(), ("Body", "")])) != sign(
        "12345", address, fields
    )


def test_stop_ends_our_texts_and_start_begins_them_again(world: World) -> None:
    client = world.client()
    text(client, "hello", "SM1")
    assert "will not text you again" in said(text(client, "Stop.", "SM2"))
    assert texter(world).stopped
    assert said(text(client, "the gym", "SM3")) == ""
    assert len(world.read_as("ana", world.reports()[0].id)) == 2
    assert "te llegan de nuevo" in said(text(client, "EMPEZAR", "SM4"))
    assert not texter(world).stopped


def test_stop_in_words_is_read_by_somebody_too(world: World) -> None:
    client = world.client()
    assert "will not text you" in said(text(client, "please stop texting me", "SM1"))
    assert texter(world).stopped
    assert world.read_as("ana", world.reports()[0].id)[0].text == "please stop texting me"


def test_a_stop_that_comes_twice_does_not_undo_a_later_start(world: World) -> None:
    client = world.client()
    for body, sid in (("hello", "SM1"), ("STOP", "SM2"), ("START", "SM3"), ("STOP", "SM2")):
        text(client, body, sid)
    assert not texter(world).stopped


@pytest.mark.parametrize("kind", ["STOP", "START", "HELP"])
def test_the_carriers_own_opt_out_service_is_not_answered_over(world: World, kind: str) -> None:
    assert said(text(world.client(), kind, "SM1", OptOutType=kind)) == ""


def test_a_stop_that_only_the_carrier_understood_is_kept(world: World) -> None:
    assert said(text(world.client(), "leave me be", "SM1", OptOutType="STOP")) == ""
    assert texter(world).stopped
    assert world.read_as("ana", world.reports()[0].id)[0].text == "leave me be"


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        ("STOP", Wish.BARE_STOP),
        (" Basta! ", Wish.BARE_STOP),
        ("opt-out", Wish.BARE_STOP),
        ("Don't text me anymore", Wish.STOP),
        ("No me escriban más", Wish.STOP),
        ("start", Wish.START),
        ("stop him, he has a knife", Wish.NONE),
        ("I want it to stop", Wish.NONE),
        ("help", Wish.NONE),
        ("ayuda", Wish.NONE),
        ("the end", Wish.NONE),
        ("", Wish.NONE),
    ],
)
def test_only_what_asks_to_stop_stops(body: str, wish: Wish) -> None:
    assert wish_of(body) == wish


def test_what_cannot_be_stored_is_not_answered_as_received(world: World) -> None:
    client = world.client()
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE message RENAME TO gone")
    assert text(client, "hello", "SM1").status_code == 503
    assert "NOT received" in said(text(client, "hello", "SM1", ErrorCode="11200"))
    assert world.bell.alarms == ["intake_cannot_commit", "intake_cannot_commit"]


def noted(world: World) -> list[tuple[str, str, bool]]:
    """What the carrier is to be asked to forget."""
    with world.database.reading() as session:
        rows = session.scalars(select(CarrierCopy).order_by(CarrierCopy.sid))
        return [(row.sid, row.sender, row.whole) for row in rows]


def test_what_is_stored_is_to_be_deleted_at_the_carrier(world: World) -> None:
    client = world.client()
    for body, sid in (("hello", "SM1"), ("hello", "SM1"), ("STOP", "SM2"), ("START", "MM3")):
        text(client, body, sid)
    assert noted(world) == [("MM3", "line", True), ("SM1", "line", True), ("SM2", "line", True)]


def test_what_is_not_stored_stays_at_the_carrier(world: World) -> None:
    client = world.client()
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE message RENAME TO gone")
    text(client, "hello", "SM1")
    text(client, "hello", "SM2", by="guessed")
    assert noted(world) == []


def test_a_text_to_a_foreign_number_is_alarmed(world: World) -> None:
    assert text(world.client(), "hello", "SM1", To="+15550999").status_code == 404
    assert world.bell.alarms == ["text_to_foreign_number"]


def test_signals_of_the_last_texts_count_for_two_hours_and_are_destroyed(world: World) -> None:
    client = world.client()
    text(client, GRAVE, "SM1")
    with world.database.reading() as session:
        row = session.scalars(select(TextContext)).one()
        assert b"suicid" not in row.sealed
    hour = world.clock.moment // HOUR
    assert world.deps.hours.past(hour) is not None
    world.clock.turn(3 * HOUR)
    text(client, GRAVE, "SM2")
    assert world.deps.hours.past(hour) is None
    with world.database.reading() as session:
        assert [row.hour for row in session.scalars(select(TextContext))] == [hour + 3]


def test_what_came_just_before_is_known_to_triage(world: World) -> None:
    seen: list[tuple[str, ...]] = []

    def noting(words: str, recent: Sequence[str]) -> Assessment:
        seen.append(tuple(recent))
        return assess(words, recent)

    client = world.client_that(noting)
    text(client, GRAVE, "SM1")
    text(client, "tonight", "SM2")
    world.clock.turn(3 * HOUR)
    text(client, "hello", "SM3")
    assert seen[0] == ()
    assert seen[1] != ()
    assert seen[2] == ()
