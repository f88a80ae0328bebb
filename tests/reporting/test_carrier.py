"""What the carrier posts about pages: codes by text, digits in calls, states of deliveries."""

from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from notify import findings
from notify.duty_tables import Responder
from notify.findings import Finding
from notify.pins import pin_key
from notify.settings import PagingSettings
from notify.tables import Attempt, CarrierCopy, Page, PageCode
from reporting.guard import Wave
from reporting.signature import sign
from tests.crosswise import crosswise, quick_to_look
from tests.reporting.browser import send
from tests.reporting.world import HOUR, LINE_NUMBER, MINUTE, PAGER_NUMBER, SECOND_NUMBER, SECRETS, World
from vault.database import Database

GRAVE = "I am going to kill myself tonight. I wrote a note."
ANAS_PHONE = "+15550200"
ADDRESS = "https://tips.example.test"


def call_in(client: FlaskClient, path: str, fields: dict[str, str], by: str = "pager-token") -> TestResponse:
    signature = sign(by, ADDRESS + path, MultiDict(fields))
    return client.post(path, data=fields, headers={"X-Twilio-Signature": signature})


def code_of(world: World) -> str:
    """The code in the text that was sent to Ana."""
    with world.database.writing() as session:
        session.execute(update(PageCode).values(sent_at=world.clock.moment))
        return session.scalars(select(PageCode.code).where(PageCode.responder_id == "r-ana")).one()


def page(world: World) -> Page:
    with world.database.reading() as session:
        return session.scalars(select(Page)).one()


def attempt_of(world: World, **values: object) -> Attempt:
    with world.database.writing() as session:
        session.execute(update(Attempt).values(**values))
        return session.scalars(select(Attempt).where(Attempt.responder_id == "r-ana")).one()


def test_a_code_texted_from_her_phone_acknowledges_once(world: World) -> None:
    client = world.client()
    send(client, GRAVE)
    fields = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": f"ok {code_of(world)}"}
    rung = world.bell.rung
    assert f"You have case {page(world).reference}" in call_in(client, "/carrier/sms", fields).text
    assert page(world).acknowledged_by == "m-ana"
    assert world.bell.rung == rung + 1
    assert "Ana has case" in call_in(client, "/carrier/sms", {**fields, "MessageSid": "SM2"}).text


def test_an_answer_to_a_page_is_to_be_emptied_at_the_carrier(world: World) -> None:
    fields = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": "12345"}
    answer = call_in(world.client(), "/carrier/sms", fields).text
    assert f'statusCallback="{ADDRESS}/carrier/status"' in answer
    with world.database.reading() as session:
        row = session.scalars(select(CarrierCopy)).one()
    assert (row.sid, row.sender, row.whole) == ("SM1", "pager", False)


def test_the_code_from_another_phone_is_refused(world: World) -> None:
    client = world.client()
    send(client, GRAVE)
    fields = {"MessageSid": "SM1", "From": "+15550999", "To": PAGER_NUMBER, "Body": code_of(world)}
    assert "You have case" not in call_in(client, "/carrier/sms", fields).text
    assert page(world).state == "open"


def test_a_text_to_the_pagers_number_is_never_a_report(world: World) -> None:
    fields = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": "somebody is hurt"}
    assert call_in(world.client(), "/carrier/sms", fields).status_code == 200
    assert world.reports() == []


def test_pressing_one_acknowledges_and_silence_does_not(world: World) -> None:
    client = world.client()
    send(client, GRAVE)
    attempt = attempt_of(world, channel="voice", tries=1)
    path = f"/carrier/voice/{attempt.id}"
    asked = call_in(client, path, {"CallSid": "CA1", "Digits": ""}).text
    assert f'action="{ADDRESS}{path}"' in asked
    assert page(world).state == "open"
    call_in(client, f"{path}/digits", {"CallSid": "CA1", "Digits": "1"})
    assert page(world).acknowledged_by == "m-ana"


def to_mend(world: World) -> list[Finding]:
    """What administrators hear of, but for gaps and ways that nobody verified."""
    with world.database.reading() as session:
        found = findings.look(session, world.clock.moment, PagingSettings())
    return [one for one in found if one.kind not in {"gap", "unverified", "unreachable"}]


def test_a_responders_stop_is_alarmed_and_a_strangers_is_not(world: World) -> None:
    client = world.client()
    stop = {"MessageSid": "SM1", "From": "+15550999", "To": PAGER_NUMBER, "Body": "STOP"}
    call_in(client, "/carrier/sms", stop)
    assert world.bell.alarms == []
    anas = {**stop, "MessageSid": "SM2", "From": ANAS_PHONE}
    assert "<Message" not in call_in(client, "/carrier/sms", anas).text
    assert world.bell.alarms == ["roster_21610"]
    assert [one.kind for one in to_mend(world)] == ["opted_out"]
    start = {**anas, "MessageSid": "SM3", "Body": "START"}
    assert "Tipline: your phone gets our texts again." in call_in(client, "/carrier/sms", start).text
    assert to_mend(world) == []
    call_in(client, "/carrier/sms", anas)
    assert to_mend(world) == [], "the old STOP once more"


