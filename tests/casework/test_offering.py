"""Handing a case on: offered with a button, taken by a button or by text, and seen by both all along."""

import json
from functools import partial

import pytest
from sqlalchemy import select, update

from notify import handover, replies
from notify.duty_tables import ContactMethod, Duty
from notify.letters import ADDRESS
from notify.tables import Attempt, Page, PageCode
from tests.casework.world import LINE, MINUTE, PEOPLE, Browser, Filed, World
from tests.crosswise import crosswise, quick_to_look
from vault import sessions
from vault.database import Database
from vault.keyed import seal_to_line
from vault.tables import AuditEvent, Report

BENS_PHONE = "key of Ben's phone"


@pytest.fixture
def world(database: Database) -> World:
    return with_phones(database)


def with_phones(database: Database) -> World:
    """Ana and Ben have phones."""
    world = World(database)
    with database.writing() as session:
        for login, key in (("ana", "key of Ana's phone"), ("ben", BENS_PHONE)):
            sealed = seal_to_line(LINE.public, ADDRESS, b"+15550199")
            row = ContactMethod(
                id=login, responder_id=f"r-{login}", channel="sms", sealed_address=sealed, address_key=key
            )
            session.add(row)
    return world


@pytest.fixture
def filed(world: World) -> Filed:
    """Ana has it, and has it open."""
    filed = world.file("it is too much")
    page = world.page(filed)
    ana = enter(world, "ana")
    ana.get("/")
    assert ana.post(f"/page/{page}/acknowledge").status_code == 303
    return filed


def enter(world: World, login: str) -> Browser:
    """A browser in which this member is signed in: no password is hashed for it."""
    number = list(PEOPLE).index(login) + 2
    with world.database.writing() as session:
        cookie = sessions.start(session, world.clock.moment, login, bytes(31) + bytes((number,)))
    browser = world.browser()
    browser.client.set_cookie(world.settings.cookie_name, cookie, domain="staff.example.test", secure=True)
    return browser


def offer(world: World, filed: Filed, by: str = "ana", to: str = "ben", note: str = "") -> Browser:
    browser = enter(world, by)
    browser.get(f"/case/{filed.reference}/offer")
    answer = browser.post(f"/case/{filed.reference}/offer", colleague=to, note=note)
    assert answer.status_code == 303, answer.text
    return browser


def owner(world: World) -> str | None:
    with world.database.reading() as session:
        return session.scalars(select(Page.acknowledged_by)).one()


def kinds(world: World) -> list[str]:
    """What texts were written, but for pages."""
    with world.database.reading() as session:
        return sorted(session.scalars(select(Attempt.kind).where(Attempt.kind != "page")))


def test_the_colleague_sees_it_everywhere_and_takes_it_and_both_see_who_has_it(
    world: World, filed: Filed
) -> None:
    browser = offer(world, filed)
    case = browser.get(f"/case/{filed.reference}").text
    assert "Ana Example has this case." in case
    assert "Ben Example is asked to take it over, for 10 min more." in case
    assert "Ben Example is asked to take over" in browser.get("/").text
    ben = enter(world, "ben")
    for view in ("/", "/people", f"/case/{filed.reference}"):
        assert "Ana Example asks you to take over" in ben.get(view).text
    assert "asks you to take over" not in enter(world, "sol").get("/").text
    woken = world.waker.woken
    assert ben.post(f"/case/{filed.reference}/offer/accept").location.endswith("notice=took_over")
    assert world.waker.woken > woken
    assert "Ben Example has this case." in ben.get(f"/case/{filed.reference}").text
    assert "Ben Example has it" in browser.get("/").text
    assert kinds(world) == ["offer", "told"]
    verbs = [verb for _, verb, _ in world.audited()]
    assert [verb for verb in verbs if "offer" in verb] == ["case_offered", "offer_accepted"]


