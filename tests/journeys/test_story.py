"""The story that must work: a message is written, a phone rings, a person answers."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.chromium import shoot
from tests.journeys.demo import Demo, code_in, reference_in
from tests.journeys.people import Counselor, Student
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SUICIDE = "my friend said shes going to kill herself tonight and now she wont answer"
THREAT = "tyler from my bus says he is bringing his dads gun tomorrow"


def cases(demo: Demo) -> set[str]:
    """References of all cases that phones were called for."""
    return {reference_in(one) for one in demo.carrier.pages()}


def rings(demo: Demo, before: set[str], seconds: float = 10) -> dict[str, Any]:
    """The first page text of a case that is new since ``before``."""
    return eventually(
        lambda: [one for one in demo.carrier.pages() if reference_in(one) not in before], seconds
    )[0]


def without_notes(text: str) -> str:
    """A case's text without the small numbers that lead from marked words to their reasons."""
    return " ".join(re.sub(r"\d+", " ", text).split())


def acknowledges(demo: Demo, page: dict[str, Any]) -> None:
    demo.carrier.send(page["to"], demo.carrier.number("pager"), code_in(page))
    eventually(
        lambda: [
            m
            for m in demo.carrier.messages(to=page["to"])
            if "You have case" in m["body"] and reference_in(page) in m["body"]
        ]
    )


def test_from_a_worried_friend_to_an_answer(demo: Demo, phone: Page, desk: Page) -> None:
    student, counselor = Student(phone, demo), Counselor(desk, demo)
    before = cases(demo)
    student.opens_form()
    shoot(phone, "form-en")
    assert phone.context.cookies() == []
    assert "911" in student.sees()
    assert "988" in student.sees()
    sent = time.monotonic()
    student.writes(SUICIDE)
    took = time.monotonic() - sent
    assert "Received" in student.sees()
    assert took < 2, "the answer keeps a frightened child waiting"
    assert len(student.receipt.split()) == 6
    shoot(phone, "received-en")
    assert phone.context.cookies() == []

    page = rings(demo, before)
    reference = reference_in(page)
    assert "IMMEDIATE" in page["body"]
    assert "kill" not in page["body"]
    calls = eventually(
        lambda: [c for c in demo.carrier.messages(to=page["to"], kind="call") if c["status"] == "ringing"]
    )
    assert "Press 1" in calls[-1]["body"]
    on_call = next(one for one in demo.carrier.phones() if one["number"] == page["to"])
    assert on_call["on_call"]
    acknowledges(demo, page)

    counselor.signs_in(demo.sign_in("counselor"))
    shoot(desk, "inbox")
    assert reference in counselor.inbox()
    seen = counselor.opens(reference)
    shoot(desk, "case")
    assert SUICIDE in without_notes(seen)
    assert counselor.marked(), "the reasons are marked in the reporter's words"
    assert "Thank you for telling us" in counselor.replies(
        "Thank you for telling us. Is she alone right now?"
    )

    thread = student.comes_back()
    shoot(phone, "thread-en")
    assert "Thank you for telling us" in thread
    assert "Received" in student.writes_again("no her mom is home, she is safe for now")
    assert "she is safe for now" in counselor.opens(reference)


def test_en_espanol(demo: Demo, telefono: Page) -> None:
    student = Student(telefono, demo)
    before = cases(demo)
    telefono.goto(demo.form)
    assert telefono.locator("html").get_attribute("lang") == "es"
    assert re.search(r"oprim[ae] (el )?2", student.sees())
    shoot(telefono, "form-es")
    student.writes("me quiero morir, ya tengo las pastillas y lo voy a hacer hoy")
    shoot(telefono, "received-es")
    assert len(student.receipt.split()) == 6
    page = rings(demo, before)
    assert "IMMEDIATE" in page["body"]
    acknowledges(demo, page)


def test_a_repeated_send_files_one_report_and_changed_words_are_added(demo: Demo, phone: Page) -> None:
    student = Student(phone, demo)
    before = cases(demo)
    first = student.tells(THREAT)
    page = rings(demo, before)
    acknowledges(demo, page)
    phone.reload()
    assert phone.locator(".receipt .words").first.inner_text().strip() == first
    phone.go_back()
    if phone.locator("textarea[name=text]").count():
        student.writes(THREAT)
        assert student.receipt == first
        phone.go_back()
        student.writes(THREAT + " and he showed a picture of it")
        assert student.receipt == first
    thread = student.comes_back(first)
    assert thread.count("You wrote") == 2