def test_a_responder_who_asks_in_words_for_no_more_texts_is_told_what_they_are_for(world: World) -> None:
    text = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": "please stop texting me"}
    assert "Do not send STOP: we could not reach you." in call_in(world.client(), "/carrier/sms", text).text
    assert world.bell.alarms == ["roster_21610"]


@pytest.mark.parametrize("kind", ["STOP", "START", "HELP"])
def test_where_the_carrier_has_answered_a_responder_we_do_not(world: World, kind: str) -> None:
    text = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": kind, "OptOutType": kind}
    assert "<Message" not in call_in(world.client(), "/carrier/sms", text).text


def test_a_voicemail_acknowledges_nothing(world: World) -> None:
    client = world.client()
    send(client, GRAVE)
    attempt = attempt_of(world, channel="voice", tries=1, state="sent", provider_id="CA9")
    machine = {"CallSid": "CA9", "From": PAGER_NUMBER, "AnsweredBy": "machine_start", "Digits": ""}
    call_in(client, f"/carrier/voice/{attempt.id}", machine)
    ended = {**machine, "CallStatus": "completed"}
    assert call_in(client, f"/carrier/status/{attempt.id}", ended).status_code == 204
    assert (page(world).state, page(world).acknowledged_by) == ("open", None)
    assert page(world).next_at


def test_an_answer_that_the_database_undid_for_another_is_taken_all_the_same(
    postgresql_database: Database, tmp_path: Path
) -> None:
    """Nobody presses or posts it again, and phones would go on ringing for what somebody has."""
    world = World(quick_to_look(postgresql_database), tmp_path)
    client = world.client()
    failed = {"MessageSid": "SM9", "From": PAGER_NUMBER, "MessageStatus": "undelivered", "ErrorCode": "30003"}
    for act in ("digit", "code", "status"):
        send(client, f"{GRAVE} {act}")
        with world.database.writing() as session:
            newest = session.scalars(select(Page.id).where(Page.state == "open")).one()
            session.execute(update(Attempt).values(channel="voice", tries=1, state="due"))
            its = select(Attempt).where(Attempt.page_id == newest, Attempt.responder_id == "r-ana")
            attempt = session.scalars(its).one()
            attempt.provider_id = "SM9" if act == "status" else None
            attempt.state = "sent" if act == "status" else "due"
            code = session.scalars(select(PageCode.code).where(PageCode.page_id == newest)).first()
            session.execute(update(PageCode).values(sent_at=world.clock.moment))
        text = {"MessageSid": act, "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": code or ""}
        path, fields = {
            "digit": (f"/carrier/voice/{attempt.id}/digits", {"CallSid": "CA1", "Digits": "1"}),
            "code": ("/carrier/sms", text),
            "status": (f"/carrier/status/{attempt.id}", failed),
        }[act]
        answer = crosswise(world.database, partial(call_in, client, path, fields))
        assert answer.status_code < 300
        with world.database.reading() as session:
            took = session.get_one(Page, newest).acknowledged_by
            assert (took, session.get_one(Attempt, attempt.id).state) == (
                (None, "due") if act == "status" else ("m-ana", "cancelled")
            )


def test_an_unknown_call_is_answered_without_harm(world: World) -> None:
    answer = call_in(world.client(), "/carrier/voice/nobody", {"CallSid": "CA1", "Digits": "1"})
    assert answer.status_code == 200


def test_a_delivery_state_reaches_the_attempt(world: World) -> None:
    client = world.client()
    send(client, GRAVE)
    attempt = attempt_of(world, state="sent", provider_id="SM9")
    delivered = {"MessageSid": "SM9", "MessageStatus": "delivered"}
    assert call_in(client, "/carrier/status", delivered).status_code == 204
    with world.database.reading() as session:
        assert session.get_one(Attempt, attempt.id).state == "delivered"


def test_without_a_signature_nothing_happens(world: World) -> None:
    client = world.client()
    for path in ("/carrier/sms", "/carrier/voice/a", "/carrier/status"):
        assert client.post(path, data={"To": PAGER_NUMBER}).status_code == 403
        assert client.get(path).status_code == 405


