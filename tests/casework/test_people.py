"""Coming in, going, coming back: the team decides, and the keys follow."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from notify import roster
from notify.duty_tables import ContactMethod, Rotation
from tests.security.whole import NEW_PASSWORD, Whole, let_in, words_shown
from vault.database import Database
from vault.people_tables import Invitation, Member, TeamKeyCopy, TeamProposal

NEWCOMER = ("eve", "Eve Example")


@pytest.fixture
def world(any_database: Database, tmp_path: Path) -> Whole:
    return Whole(any_database, tmp_path)


def team(world: Whole, name: str = "counseling") -> tuple[int, frozenset[str]]:
    found = world.directory.team_by_id[name]
    assert found.members == found.holders
    return found.generation, found.members


def test_two_members_let_somebody_in_who_then_opens_old_and_new(world: Whole) -> None:
    old = world.file("from before")
    words = world.joined(world.invited(*NEWCOMER, "counseling"))
    assert len(words.split()) == 6
    ana, ben = world.signed_in("ana"), world.signed_in("ben")
    assert words in ana.get("/people").text
    assert let_in(ana, "counseling") == "/people?notice=proposed"
    assert team(world) == (1, frozenset({"ana", "ben"}))
    assert "A second member of the team must confirm it." in ana.get("/people").text
    assert "Proposed by Ana Example." in ben.get("/people").text
    assert let_in(ben, "counseling") == "/people?notice=let_in"
    assert team(world) == (2, frozenset({"ana", "ben", "eve"}))
    eve = world.browser()
    assert eve.sign_in("eve", NEW_PASSWORD).status_code == 303
    assert "from before" in eve.get(f"/case/{old.reference}").text
    new = world.file("from after")
    for browser in (eve, ana, ben):
        assert "from after" in browser.get(f"/case/{new.reference}").text
    verbs = [(actor, verb) for actor, verb, _ in world.audited() if "member_" in verb]
    assert verbs == [("member:ana", "member_proposed"), ("member:ben", "member_let_in")]


def test_before_the_second_yes_the_newcomer_opens_nothing(world: Whole) -> None:
    filed = world.file("not yet for eve")
    world.joined(world.invited(*NEWCOMER, "counseling"))
    assert world.browser().sign_in("eve", NEW_PASSWORD).status_code == 401
    let_in(world.signed_in("ana"), "counseling")
    eve = world.browser()
    assert eve.sign_in("eve", NEW_PASSWORD).status_code == 303
    assert eve.get(f"/case/{filed.reference}").status_code == 404
    assert "You are in no team yet" in eve.get("/people").text


def test_nobody_confirms_their_own_proposal(world: Whole) -> None:
    world.joined(world.invited(*NEWCOMER, "counseling"))
    ana = world.signed_in("ana")
    let_in(ana, "counseling")
    with world.database.reading() as session:
        invitation = session.scalars(select(Invitation.id)).one()
    words = words_shown(ana.get("/people").text)
    answer = ana.post("/people/confirm", team="counseling", invitation=invitation, words=words)
    assert answer.headers["Location"] == "/people?notice=not_changed"
    assert team(world)[0] == 1


def test_in_a_team_of_one_that_one_decides(world: Whole) -> None:
    world.joined(world.invited(*NEWCOMER, "social_work"))
    assert let_in(world.signed_in("sol"), "social_work") == "/people?notice=let_in"
    assert team(world, "social_work") == (2, frozenset({"sol", "eve"}))


def test_a_proposal_that_another_change_overtook_is_made_anew(world: Whole) -> None:
    world.joined(world.invited(*NEWCOMER, "counseling"))
    ana, ben = world.signed_in("ana"), world.signed_in("ben")
    let_in(ana, "counseling")
    world.joined(world.invited("fay", "Fay Example", "social_work"))
    let_in(world.signed_in("sol"), "social_work")
    assert "Proposed by" not in ben.get("/people").text
    assert let_in(ben, "counseling") == "/people?notice=proposed"
    assert let_in(ana, "counseling") == "/people?notice=let_in"
    assert "eve" in team(world)[1]


def test_another_teams_people_are_not_this_members_to_change(world: Whole) -> None:
    world.joined(world.invited(*NEWCOMER, "counseling"))
    dora = world.signed_in("dora")
    assert "Eve Example" not in dora.get("/people").text
    for path in ("let-in", "confirm", "take-out"):
        assert dora.post(f"/people/{path}", team="counseling", member="ana").status_code == 404
    assert team(world)[0] == 1


def test_a_member_joins_another_team_with_the_keys_they_have_and_leaves_it_again(world: Whole) -> None:
    filed = world.file("for the social workers", teams=("social_work",))
    world.offered("ben", "social_work")
    ben, sol = world.signed_in("ben"), world.signed_in("sol")
    assert words_shown(ben.get("/account").text) == words_shown(sol.get("/people").text)
    assert let_in(sol, "social_work") == "/people?notice=let_in"
    assert world.directory.teams_of("ben") == {"counseling", "social_work"}
    assert "for the social workers" in ben.get(f"/case/{filed.reference}").text
    taken = sol.post("/people/take-out", team="social_work", member="ben", everywhere="no")
    assert taken.headers["Location"] == "/people?notice=taken_out"
    assert world.directory.teams_of("ben") == {"counseling"}
    assert ben.get(f"/case/{filed.reference}").status_code == 404
    assert ben.get("/").status_code == 200


def test_who_is_taken_out_of_a_team_is_called_for_it_no_more_and_the_gap_is_said_there(world: Whole) -> None:
    with world.database.writing() as session:
        weeks = {"handoff_weekday": 0, "handoff_time": "08:00", "starts_on": "2026-11-16"}
        alone = {"team_id": "social_work", "responders": '["r-ben"]', "zone": "America/New_York"}
        session.add(Rotation(school="north", **alone, **weeks))
        way = {"id": "ben-sms", "responder_id": "r-ben", "channel": "sms", "verified_at": 1}
        session.add(ContactMethod(**way, sealed_address=b"", address_key="ben"))
    world.offered("ben", "social_work")
    sol = world.signed_in("sol")
    let_in(sol, "social_work")
    assert "Nobody is on call" not in sol.get("/people").text
    sol.post("/people/take-out", team="social_work", member="ben", everywhere="no")
    assert "Nobody is on call for social_work" in sol.get("/people").text
    with world.database.reading() as session:
        assert roster.load(session, world.clock.moment, ["social_work"]).everyone() == ()


def test_another_team_cannot_exchange_somebodys_keys(world: Whole) -> None:
    world.joined(world.invited("ben", "Ben Example", "social_work"))
    assert let_in(world.signed_in("sol"), "social_work") == "/people?notice=not_changed"
    assert world.browser().sign_in("ben").status_code == 303


def test_who_lost_their_password_makes_new_keys_and_the_team_lets_them_in_again(world: Whole) -> None:
    filed = world.file("from before it was lost")
    words = world.joined(world.invited("ana", "Ana Example", "counseling"))
    ben = world.signed_in("ben")
    assert words in ben.get("/people").text
    assert world.browser().sign_in("ana").status_code == 303
    assert let_in(ben, "counseling") == "/people?notice=let_in"
    assert world.browser().sign_in("ana").status_code == 401
    ana = world.browser()
    assert ana.sign_in("ana", NEW_PASSWORD).status_code == 303
    assert "from before it was lost" in ana.get(f"/case/{filed.reference}").text
    ana.post(f"/case/{filed.reference}/reply", text="I am here again.", seen=1)
    assert world.read_with_receipt(filed)[-1].text == "I am here again."


def test_an_invitation_is_good_once_and_for_three_days(world: Whole) -> None:
    code = world.invited(*NEWCOMER, "counseling")
    assert world.joined("six words that nobody was given") == ""
    assert world.joined(code.upper().replace("-", " ")) != ""
    assert world.joined(code) == ""
    late = world.invited("fay", "Fay Example", "counseling")
    world.clock.moment += 3 * 24 * 3_600_000 + 1
    assert world.joined(late) == ""


def test_a_weak_password_makes_no_keys(world: Whole) -> None:
    code = world.invited(*NEWCOMER, "counseling")
    assert world.joined(code, "password1234") == ""
    assert world.joined(code) != ""


def test_keys_exchanged_in_the_database_are_not_let_in(world: Whole) -> None:
    """Somebody who writes to the database puts their own keys in the newcomer's place, after the look."""
    world.joined(world.invited(*NEWCOMER, "counseling"))
    compared = words_shown(world.signed_in("ana").get("/people").text)
    thief = world.members["dora"]
    with world.database.writing() as session:
        session.execute(update(Invitation).values(sign_public=thief.sign.public_key().public_bytes_raw()))
    assert let_in(world.signed_in("ana"), "counseling", compared) == "/people?notice=not_changed"
    assert not world.directory.is_active("eve")


def test_a_proposed_key_that_is_not_what_was_sealed_is_not_confirmed(world: Whole) -> None:
    world.joined(world.invited(*NEWCOMER, "counseling"))
    let_in(world.signed_in("ana"), "counseling")
    with world.database.writing() as session:
        proposal = session.scalars(select(TeamProposal)).one()
        proposal.sealed_copies = proposal.sealed_copies.replace(b'"ben"', b'"sol"')
    assert let_in(world.signed_in("ben"), "counseling") == "/people?notice=not_changed"
    assert team(world)[0] == 1


def test_the_gap_after_somebody_was_switched_off_is_shown_until_a_member_closes_it(world: Whole) -> None:
    with world.database.writing() as session:
        session.execute(update(Member).where(Member.id == "ben").values(active=False))
    ana = world.signed_in("ana")
    assert "still sealed to a key they had" in ana.get("/people").text
    ana.post("/people/take-out", team="counseling", member="ben", everywhere="yes")
    assert team(world) == (2, frozenset({"ana"}))
    with world.database.reading() as session:
        copies = session.scalars(select(TeamKeyCopy.holder).where(TeamKeyCopy.generation == 2)).all()
    assert set(copies) == {"ana", "recovery"}
