"""``tipline member`` and ``tipline team``: the operator manages people, and opens nothing by it."""

import re
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from notify.duty_tables import CalendarFeed, Responder
from notify.tables import Attempt
from tests.wiring.test_found import Install
from vault import invitations
from vault.people_tables import Invitation, Member, TeamKeyCopy
from wiring import ground
from wiring.config import load

CODE = re.compile(r"^    (\w+(?:-\w+){5})$", re.MULTILINE)


@pytest.fixture
def install(founded: Install, tmp_path: Path) -> Install:
    return founded.copied_to(tmp_path)


def test_an_invitation_is_shown_once_and_stored_as_a_hash(install: Install) -> None:
    done = install.run("member", "add", "zoe", "--name", "Zoe Example", "--team", "counseling")
    assert done.exit_code == 0
    assert "/join" in done.output
    code = CODE.findall(done.output)[0]
    with closing(ground.lay(load(install.config))) as laid, laid.database.reading() as session:
        row = session.scalars(select(Invitation)).one()
        assert (row.login, row.teams, row.wrapped_seed) == ("zoe", '["counseling"]', None)
        assert code not in repr(vars(row))
        assert invitations.find(session, row.created_at, code) is not None
        assert session.scalar(select(Member).where(Member.login == "zoe")) is None


def test_what_cannot_be_is_refused_in_one_line(install: Install) -> None:
    for words, said in (
        (("add", "ann", "--name", "Ann", "--team", "counseling"), "is known already"),
        (("add", "Zoe!", "--name", "Zoe", "--team", "counseling"), "write it as"),
        (("add", "zoe", "--name", "Zoe", "--team", "nowhere"), "no such team"),
        (("readmit", "zoe"), "nobody signs in"),
        (("leave", "zoe"), "nobody signs in"),
        (("join", "ann", "--team", "nowhere"), "no such team"),
    ):
        done = install.run("member", *words)
        assert said in str(done.exception), words


def test_who_leaves_is_switched_off_and_the_team_is_told_what_to_do(install: Install) -> None:
    assert "/calendar/" in install.run("roster", "feed", "create", "--person", "ann").output
    assert "/calendar/" in install.run("roster", "feed", "create", "--team", "counseling").output
    done = install.run("member", "leave", "ann")
    assert "counseling must take them out" in done.output
    with closing(ground.lay(load(install.config))) as laid, laid.database.reading() as session:
        ann = session.scalars(select(Member).where(Member.login == "ann")).one()
        assert not ann.active
        assert laid.directory.current(session).is_active(ann.id)
        assert not session.scalars(select(Responder).where(Responder.member_id == ann.id)).one().active
        assert session.scalars(select(CalendarFeed)).all() == []
        told = session.scalars(select(Attempt.responder_id).where(Attempt.kind == "feed_ended")).all()
        assert [session.get_one(Responder, one).name for one in told] == ["Ben Example"]
    assert CODE.findall(install.run("member", "readmit", "ann").output)


def test_the_paper_gives_a_team_a_new_key(install: Install) -> None:
    done = install.run("team", "rotate", "counseling", typed=install.words)
    assert "counseling: new key, number 2" in done.output
    # One of 24 random words may be one of ours; two that follow each other are not.
    assert not any(" ".join(pair) in done.output for pair in pairwise(install.words.split()))
    with closing(ground.lay(load(install.config))) as laid, laid.database.reading() as session:
        team = laid.directory.current(session).team_by_id["counseling"]
        copies = select(TeamKeyCopy.holder).where(
            TeamKeyCopy.team_id == "counseling", TeamKeyCopy.generation == 2
        )
        assert set(session.scalars(copies)) == {*team.members, "recovery"}


def test_another_papers_words_change_nothing(install: Install, tmp_path: Path) -> None:
    other = Install(tmp_path / "other")
    done = install.run("team", "rotate", "counseling", typed=other.words)
    assert "another install's recovery words" in str(done.exception)
    assert install.directory().team_by_id["counseling"].generation == 1