@pytest.mark.parametrize("token", SECRETS.line_tokens)
def test_the_lines_account_can_neither_acknowledge_nor_tell_of_a_page(world: World, token: str) -> None:
    client = world.client()
    send(client, GRAVE)
    attempt = attempt_of(world, state="sent", provider_id="SM9")
    text = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": code_of(world)}
    assert call_in(client, "/carrier/sms", text, by=token).status_code == 403
    digit = {"CallSid": "CA1", "From": LINE_NUMBER, "Digits": "1"}
    assert call_in(client, f"/carrier/voice/{attempt.id}", digit, by=token).status_code == 403
    failed = {"MessageSid": "SM9", "MessageStatus": "failed", "ErrorCode": "30006"}
    path = f"/carrier/status/{attempt.id}"
    assert call_in(client, path, failed, by=token).status_code == 403
    # As from its own number it may speak, but of letters only.
    assert call_in(client, path, {**failed, "From": LINE_NUMBER}, by=token).status_code == 204
    assert page(world).state == "open"
    with world.database.reading() as session:
        assert session.get_one(Attempt, attempt.id).state == "sent"


def test_the_second_account_speaks_for_its_own_number_and_for_no_other(world: World) -> None:
    client = world.client()
    send(client, GRAVE)
    attempt = attempt_of(world, channel="voice", tries=1, state="sent", provider_id="CA9", sender="second")
    text = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": "12345"}
    assert call_in(client, "/carrier/sms", text, by="second-token").status_code == 403
    own = {**text, "To": SECOND_NUMBER}
    assert call_in(client, "/carrier/sms", own).status_code == 403
    assert call_in(client, "/carrier/sms", own, by="second-token").status_code == 200
    with world.database.reading() as session:
        assert session.get(CarrierCopy, ("SM1", "second"))
    ended = {"CallSid": "CA9", "CallStatus": "no-answer", "From": SECOND_NUMBER}
    assert call_in(client, f"/carrier/status/{attempt.id}", ended).status_code == 403
    assert call_in(client, f"/carrier/status/{attempt.id}", ended, by="second-token").status_code == 204
    digit = {"CallSid": "CA9", "From": SECOND_NUMBER, "Digits": "1"}
    assert call_in(client, f"/carrier/voice/{attempt.id}", digit, by="second-token").status_code == 200
    assert page(world).acknowledged_by == "m-ana"


def test_who_has_a_pin_takes_a_case_in_a_call_with_nothing_else(world: World) -> None:
    client = world.client()
    send(client, GRAVE)
    attempt = attempt_of(world, channel="voice", tries=1)
    with world.database.writing() as session:
        kept = pin_key(SECRETS.responder_numbers, "r-ana", "4821")
        session.execute(update(Responder).where(Responder.id == "r-ana").values(pin_key=kept))
    path = f"/carrier/voice/{attempt.id}"
    for tried, digits in enumerate(("1", "4822", "")):
        said = call_in(
            client, path + (f"?tried={tried}" if tried else ""), {"CallSid": "CA1", "Digits": digits}
        )
        assert ("<Hangup/>" in said.text) == (tried == 2)
        assert (f'action="{ADDRESS}{path}?tried={tried + 1}"' in said.text) == (tried < 2)
        assert ('finishOnKey="#"' in said.text) == (tried < 2)
    assert page(world).state == "open"
    assert "You have the case" in call_in(client, path, {"CallSid": "CA1", "Digits": "4821"}).text
    assert page(world).acknowledged_by == "m-ana"


@pytest.mark.parametrize("token", SECRETS.pager_tokens)
def test_while_tokens_rotate_both_are_good(world: World, token: str) -> None:
    text = {"MessageSid": "SM1", "From": ANAS_PHONE, "To": PAGER_NUMBER, "Body": "12345"}
    assert call_in(world.client(), "/carrier/sms", text, by=token).status_code == 200


def forged(client: FlaskClient, account: str, times: int) -> None:
    fields = {"MessageSid": "SM1", "AccountSid": account, "To": PAGER_NUMBER, "Body": "12345"}
    for _ in range(times):
        assert call_in(client, "/carrier/sms", fields, by="wrong").status_code == 403


def test_a_wave_of_wrong_signatures_is_alarmed_and_two_are_not(world: World) -> None:
    client = world.client()
    forged(client, "ACline", 1)
    forged(client, "ACpager", 1)
    assert world.bell.alarms == []
    forged(client, "ACpager", 1)
    assert world.bell.alarms == ["webhooks_refused"]


def test_two_wrong_ones_an_hour_are_no_wave(world: World) -> None:
    client = world.client()
    for _ in range(3):
        forged(client, "ACline", 2)
        world.clock.turn(HOUR)
    assert world.bell.alarms == []


def test_strangers_at_the_door_alarm_only_in_crowds(world: World) -> None:
    client = world.client()
    forged(client, "ACguessed", 19)
    assert world.bell.alarms == []
    forged(client, "ACguessed", 1)
    assert world.bell.alarms == ["webhooks_refused"]


def test_a_wave_is_counted_anew_after_its_alarm() -> None:
    wave = Wave(limit=3, ms=MINUTE)
    assert [wave.breaks(now) for now in range(7)] == [False, False, True, False, False, True, False]
