"""Sending a case to another team: they open what was said, what comes follows, and nobody else can do it."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.casework.world import SCHOOL
from tests.reporting.browser import come_back, send, words, write
from tests.security.whole import Whole
from vault import directory as directories
from vault.database import Database
from vault.tables import CaseRoute, Message, RecipientTeam, Wrap

ROUTES = {"default": ["counseling"], "adult_at_school": ["district"]}


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Whole:
    made = Whole(database, tmp_path)
    with database.writing() as session:
        directories.add_routing(session, made.recovery.signer, made.directory, SCHOOL.id, ROUTES)
    return made


def reference(world: Whole) -> str:
    return world.newest_report().reference


def route(world: Whole, by: str, team: str, note: str = "") -> int:
    member = world.signed_in(by)
    case = f"/case/{reference(world)}"
    seen = member.get(f"{case}/route").text.partition('name="seen" value="')[2].partition('"')[0]
    return member.post(f"{case}/route", team=team, note=note, seen=seen).status_code


def shown_to(world: Whole, login: str) -> str:
    answer = world.signed_in(login).get(f"/case/{reference(world)}")
    return answer.text if answer.status_code == 200 else ""


def readers_of_last(world: Whole) -> set[str]:
    with world.database.reading() as session:
        newest = Message.report_id == world.newest_report().id
        last = select(Message.id).where(newest).order_by(Message.seq.desc()).limit(1).scalar_subquery()
        return set(session.scalars(select(Wrap.recipient).where(Wrap.message_id == last)))


def test_the_other_team_opens_what_was_said_and_what_comes(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "nobody sits with me at lunch", school=SCHOOL.id))
    assert shown_to(world, "sol") == ""
    assert route(world, "ana", "social_work", "You know the family.") == 303
    seen = shown_to(world, "sol")
    for said in (
        "nobody sits with me at lunch",
        "Ana Example sent the case to social_work",
        "You know the family.",
    ):
        assert said in seen
    write(public, come_back(public, receipt), "it was worse today")
    assert "it was worse today" in shown_to(world, "sol")
    sol = world.signed_in("sol")
    case = f"/case/{reference(world)}"
    sol.get(case)
    sol.post(f"{case}/reply", text="We read this together.", seen=3)
    assert "We read this together." in shown_to(world, "ben")
    answer = come_back(public, receipt).text
    assert "We read this together." in answer
    assert "You know the family." not in answer
    assert ("member:ana", "case_routed") in {(actor, verb) for actor, verb, _ in world.audited()}


def test_the_route_outlives_the_member_who_signed_it(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "nobody sits with me at lunch", school=SCHOOL.id))
    route(world, "ana", "social_work")
    ben = world.signed_in("ben")
    ben.get("/people")
    ben.post("/people/take-out", team="counseling", member="ana", everywhere="yes")
    write(public, come_back(public, receipt), "are you still there?")
    assert "are you still there?" in shown_to(world, "sol")


def test_what_is_about_an_adult_does_not_follow_a_counselors_route(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "nobody sits with me at lunch", school=SCHOOL.id))
    route(world, "ana", "social_work")
    write(public, come_back(public, receipt), "the counselor touched me")
    write(public, come_back(public, receipt), "please be careful")
    assert readers_of_last(world) == {"team:district:1", "receipt"}
    assert "please be careful" in shown_to(world, "dora")
    assert "please be careful" not in shown_to(world, "sol")


def test_the_district_may_send_on_what_is_about_an_adult(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "it is about a teacher", school=SCHOOL.id, adult="yes"))
    assert route(world, "dora", "social_work") == 303
    write(public, come_back(public, receipt), "and another thing")
    assert readers_of_last(world) == {"team:district:1", "team:social_work:1", "receipt"}


@pytest.mark.parametrize("team", ["", "counseling", "nowhere", "elsewhere"])
def test_there_are_only_the_other_teams_of_the_school(world: Whole, team: str) -> None:
    with world.database.writing() as session:
        root = world.recovery.signer
        directories.add_team(session, root, world.directory, "elsewhere", "south", "counseling", ["dora"])
    send(world.public(), "hello", school=SCHOOL.id)
    assert route(world, "ana", team) == 400


def test_a_row_that_nobody_signed_draws_no_later_message(world: Whole) -> None:
    """Sol's team is in no route, and Sol writes to the database."""
    public = world.public()
    receipt = words(send(public, "nobody sits with me at lunch", school=SCHOOL.id))
    report = world.newest_report().id
    with world.database.writing() as session:
        session.add(RecipientTeam(report_id=report, team_id="social_work"))
        session.add(CaseRoute(report_id=report, team_id="social_work", signer="ana", signature=bytes(64)))
    write(public, come_back(public, receipt), "it was worse today")
    assert readers_of_last(world) == {"team:counseling:1", "receipt"}


def test_a_signature_for_one_case_and_team_is_good_for_no_other(world: Whole) -> None:
    public = world.public()
    send(public, "the first", school=SCHOOL.id)
    route(world, "ana", "social_work")
    world.clock.moment += 60_000
    receipt = words(send(public, "the second", school=SCHOOL.id))
    with world.database.writing() as session:
        session.execute(update(CaseRoute).values(report_id=world.newest_report().id))
    write(public, come_back(public, receipt), "more of the second")
    assert "team:social_work:1" not in readers_of_last(world)
