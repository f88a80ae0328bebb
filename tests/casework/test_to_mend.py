"""What is wrong with who is called: under People for everybody, in the inbox for who runs the school."""

import json

import pytest

from notify.duty_tables import Rotation
from tests.casework.test_offering import enter
from tests.casework.world import SCHOOL, World
from vault import directory as directories
from vault.database import Database

SAID = "Ana Example takes turns in counseling and cannot be called."
BANNER = "Who is called needs care:"


@pytest.fixture
def world(database: Database) -> World:
    """Ana takes turns and has no phone; Dora runs the school."""
    world = World(database)
    with database.writing() as session:
        root, known = world.recovery.signer, world.directory
        directories.add_team(session, root, known, "office", SCHOOL.id, "administration", ["dora"])
        session.add(
            Rotation(
                team_id="counseling",
                school=SCHOOL.id,
                responders=json.dumps(["r-ana"]),
                zone=SCHOOL.zone,
                handoff_weekday=0,
                handoff_time="08:00",
                starts_on="2026-11-16",
            )
        )
    return world


def test_people_says_what_to_mend_and_only_administrators_see_it_in_the_inbox(world: World) -> None:
    ana, dora = enter(world, "ana"), enter(world, "dora")
    for member in (ana, dora):
        shown = member.get("/people").text
        assert SAID in shown
        assert "Nobody is on call for counseling from Mon, Nov 23" in shown
    assert f"{BANNER} 2 to mend." in dora.get("/").text
    assert BANNER not in ana.get("/").text