def test_the_second_person_is_called_and_a_second_acknowledgement_is_told_who_won(
    demo: Demo, phone: Page
) -> None:
    before = cases(demo)
    Student(phone, demo).tells("he is on the roof right now and says he will jump")
    first = rings(demo, before)
    reference = reference_in(first)
    phones = {one["to"] for one in demo.carrier.pages(reference)}
    eventually(lambda: {one["to"] for one in demo.carrier.pages(reference)} - phones, 40)
    others = [one for one in demo.carrier.pages(reference) if one["to"] != first["to"]]
    acknowledges(demo, others[0])
    told = eventually(
        lambda: [m for m in demo.carrier.messages(to=first["to"]) if "has case " + reference in m["body"]]
    )
    assert "Reply" not in told[0]["body"]
    demo.carrier.send(first["to"], demo.carrier.number("pager"), code_in(first))
    eventually(
        lambda: [m for m in demo.carrier.messages(to=first["to"]) if "has case " + reference in m["body"]][1:]
    )
    count = len(demo.carrier.pages(reference))
    demo.carrier.send(others[0]["to"], demo.carrier.number("pager"), code_in(first))
    eventually(
        lambda: [
            m for m in demo.carrier.messages(to=others[0]["to"]) if "not sent to this phone" in m["body"]
        ]
    )
    assert len(demo.carrier.pages(reference)) == count


def test_pressing_one_in_the_call_acknowledges(demo: Demo, phone: Page) -> None:
    before = cases(demo)
    Student(phone, demo).tells("she took a bunch of pills an hour ago and is passing out")
    page = rings(demo, before)
    spoken = " ".join(reference_in(page).replace("-", ""))
    call = eventually(
        lambda: [
            one
            for one in demo.carrier.messages(to=page["to"], kind="call")
            if one["status"] == "ringing" and spoken in one["body"].replace(",", "")
        ]
    )[-1]
    said = demo.carrier.answer(call["id"], "1")
    assert "You have the case" in said["said"]


def test_a_report_about_an_adult_at_school_goes_to_the_district_only(
    demo: Demo, phone: Page, desk: Page
) -> None:
    before = cases(demo)
    student, counselor = Student(phone, demo), Counselor(desk, demo)
    student.tells(
        "the band teacher has a gun in his desk and says he will shoot someone today", about_adult=True
    )
    assert "district" in student.sees().lower()
    page = rings(demo, before)
    assert {one["to"] for one in demo.carrier.pages(reference_in(page))} == {page["to"]}
    counselor.signs_in(demo.sign_in("counselor"))
    assert reference_in(page) not in counselor.inbox()
    assert "band teacher" not in counselor.opens(reference_in(page))
    acknowledges(demo, page)


def test_a_text_to_the_line_walks_the_same_path(demo: Demo, desk: Page) -> None:
    before = cases(demo)
    counselor, number = Counselor(desk, demo), demo.carrier.reporter()
    demo.carrier.send(number, demo.carrier.number("line"), "my cousin says he will kill himself tonight")
    answer = eventually(lambda: demo.carrier.messages(to=number, kind="sms"))
    assert "988" in answer[0]["body"]
    page = rings(demo, before)
    reference = reference_in(page)
    acknowledges(demo, page)
    counselor.signs_in(demo.sign_in("counselor"))
    seen = counselor.opens(reference)
    assert "my cousin says" in seen
    assert number[-7:] not in seen
    counselor.replies("Thank you for writing. Where is he now?")
    eventually(lambda: [m for m in demo.carrier.messages(to=number) if "Where is he now?" in m["body"]])
    demo.carrier.send(number, demo.carrier.number("line"), "he is at home with my aunt")
    eventually(lambda: "at home with my aunt" in counselor.opens(reference))


def test_nothing_written_can_be_found_in_any_file(demo: Demo, phone: Page) -> None:
    receipt = Student(phone, demo).tells("the heron flew over lantern street, please help")
    written = demo.everything_written()
    for canary in ("heron flew", receipt, receipt.replace(" ", "-"), demo.carrier.reporter()):
        assert canary.encode() not in written
