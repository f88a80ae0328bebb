"""``tipline found``: people from a file, signed with the recovery words; again, and refused."""

import re
import shutil
from contextlib import closing
from copy import copy
from pathlib import Path
from typing import Self

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from notify import roster
from notify.duty_tables import ContactMethod
from tests.install import pages
from vault import kem, members
from vault.directory import Directory, team_private_keys
from vault.members import MemberKeys
from vault.recovery import words_from_seed
from wiring import ground
from wiring.checks import run_checks
from wiring.cli import tipline
from wiring.config import load

EXAMPLE = (pages.FOLDER / "people.toml").read_text(encoding="utf-8")
NUMBERS = '[carrier.pager]\nnumber = "+15555550199"\naccount_sid = "AC00"\n'


class Install:
    """A real install with its file of people, and the paper with the words."""

    def __init__(self, folder: Path) -> None:
        self.config, self.file = folder / "etc" / "config.toml", folder / "people.toml"
        made = self.run("init").output
        self.words = " ".join(re.findall(r"^    (\w+(?: \w+){5})$", made, re.MULTILINE))
        text = re.sub(r"\[carrier\.pager\].*?(?=\n\[)", NUMBERS, self.config.read_text(), flags=re.DOTALL)
        self.config.write_text(text)
        self.file.write_text(EXAMPLE)

    def copied_to(self, folder: Path) -> Self:
        """The same install elsewhere."""
        shutil.copytree(self.config.parent, folder / "etc", dirs_exist_ok=True)
        other = copy(self)
        other.config, other.file = folder / "etc" / "config.toml", folder / "people.toml"
        other.file.write_bytes(self.file.read_bytes())
        return other

    def run(self, name: str, *options: str, typed: str = "") -> Result:
        return CliRunner().invoke(tipline, [name, *options, "--config", str(self.config)], input=f"{typed}\n")

    def found(self, *changes: tuple[str, str], words: str = "") -> Result:
        text = EXAMPLE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.file.write_text(text)
        return self.run("found", "--file", str(self.file), typed=words or self.words)

    def directory(self) -> Directory:
        with closing(ground.lay(load(self.config))) as laid, laid.database.reading() as session:
            return laid.directory.current(session)

    def not_well(self, *, live: bool = False) -> set[str]:
        return {one.name for one in run_checks(load(self.config), live=live) if not one.well}


@pytest.fixture
def install(tmp_path: Path) -> Install:
    return Install(tmp_path)


def passwords(done: Result) -> dict[str, str]:
    assert done.exit_code == 0, (done.output, done.exception)
    return dict(re.findall(r"^    (\w+) +(\S+)$", done.output, re.MULTILINE))


def test_the_example_makes_an_install_that_pages(install: Install) -> None:
    assert {"directory", "coverage"} <= install.not_well()
    done = install.found()
    signs_in = passwords(done)
    assert set(signs_in) == {"ann", "ben", "cleo", "dan"}
    assert install.words not in done.output
    assert "+1555" not in done.output
    assert not {"directory", "coverage"} & install.not_well()
    with closing(ground.lay(load(install.config))) as laid, laid.database.reading() as session:
        directory = laid.directory.current(session)
        member, seed = members.unlock(members.find(session, "ann"), signs_in["ann"])
        own = MemberKeys.from_seed(member.id, seed)
        assert set(team_private_keys(session, laid.install, own, directory)) == {"team:counseling:1"}
        found = roster.load(session, laid.clock.now(session), ["counseling"])
        assert [one.channel for one in found.methods[found.named(0)[0]]] == ["sms", "voice"]
    assert directory.teams_of_route("maple", "adult_at_school") == ("district",)


def test_a_second_run_changes_nothing(install: Install) -> None:
    install.found()
    before = install.directory().seq
    again = install.found()
    assert "Nothing is new." in again.output
    assert passwords(again) == {}
    assert install.directory().seq == before


def test_what_was_added_to_the_file_is_added(install: Install) -> None:
    install.found()
    newcomer = '[[members]]\nlogin = "eve"\nname = "Eve Example"\nteams = ["counseling"]\n\n[[routes]]'
    done = install.found(
        (
            '[[routes]]\nschool = "maple"\nabout = "default"',
            newcomer + '\nschool = "maple"\nabout = "default"',
        )
    )
    assert set(passwords(done)) == {"eve"}
    team = install.directory().team("counseling")
    assert team
    assert (team.generation, len(team.members)) == (2, 3)


def test_a_new_phone_takes_the_place_of_the_old_one(install: Install) -> None:
    def keys() -> set[str]:
        with closing(ground.lay(load(install.config))) as laid, laid.database.reading() as session:
            return set(session.scalars(select(ContactMethod.address_key)))

    install.found()
    before = keys()
    assert "ann: another phone" in install.found(("+15555550101", "+15555550109")).output
    assert len(before) == len(keys()) == 4
    assert len(before & keys()) == 3


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('on_call = ["ann", "ben"]', 'on_call = ["cleo"]', "not of the team"),
        ("+15555550102", "+15555550101", "phone: used twice"),
        ("+15555550102", "5550102", "not an international number"),
        ('login = "ben"', 'login = "ann"', r"login: used twice \(ann\)"),
        ('handoff = "monday 07:30"', 'handoff = "mon 7"', "handoff is no weekday"),
        ('about = "default"', 'about = "weapon"', "none about default"),
        ('teams = ["district"]\nphone', 'teams = ["nobody"]\nphone', "no team"),
        ('school = "maple"', 'school = "oak"', "no such school"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_in_one_line(
    install: Install, old: str, new: str, why: str
) -> None:
    done = install.found((old, new))
    assert done.exit_code != 0
    assert re.search(why, str(done.exception))
    assert "555" not in str(done.exception).removeprefix(str(install.file)).replace("+15550100", "")
    assert install.directory().seq == 0


def test_other_words_and_mistyped_words_change_nothing(install: Install) -> None:
    other = install.found(words=words_from_seed(kem.new_seed()))
    assert "another install's recovery words" in str(other.exception)
    assert "24 words" in str(install.found(words="one two").exception)
    assert install.directory().seq == 0


def test_nobody_is_taken_out(install: Install) -> None:
    install.found()
    before = install.directory().seq
    moved = install.found(
        ('name = "Ben Example"\nteams = ["counseling"]', 'name = "Ben Example"\nteams = ["district"]'),
        ('on_call = ["ann", "ben"]', 'on_call = ["ann"]'),
    )
    assert "nobody is taken out" in str(moved.exception)
    assert install.directory().seq == before


def test_a_demonstration_cannot_be_live(demo_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text((demo_folder / "config.toml").read_text() + "live = true\n")
    assert "demonstration" in str(CliRunner().invoke(tipline, ["check", "--config", str(path)]).exception)
