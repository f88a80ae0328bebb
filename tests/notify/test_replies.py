"""Who has it? I cannot. Help. Said by text, in two languages, from phones that we know and others."""

import pytest

from notify.webhooks import answer_text
from tests.notify.world import World
from vault.database import Database


@pytest.fixture
def world(database: Database) -> World:
    return World.with_counselors(database)


def said(world: World, name: str, body: str) -> str:
    return answer_text(world.text(name, body))


def test_who_names_those_on_call_and_who_has_what_was_texted_here(world: World) -> None:
    world.open()
    assert said(world, "ana", "who?") == ("On call for counseling: Ana, Ben.\nNobody has case K7QM-29TX yet.")
    world.pass_time(120)
    world.text("ben", world.code_of("ben"))
    assert said(world, "ana", "Who has it") == ("On call for counseling: Ana, Ben.\nBen has case K7QM-29TX.")
    assert said(world, "dan", "¿Quién?") == "On call for liaison: Dan."


def test_pass_calls_the_next_person_now_instead_of_in_two_minutes(world: World) -> None:
    page = world.open()
    assert said(world, "ana", "Pass") == (
        "Noted: you cannot take case K7QM-29TX. The next person is called now."
    )
    world.pass_time(1)
    assert "Reply" in world.carrier.to(world.phone["ben"])[-1]
    assert world.page(page).state == "open"
    assert "page_passed" in world.audited()


@pytest.mark.parametrize(
    "words", ["{} I can\u2019t", "{}: pass", "Sorry, I cannot take {}", "{}, lo siento, no puedo"]
)
def test_digits_beside_a_no_take_nothing(world: World, words: str) -> None:
    page = world.open()
    assert world.text("ana", words.format(world.code_of("ana"))).kind == "passed"
    assert world.page(page).state == "open"


def test_whoever_says_me_lo_quedo_beside_the_digits_of_a_case_has_it(world: World) -> None:
    page = world.open()
    assert said(world, "ana", "me lo quedo").startswith("Please reply with the five digits")
    assert said(world, "ana", f"{world.code_of('ana')} keep").startswith("Please reply with the five digits")
    assert world.text("ana", f"{world.code_of('ana')}, me lo quedo").kind == "acknowledged"
    assert world.page(page).state == "acknowledged"


def test_who_passes_twice_skips_nobody(world: World) -> None:
    world.open()
    for _ in range(3):
        assert world.text("ana", "pass").kind == "passed"
    world.pass_time(1)
    assert world.text("ana", "pass").kind == "passed"
    world.pass_time(1)
    assert world.carrier.to(world.phone["ben"])
    assert world.carrier.to(world.phone["cleo"]) == []


def test_when_everybody_is_called_a_pass_silences_nothing(world: World) -> None:
    page = world.open()
    world.pass_time(120)
    world.pass_time(120)
    assert world.text("ana", "pass").kind == "everybody"
    assert world.page(page).next_at
    calls = len(world.carrier.to(world.phone["ana"]))
    world.pass_time(300)
    assert len(world.carrier.to(world.phone["ana"])) > calls


def test_pass_asks_which_of_two_and_takes_the_digits(world: World) -> None:
    one = world.open(subject="one")
    two = world.open(subject="two", reference="M3WA-88QF")
    assert world.text("ana", "pass").kind == "which"
    assert world.text("ana", f"cannot take {world.code_of('ana')}").reference == "M3WA-88QF"
    world.pass_time(1)
    assert [attempt.page_id for attempt in world.attempts(responder_id="r-ben")] == [two, two]
    assert world.page(one).state == "open"


def test_i_cannot_with_digits_takes_no_case(world: World) -> None:
    page = world.open()
    world.text("ana", f"I can\N{RIGHT SINGLE QUOTATION MARK}t take {world.code_of('ana')}")
    assert world.page(page).state == "open"


def test_pass_by_the_owner_says_what_they_have(world: World) -> None:
    world.open()
    world.text("ana", world.code_of("ana"))
    assert said(world, "ana", "paso") == "Ana has case K7QM-29TX."


def test_pass_while_nothing_calls(world: World) -> None:
    assert said(world, "ana", "pass") == "No case is calling you."


def test_help_says_what_can_be_texted(world: World) -> None:
    (answer,) = {said(world, "ana", body) for body in ("help", "HELP!", "ayuda", "?")}
    assert "WHO" in answer
    assert "PASS" in answer


def test_an_unknown_phone_is_told_that_nobody_reads_this_and_audited(world: World) -> None:
    world.open()
    bodies = ("who", "pass", "help", "12345", "my friend has a knife")
    (answer,) = {said(world, "+15550999", body) for body in bodies}
    assert "Nobody reads this." in answer
    assert "911" in answer
    assert "Ana" not in answer
    assert world.audited()[-5:] == ["acknowledgement_refused"] * 5
