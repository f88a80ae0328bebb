"""Closing a case with what was found, and opening it again."""

from sqlalchemy import update

from reporting import retention
from tests.casework.world import World
from vault import threads
from vault.clock import minute_of
from vault.tables import Message, Report


def test_closing_asks_first(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    asked = member.get(f"/case/{filed.reference}/close").text
    assert f"Close {filed.reference}?" in asked
    assert "Nobody has answered the reporter yet." in asked
    assert world.report(filed).status == "new"


def test_what_was_found_is_sealed_for_the_team_alone(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(
        f"/case/{filed.reference}/close", seen=1, contact="reached", finding="partly", note="Spoke at noon."
    )
    assert answer.headers["Location"] == "/?notice=closed"
    assert world.report(filed).status == "closed"
    assert world.read_with_receipt(filed)[1].state == "closed"
    shown = world.signed_in("sol").get(f"/case/{filed.reference}").text
    assert "Ana Example closed the case" in shown
    assert "We reached them · It was partly true" in shown
    assert "Spoke at noon." in shown
    assert ("member:ana", "case_closed", f"pseudonym-{filed.reference}") in world.audited()


def test_a_case_is_not_closed_without_saying_what_was_found(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", note="typed note")
    assert answer.status_code == 400
    assert "This is missing." in answer.text
    assert "typed note</textarea>" in answer.text
    assert world.report(filed).status != "closed"


def test_a_case_whose_phones_still_ring_is_not_closed(world: World) -> None:
    filed = world.file("hello")
    world.page(filed)
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="prank")
    assert answer.status_code == 400
    assert "phones are still ringing" in answer.text
    assert world.report(filed).status != "closed"


def test_a_closed_case_can_be_opened_again(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="drill")
    assert "Open this case again" in member.get(f"/case/{filed.reference}").text
    answer = member.post(f"/case/{filed.reference}/reopen")
    assert answer.headers["Location"] == f"/case/{filed.reference}?notice=reopened"
    assert world.report(filed).status != "closed"
    assert ("member:ana", "case_reopened", f"pseudonym-{filed.reference}") in world.audited()


def test_nobody_closes_past_a_message_they_have_not_seen(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    world.write_again(filed, "it is worse now")
    answer = member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="prank")
    assert answer.status_code == 409
    assert "Not closed: something new was written." in answer.text
    report = world.report(filed)
    assert report.status != "closed"
    assert report.read_deadline is not None


def test_closing_twice_says_what_was_found_once(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    for _ in range(2):
        member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="drill")
    assert member.get(f"/case/{filed.reference}/close").status_code == 303
    assert [verb for _, verb, _ in world.audited()].count("case_closed") == 1


def test_looking_at_a_closed_case_leaves_it_closed(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="drill")
    member.get(f"/case/{filed.reference}")
    assert world.report(filed).status == "closed"


def test_the_thread_stays_whole_after_closing(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="drill")
    world.write_again(filed, "one more thing")
    with world.database.reading() as session:
        assert session.query(Message).count() == 3
        openers = {"receipt": filed.receipt}
        items = threads.open_thread(
            session, world.directory.install, filed.report_id, openers, world.directory
        )
    assert [item.state for item in items] == ["opened", "closed", "opened"]


def test_an_old_case_that_is_closed_can_still_be_opened_again_for_some_weeks(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    with world.database.writing() as session:
        session.execute(update(Report).values(retain_until=0))
    member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="drill")
    assert world.report(filed).status == "closed"
    with world.database.reading() as session:
        now = world.clock.now(session)
    assert world.report(filed).retain_until == minute_of(now) + retention.CLOSED_MS


def test_closing_a_young_case_leaves_its_date(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    with world.database.writing() as session:
        session.execute(update(Report).values(retain_until=2**50))
    member.post(f"/case/{filed.reference}/close", seen=1, contact="reached", finding="drill")
    assert (world.report(filed).status, world.report(filed).retain_until) == ("closed", 2**50)
