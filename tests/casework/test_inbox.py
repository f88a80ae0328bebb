"""What waits, in the order in which it should be read."""

import re

from casework.settings import StaffSettings
from tests.casework.world import MINUTE, World, scored
from vault.database import Database
from vault.people_tables import Member
from vault.tables import Report


def _order(html: str) -> list[str]:
    return re.findall(r'<li class="line[^"]*">\s*<a href="/case/([^"]+)"', html)


def test_the_most_urgent_comes_first_then_the_unread_then_the_oldest(world: World) -> None:
    world.clock.moment -= 60 * MINUTE
    old_routine = world.file("one", assessment=scored("routine"))
    read_urgent = world.file("two", assessment=scored("urgent"))
    world.clock.moment += 30 * MINUTE
    older_urgent = world.file("three", assessment=scored("urgent"))
    world.clock.moment += 30 * MINUTE
    urgent = world.file("four", assessment=scored("urgent"))
    immediate = world.file("five", assessment=scored("immediate"))
    member = world.signed_in("ana")
    member.get(f"/case/{read_urgent.reference}")
    expected = [immediate, older_urgent, urgent, read_urgent, old_routine]
    assert _order(member.get("/").text) == [filed.reference for filed in expected]


def test_a_member_sees_the_cases_of_their_teams_alone(world: World) -> None:
    world.file("for counseling", teams=("counseling",))
    district = world.file("for the district", teams=("district",))
    assert _order(world.signed_in("dora").get("/").text) == [district.reference]


def test_no_word_of_a_message_is_in_the_inbox(world: World) -> None:
    world.file("xylophone under the stairs")
    assert "xylophone" not in world.signed_in("ana").get("/").text


def test_a_line_says_how_old_it_is_where_it_came_from_and_who_has_it(world: World) -> None:
    world.clock.moment -= 12 * MINUTE
    filed = world.file("hello", by_text=True)
    page_id = world.page(filed)
    world.clock.moment += 12 * MINUTE
    member = world.signed_in("ben")
    shown = member.get("/").text
    assert "12 min" in shown
    assert "Mon, Nov 23, 2:02\u202fAM CST" in shown
    assert "Text message" in shown
    assert "waits for your reply" in shown
    member.post(f"/page/{page_id}/acknowledge")
    assert "Ben Example has it" in member.get("/").text


def test_a_new_message_makes_a_read_case_unread_again(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    assert "Unread" in member.get("/").text
    member.get(f"/case/{filed.reference}")
    assert "Unread" not in member.get("/").text
    world.write_again(filed, "are you there?")
    shown = member.get("/").text
    assert "Unread" in shown
    assert "2 messages" in shown


def test_closed_cases_are_kept_apart(world: World) -> None:
    filed = world.file("hello")
    with world.database.writing() as session:
        session.get_one(Report, filed.report_id).status = "closed"
    member = world.signed_in("ana")
    assert _order(member.get("/").text) == []
    assert _order(member.get("/?show=closed").text) == [filed.reference]


def test_an_empty_inbox_says_so(world: World) -> None:
    member = world.signed_in("ana")
    assert "Nothing is waiting." in member.get("/").text
    assert "No case of your teams has been closed yet." in member.get("/?show=closed").text


def test_a_long_inbox_is_cut_into_parts_that_miss_nothing(database: Database) -> None:
    world = World(database, StaffSettings(inbox_length=2))
    filed = {world.file(f"number {number}").reference for number in range(5)}
    member = world.signed_in("ana")
    path, found, parts = "/", [], 0
    while path:
        html = member.get(path).text
        found += _order(html)
        parts += 1
        older = re.search(r'href="(/\?start=\d+)">Further', html)
        path = older.group(1) if older else ""
    assert parts == 3
    assert sorted(found) == sorted(filed)


def test_a_page_nobody_has_taken_is_on_top_with_its_button(world: World) -> None:
    filed = world.file("hello")
    world.page(filed)
    shown = world.signed_in("ana").get("/").text
    assert shown.index("I have it") < shown.index('class="inbox"')
    assert "Calling for 3 min. Nobody has it yet." in shown


def test_a_page_of_other_teams_is_not_shown(world: World) -> None:
    world.page(world.file("hello"))
    assert "I have it" not in world.signed_in("dora").get("/").text


def test_every_view_says_when_phones_may_not_ring(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    assert "Phones may not ring" not in member.get("/").text
    world.impaired = True
    assert "Phones may not ring" in member.get("/").text
    assert "Phones may not ring" in member.get(f"/case/{filed.reference}").text


def test_the_inbox_looks_again_by_itself_but_not_while_somebody_pages_through_it(world: World) -> None:
    member = world.signed_in("ana")
    assert 'http-equiv="refresh" content="30;' in member.get("/").text
    assert "http-equiv" not in member.get("/?show=closed").text


def test_a_member_reads_the_inbox_in_their_language(world: World) -> None:
    with world.database.writing() as session:
        session.get_one(Member, "ana").locale = "es"
    shown = world.signed_in("ana").get("/").text
    assert '<html lang="es">' in shown
    assert "Nothing is waiting." not in shown


def test_a_case_that_nobody_closes_is_shown_as_to_be_closed_once_its_date_is_past(world: World) -> None:
    filed, ana = world.file("Somebody is alone at lunch."), world.signed_in("ana")
    case = f"/case/{filed.reference}"
    for late in (False, True):
        with world.database.writing() as session:
            session.get_one(Report, filed.report_id).retain_until = world.clock.moment + (0 if late else 1)
        assert ("before somebody closes it" in ana.get(case).text) == late
        assert ("To be closed" in ana.get("/").text) == late
    with world.database.writing() as session:
        session.get_one(Report, filed.report_id).status = "closed"
    assert "To be closed" not in ana.get("/?show=closed").text
