"""All passwords are lost; the paper is not."""

import os
import pty
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.wiring.test_found import Install
from vault import members, threads
from vault.directory import team_private_keys
from vault.members import MemberKeys
from vault.people_tables import Member
from vault.tables import Report
from vault.threads import Content
from wiring import ground
from wiring.config import load

PASSWORDS = re.compile(r"^    (\w+) +(\w+(?:-\w+){5})$", re.MULTILINE)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def install(founded: Install, tmp_path: Path) -> Install:
    return founded.copied_to(tmp_path)


def file_message(install: Install, text: str) -> str:
    """Sealed to the counselors as they are now; the report's id."""
    with closing(ground.lay(load(install.config))) as laid, laid.database.writing() as session:
        directory = laid.directory.current(session)
        head = threads.new_head(laid.install, directory.team_by_id["counseling"].school)
        row = Report(
            id=head.report_id,
            school=head.school,
            reference=head.report_id[:9],
            channel="web",
            urgency="prompt",
            arrived_minute=0,
            retain_until=0,
            pseudonym=head.report_id[::-1],
        )
        session.add(row)
        session.flush()
        to = directory.recipients_of(["counseling"])
        threads.append(session, threads.seal_message(head, "reporter", Content(text), to), 0)
    return head.report_id


def opened(install: Install, login: str, password: str, report_id: str) -> str:
    """What somebody reads who signs in so."""
    with closing(ground.lay(load(install.config))) as laid, laid.database.reading() as session:
        member, seed = members.unlock(members.find(session, login), password)
        directory = laid.directory.current(session)
        keys = team_private_keys(session, laid.install, MemberKeys.from_seed(member.id, seed), directory)
        return threads.open_thread(session, laid.install, report_id, keys, directory)[0].text


def test_an_old_message_opens_again_with_the_words_alone(install: Install) -> None:
    old = file_message(install, "written before everybody forgot")
    done = install.run("recover", "counseling", "--yes", typed=install.words)
    assert done.exit_code == 0, done.output
    assert not set(install.words.split()) & set(re.findall(r"\b[a-z]+\b", done.output.split("Recovered:")[0]))
    passwords = dict(PASSWORDS.findall(done.output))
    new = file_message(install, "written after")
    team = install.directory().team_by_id["counseling"]
    assert len(passwords) == len(team.members) > 1
    for login, password in passwords.items():
        assert opened(install, login, password, old) == "written before everybody forgot"
        assert opened(install, login, password, new) == "written after"
    assert install.directory().stale_teams() == ()
    assert install.directory().alarm is None


def test_who_was_in_another_team_too_is_in_it_again(install: Install) -> None:
    with closing(ground.lay(load(install.config))) as laid, laid.database.reading() as session:
        ids = {row.login: row.id for row in session.execute(select(Member.login, Member.id))}
    before = {login: install.directory().teams_of(id_) for login, id_ in ids.items()}
    assert install.run("recover", "counseling", "--yes", typed=install.words).exit_code == 0
    assert {login: install.directory().teams_of(id_) for login, id_ in ids.items()} == before


@pytest.mark.parametrize("words", ["abandon " * 24, "too few"])
def test_wrong_words_change_nothing_and_are_not_repeated(install: Install, words: str) -> None:
    before = install.directory().signature
    done = install.run("recover", "counseling", "--yes", typed=words)
    assert done.exit_code != 0
    assert "abandon" not in done.output
    assert install.directory().signature == before


def test_it_asks_first_and_knows_its_teams(install: Install) -> None:
    before = install.directory().signature
    assert install.run("recover", "counseling", typed="n").exit_code == 1
    assert "no such team" in str(install.run("recover", "nowhere", "--yes").exception)
    assert install.directory().signature == before


def test_at_a_terminal_three_words_are_typed_before_the_install_is_there(tmp_path: Path) -> None:
    config = tmp_path / "etc" / "config.toml"
    mine, theirs = pty.openpty()
    command = [sys.executable, "-m", "wiring", "init", "--config", str(config)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT)
    os.close(theirs)
    said = _until(mine, r"Word (\d+): $")
    words = re.sub(r"\s+", " ", "".join(re.findall(r"^ {4}.*$", said, re.MULTILINE))).split()
    assert len(words) == 24
    assert not config.exists()
    os.write(mine, b"wrong\n")
    said = _until(mine, r"Word (\d+): $")
    assert "That is not what is on the screen" in said
    for _ in range(3):
        number = int(re.findall(r"Word (\d+): $", said)[0])
        os.write(mine, f"{words[number - 1]}\n".encode())
        said = _until(mine, r"Word (\d+): $|then: tipline check")
    assert process.wait(20) == 0
    os.close(mine)
    assert config.exists()


def _until(terminal: int, pattern: str) -> str:
    """What the terminal shows, up to where it matches."""
    said = ""
    while not re.search(pattern, said):
        said += os.read(terminal, 4096).decode().replace("\r", "")
    return said
