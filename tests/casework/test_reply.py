"""Answering a reporter."""

import pytest
from sqlalchemy import func, select, update

from casework.opening import look
from casework.sending import send_reply
from notify.letters import BODY
from notify.tables import Attempt, Letter
from tests.casework.world import LINE, PHONE, World, scored
from vault.errors import ThreadMovedError
from vault.kem import PrivateKey
from vault.keyed import open_from_line
from vault.tables import Message, RecipientTeam, Report, Texter, Wrap

WORDS = "Are you safe right now?\nWe are here."


def _messages(world: World) -> int:
    with world.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def test_a_reply_is_signed_and_the_receipt_opens_it(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", text=WORDS.replace("\n", "\r\n"), seen=1)
    assert answer.headers["Location"] == f"/case/{filed.reference}?notice=sent#latest"
    read = world.read_with_receipt(filed)[1]
    assert (read.state, read.author, read.member_id, read.text) == ("opened", "member", "ana", WORDS)
    assert ("member:ana", "reply_sent", f"pseudonym-{filed.reference}") in world.audited()


def test_what_was_sent_is_confirmed_and_seen_by_the_whole_team(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    sent = member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=1)
    confirmed = member.get(sent.headers["Location"].partition("#")[0]).text
    assert "Sent. It is the last message above." in confirmed
    assert "Ana Example</b> (you)" in confirmed
    assert "We are here." in confirmed
    for teammate in ("ben", "sol"):
        assert "We are here." in world.signed_in(teammate).get(f"/case/{filed.reference}").text


def test_an_empty_reply_is_asked_for(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", text="  ", seen=1)
    assert answer.status_code == 400
    assert "This is missing." in answer.text
    assert _messages(world) == 1


def test_a_reply_that_is_too_long_stays_in_the_box(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", text="long " * 2500, seen=1)
    assert answer.status_code == 400
    assert "This is too long." in answer.text
    assert "long long long" in answer.text


def test_one_tap_puts_words_in_the_box_and_keeps_what_was_typed(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", text="Hello.", prompt="safe_now", seen=1)
    assert answer.status_code == 200
    assert ">Hello.\nAre you safe right now?</textarea>" in answer.text
    assert _messages(world) == 1


def test_words_are_offered_in_the_language_of_the_reporter(world: World) -> None:
    filed = world.file("hola", assessment=scored(language="es"))
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "¿Estás a salvo ahora mismo?" in shown


def test_a_double_click_sends_one_reply(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    for _ in range(2):
        answer = member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=1)
        assert answer.headers["Location"].endswith("?notice=sent#latest")
    assert _messages(world) == 2


def test_nobody_answers_past_a_message_they_have_not_seen(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    world.write_again(filed, "it is worse now")
    answer = member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=1)
    assert answer.status_code == 409
    assert "something new was written while you typed" in answer.text
    assert "it is worse now" in answer.text
    assert "We are here.</textarea>" in answer.text
    again = member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=2)
    assert again.status_code == 303
    assert _messages(world) == 3


def test_a_message_that_comes_while_a_reply_is_being_sealed_stops_it(world: World) -> None:
    filed = world.file("hello")
    visit = world.visit("ana")
    opened = look(visit, filed.reference)
    world.write_again(filed, "it is worse now")
    with pytest.raises(ThreadMovedError):
        send_reply(visit, opened, WORDS)
    assert _messages(world) == 2


def test_a_form_from_before_signing_in_again_gives_the_words_back(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    answer = member.post(f"/case/{filed.reference}/reply", csrf_token="old", text=WORDS, seen=1)
    assert answer.status_code == 400
    assert "This form is too old" in answer.text
    assert "We are here.</textarea>" in answer.text
    assert _messages(world) == 1


def test_nothing_is_sealed_to_a_key_that_somebody_put_into_the_database(world: World) -> None:
    filed = world.file("hello")
    thief = PrivateKey.from_seed(bytes(31) + b"\x63")
    with world.database.writing() as session:
        session.execute(update(Report).values(reporter_public=thief.public.encode()))
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=1)
    assert answer.status_code == 409
    assert "Somebody changed it" in answer.text
    assert "We are here.</textarea>" in answer.text
    assert _messages(world) == 1


def test_nothing_is_sealed_to_a_team_that_somebody_put_into_the_database(world: World) -> None:
    filed = world.file("hello", teams=("counseling",))
    with world.database.writing() as session:
        session.add(RecipientTeam(report_id=filed.report_id, team_id="district"))
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=1)
    with world.database.reading() as session:
        reply = select(Message.id).where(Message.seq == 1)
        found = set(session.scalars(select(Wrap.recipient).where(Wrap.message_id.in_(reply))))
    assert found == {"team:counseling:1", "receipt"}


def test_a_texter_gets_a_copy_that_only_the_pager_can_open(world: World) -> None:
    filed = world.file("hello", by_text=True)
    member = world.signed_in("ana")
    shown = member.get(f"/case/{filed.reference}").text
    assert "You do not see the number." in shown
    assert PHONE[2:] not in shown
    member.post(f"/case/{filed.reference}/reply", text="Are you safe?", seen=1)
    with world.database.reading() as session:
        letter, attempt = session.scalars(select(Letter)).one(), session.scalars(select(Attempt)).one()
    assert (letter.sender, attempt.letter_id, attempt.channel) == ("line", letter.id, "sms")
    assert open_from_line(LINE, BODY, letter.sealed_body) == b"Are you safe?"
    assert open_from_line(LINE, "address", letter.sealed_to) == PHONE.encode()
    assert world.waker.woken == 1


def test_a_reply_to_the_form_goes_to_no_phone(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=1)
    with world.database.reading() as session:
        assert session.scalars(select(Letter)).all() == []


def test_a_long_text_is_asked_about_before_it_goes_out(world: World) -> None:
    filed = world.file("hello", by_text=True)
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    asked = member.post(f"/case/{filed.reference}/reply", text="word " * 100, seen=1)
    assert asked.status_code == 400
    assert "this goes out as 4 texts" in asked.text
    assert "word word" in asked.text
    assert _messages(world) == 1
    sent = member.post(f"/case/{filed.reference}/reply", text="word " * 100, seen=1, anyway="y")
    assert sent.status_code == 303


def test_somebody_who_texted_stop_gets_no_text_and_the_member_is_told(world: World) -> None:
    filed = world.file("hello", by_text=True)
    with world.database.writing() as session:
        session.execute(update(Texter).values(stopped=True))
    member = world.signed_in("ana")
    assert "texted STOP" in member.get(f"/case/{filed.reference}").text
    assert member.post(f"/case/{filed.reference}/reply", text=WORDS, seen=1).status_code == 303
    with world.database.reading() as session:
        assert session.scalars(select(Letter)).all() == []


@pytest.mark.parametrize("prompt", ["../sign_in", "unknown"])
def test_an_unknown_prompt_changes_nothing(world: World, prompt: str) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", text="typed", prompt=prompt, seen=1)
    assert ">typed</textarea>" in answer.text
