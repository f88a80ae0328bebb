"""A school secretary sets all of it up by files and commands alone, and is told who would be called."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.wiring.test_found import Install
from tests.wiring.test_going_live import ask, laid, text_to
from wiring import verifying

PEOPLE = ("ann", "ben", "cleo", "dan", "eli")
TEAMS = {"counseling": "ann ben", "administration": "cleo dan", "liaison": "eli dan"}
POLICIES = """
[paging.policies]
"counseling uncovered immediate" = ["on_call by sms voice, wait 3 min", "everyone by voice, wait 5 min"]
"liaison immediate" = ["on_call of counseling, wait 5 min", "everyone, wait 5 min"]
"""
ROSTER = """team,name,days,from,to,turn,handoff,since,people
counseling,school days,mon-fri,07:00,18:00,weekly,monday 07:00,2026-11-16,ann ben
counseling,nights,every day,18:00,07:00,daily,,2026-11-16,ben ann
counseling,weekends,sat sun,07:00,18:00,weekly,monday 07:00,2026-11-16,ben ann
counseling,holidays,days off,07:00,18:00,fixed,,,ben ann
administration,always,every day,00:00,24:00,2 weeks,monday 08:00,2026-11-16,cleo dan
liaison,always,every day,00:00,24:00,fixed,,,eli dan
"""
CONTACTS = """person,way,address,after,quiet,language
ann,text,,,,en
ann,call,,60 s,,
ann,push,ntfys://ntfy.example.org/a-secret-topic,,,
ben,text,,,,es
ben,call,,,,
"""
NIGHT = """2027-03-14 02:10 does not exist: clocks in America/Denver skip it. Read as 03:10.
suicide_self_harm, immediate, to Maple School at Sun 2027-03-14 03:10
Read by: counseling, administration
  Sun 2027-03-14 03:10  ann (text, call after 60 s); cleo (text, call)
  Sun 2027-03-14 03:13  ann (call); ben (call); cleo (call); dan (call)
  Sun 2027-03-14 03:18  ann (text); ben (text); cleo (text); dan (text)
  Sun 2027-03-14 03:23  ann (call); ben (call); cleo (call); dan (call)
  and so on: every 5 min for 1 h, then every 15 min, until somebody answers
Unread by Sun 2027-03-14 03:25: paged as immediate
"""
DAY = """Takes 2 who answer, one of them of counseling.
  Tue 2027-03-16 10:00  ben (text, call)
  Tue 2027-03-16 10:05  eli (text, call); dan (text, call); ben (text, call); """


def people() -> str:
    teams = "".join(
        f'[[teams]]\nid = "{team}"\nschool = "maple"\non_call = {named.split()}\n'
        for team, named in TEAMS.items()
    )
    members = "".join(
        f'[[members]]\nlogin = "{one}"\nname = "{one.title()} Example"\n'
        f'teams = {[team for team, named in TEAMS.items() if one in named]}\nphone = "+1555555010{at}"\n'
        for at, one in enumerate(PEOPLE, 1)
    )
    return f'{teams}{members}[[routes]]\nschool = "maple"\nabout = "default"\nteams = {list(TEAMS)}\n'


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """What she wrote, brought in."""
    made = Install(tmp_path)
    text = (
        made.config.read_text().replace('holidays = ""', 'holidays = "US-CO"').replace("policies = {}\n", "")
    )
    made.config.write_text(text + POLICIES)
    made.file.write_text(people())
    for name, given in (("roster.csv", ROSTER), ("contacts.csv", CONTACTS)):
        (tmp_path / name).write_text(given)
    assert made.run("found", "--file", str(made.file), typed=made.words).exit_code == 0
    for name in ("roster.csv", "contacts.csv"):
        done = made.run("roster", "import", str(tmp_path / name))
        assert done.exit_code == 0, done.output
    return made


def test_a_secretary_sets_a_school_up_and_knows_who_would_be_called(install: Install) -> None:
    with laid(install) as ground:
        for login in PEOPLE:
            question = ask(ground, login)
            code = re.search(r"\d{6}", text_to(ground, question))
            assert code
            assert question.fits(code[0])
            with ground.database.writing() as session:
                verifying.confirm(session, ground.clock.now(session), question)
    assert "not verified" not in install.run("contacts", "show").output.replace(
        "ann: push is not verified", ""
    )
    assert install.run("roster", "verify").output == "ok   rosters of 3 team(s), four weeks ahead\n"
    gaps = install.run("oncall", "--gaps", "365d")
    assert (gaps.exit_code, gaps.output) == (0, "No gap: somebody is on call in each of 3 team(s).\n")
    christmas = f"{datetime.now(UTC).year + 1}-12-25 12:00"
    assert "ben, then ann" in install.run("oncall", "--team", "counseling", "--at", christmas).output
    night = install.run("policy", "test", "suicide_self_harm", "immediate", "--at", "2027-03-14 02:10")
    assert night.output == NIGHT
    day = install.run("policy", "test", "weapon", "immediate", "--at", "2027-03-16 10:00")
    assert DAY in day.output
