"""Who was called for a case is shown to its team and to who runs the school, behind the walls of the case."""

import json
import re

from notify.acknowledge import by_member
from notify.tables import Page
from tests.casework.world import AUDIT_KEY, INSTALL, SCHOOL, Filed, World
from vault import directory as directories
from vault.chain import Chainer


def chain(world: World) -> None:
    with world.database.writing() as session:
        Chainer(INSTALL, AUDIT_KEY, "one").chain(session, world.clock.moment)


def taken(world: World) -> tuple[Filed, str]:
    """A case that Ana took in casework."""
    filed = world.file("I want to die")
    page_id = world.page(filed)
    with world.database.writing() as session:
        by_member(session, world.clock.moment, world.directory, page_id, "ana")
    chain(world)
    return filed, page_id


def with_administrators(world: World, **routes: tuple[str, ...]) -> None:
    """Ben is of the team that runs the school; staff is written about to the district alone."""
    with world.database.writing() as session:
        root = world.recovery.signer
        directory = directories.add_team(
            session, root, world.directory, "office", SCHOOL.id, "administration", ["ben"]
        )
        directories.add_routing(
            session, root, directory, SCHOOL.id, {"adult_at_school": ("district",), **routes}
        )


def test_a_case_leads_to_its_pages_and_each_to_its_proof(world: World) -> None:
    filed, page_id = taken(world)
    ana = world.signed_in("ana")
    assert f'href="/case/{filed.reference}/pages"' in ana.get(f"/case/{filed.reference}").text
    assert f'href="/page/{page_id}/proof"' in ana.get(f"/case/{filed.reference}/pages").text
    shown = ana.get(f"/page/{page_id}/proof").text
    assert "Ana Example HAS IT, in casework" in shown
    assert "Mon, Nov 23, 2026, 2:11\N{NARROW NO-BREAK SPACE}AM CST" in shown
    assert "still being read" in shown


def test_the_same_as_json_and_to_print(world: World) -> None:
    filed, page_id = taken(world)
    ana = world.signed_in("ana")
    found = json.loads(ana.get(f"/page/{page_id}/proof.json").text)
    assert set(found) == {
        "page", "school", "reference", "kind", "urgency", "state", "zone", "opened_at", "taken_by",
        "taken_at", "standing", "rows", "times", "events", "missing", "audit",
    }  # fmt: skip
    assert (found["reference"], found["taken_by"], found["opened_at"]) == (
        filed.reference,
        "Ana Example",
        "2026-11-23T02:11:00.000-06:00",
    )
    assert [one["event"] for one in found["events"]][:: len(found["events"]) - 1] == [
        "page_opened",
        "page_acknowledged",
    ]
    printed = ana.get(f"/page/{page_id}/proof.pdf")
    assert printed.content_type == "application/pdf"
    assert printed.data.startswith(b"%PDF-1.7")
    assert f'filename="page-{filed.reference}.pdf"' in printed.headers["Content-Disposition"]


def test_another_team_finds_neither_the_page_nor_its_proof(world: World) -> None:
    filed = world.file("for counselors alone", teams=("counseling",))
    page_id = world.page(filed, teams=("counseling",))
    sol = world.signed_in("sol")
    for what in ("proof", "proof.json", "proof.pdf"):
        assert sol.get(f"/page/{page_id}/{what}").status_code == 404
    assert filed.reference not in sol.get("/pages").text
    assert sol.get("/page/none/proof").status_code == 404


def test_who_runs_the_school_sees_the_proof_of_a_case_that_they_may_not_open(world: World) -> None:
    with_administrators(world)
    filed = world.file("for social workers alone", teams=("social_work",))
    page_id = world.page(filed, teams=("social_work",))
    ben = world.signed_in("ben")
    assert ben.get(f"/case/{filed.reference}").status_code == 404
    assert f'href="/page/{page_id}/proof"' in ben.get("/pages").text
    shown = ben.get(f"/page/{page_id}/proof").text
    assert filed.reference in shown
    assert "for social workers alone" not in shown


def test_that_an_adult_at_school_was_written_about_shows_to_no_administrator(world: World) -> None:
    with_administrators(world)
    filed = world.file("the principal hits us", teams=("district",))
    page_id = world.page(filed, teams=("district",))
    ben = world.signed_in("ben")
    assert filed.reference not in ben.get("/pages").text
    assert ben.get(f"/page/{page_id}/proof").status_code == 404
    assert world.signed_in("dora").get(f"/page/{page_id}/proof").status_code == 200


def test_nor_does_the_deadline_of_a_thread_that_came_to_write_about_one(world: World) -> None:
    with_administrators(world, default=("counseling", "social_work"))
    filed = world.file("first something else, then the principal", teams=("social_work", "district"))
    page_id = world.page(filed, teams=("district", "social_work"))
    ben = world.signed_in("ben")
    assert filed.reference not in ben.get("/pages").text
    assert ben.get(f"/page/{page_id}/proof").status_code == 404
    assert world.signed_in("sol").get(f"/page/{page_id}/proof").status_code == 200


def test_a_long_list_has_more_below(world: World) -> None:
    filed = world.file("again and again")
    length = world.settings.inbox_length
    with world.database.writing() as session:
        session.add_all(a_page(filed, number) for number in range(length + 1))
    ana = world.signed_in("ana")
    first, second = ana.get("/pages").text, ana.get(f"/pages?start={length}").text
    assert len(re.findall(r"/proof", first)) == length
    assert f"/pages?start={length}" in first
    assert len(re.findall(r"/proof", second)) == 1


def a_page(filed: Filed, number: int) -> Page:
    return Page(
        id=f"{number:032x}",
        school=SCHOOL.id,
        kind="report",
        subject=filed.report_id,
        reference=filed.reference,
        urgency="urgent",
        rank=1,
        teams='["counseling"]',
        snapshot="{}",
        state="acknowledged",
        opened_at=number,
    )