def test_by_text_it_changes_hands_too_and_the_next_page_calls_the_new_owner(
    world: World, filed: Filed
) -> None:
    offer(world, filed)
    with world.database.writing() as session:
        session.execute(update(PageCode).values(sent_at=world.clock.moment))
        code = session.scalars(select(PageCode.code).where(PageCode.address_key == BENS_PHONE)).one()
        result = replies.take(session, world.clock.moment, world.directory, BENS_PHONE, code)
    assert (result.kind, result.by_name, owner(world)) == ("acknowledged", "Ben Example", "ben")
    world.page(filed)
    with world.database.reading() as session:
        asked = session.scalars(select(Attempt.responder_id).where(Attempt.kind == "page")).all()
    assert asked[-1] == "r-ben"


def test_the_owner_keeps_it_after_all_and_the_question_is_gone(world: World, filed: Filed) -> None:
    browser = offer(world, filed)
    ben = enter(world, "ben")
    ben.get("/")
    assert ben.post(f"/case/{filed.reference}/offer/withdraw").location.endswith("notice=not_asked")
    assert "Keep it after all" in browser.get(f"/case/{filed.reference}").text
    assert browser.post(f"/case/{filed.reference}/offer/withdraw").location.endswith("notice=withdrawn")
    assert "asks you to take over" not in ben.get("/").text
    assert ben.post(f"/case/{filed.reference}/offer/accept").location.endswith("notice=offer_over")
    assert owner(world) == "ana"
    assert "offer_withdrawn" in [verb for _, verb, _ in world.audited()]


def test_a_colleague_takes_over_the_case_of_somebody_who_is_away_and_both_are_told(
    world: World, filed: Filed
) -> None:
    ben, path = enter(world, "ben"), f"/case/{filed.reference}/take-over"
    assert "Take it over from Ana Example" in ben.get(f"/case/{filed.reference}").text
    assert "does not say that Ana Example is away" in ben.get(path).text
    at = world.clock.moment
    with world.database.writing() as session:
        facts = {"begins_at": at, "ends_at": at + MINUTE, "created_at": at}
        session.add(Duty(id="d", responder_id="r-ana", kind="away", **facts))
    assert "The roster says that Ana Example is away now." in ben.get(path).text
    assert enter(world, "sol").post(path, owner="ana").status_code == 400, "without the form's token"
    assert ben.post(path, owner="sol").location.endswith("notice=not_theirs")
    assert ben.post(path, owner="ana").location.endswith("notice=took_over")
    assert owner(world) == "ben"
    assert kinds(world) == ["taken", "told"]
    with world.database.reading() as session:
        told = session.execute(select(Attempt.kind, Attempt.responder_id).where(Attempt.kind != "page")).all()
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "case_taken_over")).one()
    assert sorted(map(tuple, told)) == [("taken", "r-ana"), ("told", "r-ben")]
    assert event.actor == "member:ben"
    assert json.loads(event.facts) | {"page": ""} == {"page": "", "owner": "ana", "away": "yes"}
    ana = enter(world, "ana")
    assert "Ben Example has this case." in ana.get(f"/case/{filed.reference}").text


def test_while_it_calls_or_is_ones_own_there_is_nothing_to_take_over(world: World, filed: Filed) -> None:
    path = f"/case/{filed.reference}/take-over"
    assert "It is not theirs any more" in enter(world, "ana").get(path).text
    world.page(filed)
    ben = enter(world, "ben")
    assert "Take it over" not in ben.get(f"/case/{filed.reference}").text
    assert "It is not theirs any more" in ben.get(path).text
    assert ben.post(path, owner="ana").location.endswith("notice=not_theirs")
    assert owner_of_first(world) == "ana"


def owner_of_first(world: World) -> str | None:
    with world.database.reading() as session:
        return session.scalars(select(Page.acknowledged_by).where(Page.state == "acknowledged")).one()


def test_a_no_and_no_answer_leave_it_where_it_was(world: World, filed: Filed) -> None:
    offer(world, filed)
    ben = enter(world, "ben")
    ben.get("/")
    assert ben.post(f"/case/{filed.reference}/offer/decline").location == "/?notice=declined"
    assert "asks you to take over" not in ben.get("/").text
    assert owner(world) == "ana"
    offer(world, filed)
    world.clock.moment += 10 * MINUTE
    ben = enter(world, "ben")
    ben.get("/")
    assert ben.post(f"/case/{filed.reference}/offer/accept").location.endswith("notice=offer_over")
    assert owner(world) == "ana"
    with world.database.writing() as session:
        assert handover.expire(session, world.clock.moment) == 1
    assert kinds(world).count("kept") == 2


def test_the_reason_is_for_the_teams_and_not_for_the_reporter(world: World, filed: Filed) -> None:
    offer(world, filed, note="I am in court until noon.")
    shown = enter(world, "ben").get(f"/case/{filed.reference}").text
    assert "Ana Example asked Ben Example to take over" in shown
    assert "I am in court until noon." in shown
    assert ("member:ana", "offer_explained", f"pseudonym-{filed.reference}") in world.audited()
    # A note answers nobody: the reporter still waits.
    assert "waits for your reply" in enter(world, "ben").get("/").text
    assert all("court" not in item.text for item in world.read_with_receipt(filed))


def test_only_its_owner_hands_it_on_and_only_to_who_can_open_it(world: World, filed: Filed) -> None:
    ben = enter(world, "ben")
    assert "Hand it to a colleague" not in ben.get(f"/case/{filed.reference}").text
    assert ben.post(f"/case/{filed.reference}/offer", colleague="sol").location.endswith("notice=already")
    ana = enter(world, "ana")
    choices = ana.get(f"/case/{filed.reference}/offer").text
    assert "Ben Example" in choices
    assert "Sol Example" in choices
    assert "cannot be called here: tell them" in choices
    assert "Dora Example" not in choices
    assert ana.post(f"/case/{filed.reference}/offer", colleague="dora").status_code == 400
    assert enter(world, "dora").get(f"/case/{filed.reference}/offer").status_code == 404
    assert kinds(world) == []


def test_nobody_is_asked_whose_yes_would_not_count(world: World) -> None:
    """Sol can read it, but its page called counseling: by text and by button she would be turned away."""
    filed = world.file("it is too much")
    page = world.page(filed, teams=("counseling",))
    ana = enter(world, "ana")
    ana.get("/")
    ana.post(f"/page/{page}/acknowledge")
    choices = ana.get(f"/case/{filed.reference}/offer").text
    assert "Ben Example" in choices
    assert "Sol Example" not in choices
    assert ana.post(f"/case/{filed.reference}/offer", colleague="sol").status_code == 400


def test_what_still_calls_cannot_be_handed_on(world: World) -> None:
    filed = world.file("it is too much")
    world.page(filed)
    ana = enter(world, "ana")
    assert "This case is still calling." in ana.get(f"/case/{filed.reference}/offer").text
    answer = ana.post(f"/case/{filed.reference}/offer", colleague="ben")
    assert answer.location.endswith("notice=call_first")
    assert kinds(world) == []


def test_a_case_that_paged_nobody_is_whose_hands_it_on(world: World) -> None:
    filed = world.file("nobody sits with me")
    offer(world, filed, by="ben", to="ana")
    assert owner(world) == "ben"
    ana = enter(world, "ana")
    ana.get("/")
    ana.post(f"/case/{filed.reference}/offer/accept")
    assert owner(world) == "ana"


def test_a_click_that_the_database_undid_for_another_is_taken_all_the_same(
    postgresql_database: Database,
) -> None:
    """Who took a case must not read "something went wrong", and phones must not ring on for it."""
    world = with_phones(quick_to_look(postgresql_database))
    filed = world.file("it is too much")
    ana, ben = enter(world, "ana"), enter(world, "ben")
    page, address = world.page(filed), f"/case/{filed.reference}"
    ana.get("/")
    taking = partial(ana.post, f"/page/{page}/acknowledge")
    assert crosswise(world.database, taking).location == f"{address}?notice=acknowledged"
    opening = partial(ana.get, address)
    assert "it is too much" in crosswise(world.database, opening, Page, Report).text
    offer(world, filed)
    ben.get("/")
    accepting = partial(ben.post, f"{address}/offer/accept")
    assert crosswise(world.database, accepting).location == f"{address}?notice=took_over"
    assert owner(world) == "ben"
