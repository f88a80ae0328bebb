"""``tipline init``: an install that is complete and private, made once, with or without a demo's people."""

import json
import re
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from notify import roster
from notify.duty_tables import ContactMethod, Responder, Rotation
from tests.servers import postgresql_url
from vault import directory as directories
from vault import members, schema
from vault.clock import clock_for
from vault.database import Database
from vault.directory import team_private_keys
from vault.errors import EncodingError
from vault.keyed import LineKey, number_key, open_from_line
from vault.members import MemberKeys
from vault.people_tables import Member
from vault.recovery import RecoveryKeys, seed_from_words
from wiring import demo_people, ground
from wiring.cli import tipline
from wiring.config import Config, load
from wiring.errors import WiringError
from wiring.ground import Ground
from wiring.install import make_install
from wiring.secrets import HOLDERS, Secrets, check_install
from wiring.sign_ins import FILE, first_sign_in

WORDS = re.compile(r"^    (\w+(?: \w+){5})$", re.MULTILINE)


def init(path: Path, *options: str) -> str:
    done = CliRunner().invoke(tipline, ["init", *options, "--config", str(path)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_everything_is_private(demo_folder: Path) -> None:
    assert demo_folder.stat().st_mode & 0o077 == 0
    for path in (demo_folder / "secrets").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (demo_folder / FILE).stat().st_mode & 0o777 == 0o600


def test_each_process_finds_its_secrets_and_no_other(demo: Config) -> None:
    assert set(check_install(demo)) == set(HOLDERS)
    for process, names in HOLDERS.items():
        found = {path.name for path in (demo.folder / "secrets" / process).iterdir() if path.is_file()}
        assert found == set(names) - {"carrier-second-token", "mail-password"}, process
    private = Secrets(demo.folder, "pager").key("line-private").hex()
    for path in (demo.folder / "secrets").rglob("*"):
        if path.is_file() and path.parent.name != "pager":
            assert private not in path.read_text()


def test_the_configuration_holds_no_secret_and_no_reporters_number(demo: Config) -> None:
    text = demo.path.read_text(encoding="utf-8")
    for path in (demo.folder / "secrets").rglob("*"):
        if path.is_file():
            assert path.read_text().strip() not in text
    for number, _ in demo_people.REPORTERS:
        assert number not in text


def test_the_recovery_words_are_printed_once_and_make_the_root(tmp_path: Path) -> None:
    path = tmp_path / "var" / "config.toml"
    words = " ".join(WORDS.findall(init(path, "--demo")))
    recovery = RecoveryKeys.from_seed(seed_from_words(words))
    with closing(ground.lay(load(path))) as laid, laid.database.reading() as session:
        assert laid.directory.current(session).recovery == recovery.kem.public
    again = init(path, "--demo")
    assert not WORDS.findall(again)
    assert "Found the install" in again


def test_a_second_init_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    init(path, "--demo")
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file() and "db" not in one.name}
    init(path, "--demo")
    assert {one: one.read_bytes() for one in before} == before


def test_each_member_signs_in_with_the_listed_password_and_opens_their_team(
    demo: Config, laid: Ground
) -> None:
    lines = [line.split("\t") for line in (demo.folder / FILE).read_text().splitlines()[1:]]
    assert [login for login, _, _ in lines] == [person.login for person in demo_people.PEOPLE]
    with laid.database.reading() as session:
        directory = laid.directory.current(session)
        assert directory.alarm is None
        for (login, password, name), person in zip(lines, demo_people.PEOPLE, strict=True):
            member, seed = members.unlock(members.find(session, login), password)
            assert member.name == name == person.name
            own = MemberKeys.from_seed(member.id, seed)
            opened = team_private_keys(session, laid.install, own, directory)
            assert set(opened) == {f"team:{person.team}:1"}
    shown = first_sign_in(demo.folder)
    assert shown
    assert [shown.login, shown.password] == lines[0][:2]


def test_every_team_has_somebody_on_call_with_a_text_and_a_call(laid: Ground) -> None:
    with laid.database.reading() as session:
        now = laid.clock.now(session)
        for team in demo_people.TEAMS:
            found = roster.load(session, now, [team])
            (person,) = found.named(0)
            assert [one.channel for one in found.methods[person]] == ["sms", "voice"]
        counselor = roster.load(session, now, ["counseling"]).named(0)
        assert session.get_one(Responder, counselor[0]).name == demo_people.PEOPLE[0].name
        assert session.scalar(select(func.count()).select_from(Member)) == 5
        assert all(json.loads(row.responders) for row in session.scalars(select(Rotation)))


def test_numbers_are_sealed_to_the_line_key_and_found_by_their_key(demo: Config) -> None:
    secrets = Secrets(demo.folder, "pager")
    line = LineKey.from_seeds(*secrets.keys("line-private"))
    numbers = secrets.key("responder-number-key")
    database = Database(demo.database_url)
    with database.reading() as session:
        methods = session.execute(select(ContactMethod.sealed_address, ContactMethod.address_key)).all()
    opened = {open_from_line(line, "address", sealed).decode(): key for sealed, key in methods}
    assert opened == {one.number: number_key(numbers, one.number) for one in demo_people.PEOPLE}
    raw = (demo.folder / "tipline.db").read_bytes()
    assert not [one.number for one in demo_people.PEOPLE if one.number.encode() in raw]
    database.close()


def test_reports_about_staff_go_to_the_district_alone(laid: Ground) -> None:
    school = demo_people.SCHOOL.id
    with laid.database.reading() as session:
        directory = laid.directory.current(session)
    assert directory.teams_of_route(school, "adult_at_school") == ("district",)
    assert directory.teams_of_route(school, "default") == ("counseling", "social_work")
    assert "liaison" in directory.teams_of_route(school, "weapon")
    assert "liaison" not in directory.teams_of_route(school, "suicide_self_harm")


def test_a_real_install_begins_empty_and_is_refused_until_it_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    said = init(path)
    assert "tipline check" in said
    with pytest.raises(WiringError, match=r"carrier\.pager\.number: missing"):
        load(path)
    database = Database(f"sqlite:///{tmp_path / 'tipline.db'}")
    schema.require_head(database)
    with database.reading() as session:
        now = clock_for(database).now(session)
        assert now > 0
        assert session.scalar(select(func.count()).select_from(Member)) == 0
    database.close()
    text = path.read_text()
    install = re.search(r'^id = "([0-9a-f]{32})"', text, re.MULTILINE)
    pinned = re.search(r'^root_fingerprint = "([0-9a-f]{64})"', text, re.MULTILINE)
    assert install
    assert pinned
    database = Database(f"sqlite:///{tmp_path / 'tipline.db'}")
    with database.reading() as session:
        assert directories.load(session, install.group(1), pinned.group(1)).seq == 0
    database.close()


def test_an_install_that_was_broken_off_at_its_words_can_be_made_after_all(tmp_path: Path) -> None:
    """Its database lies elsewhere, as docs/install.md has it, and outlives the folder that is thrown away."""
    url, path = f"sqlite:///{tmp_path / 'elsewhere.db'}", tmp_path / "install" / "config.toml"

    def break_off(words: str) -> None:
        assert len(words.split()) == 24
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_install(tmp_path, url, break_off)
    assert "Made an install" in init(path, "--database", url)
    with pytest.raises(WiringError, match="belongs to an install already"):
        make_install(tmp_path, url, print)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("keep me")
    done = CliRunner().invoke(tipline, ["init", "--demo", "--config", str(tmp_path / "config.toml")])
    assert isinstance(done.exception, WiringError)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_a_demo_on_postgresql_is_the_same_demo(tmp_path: Path, postgresql_database: Database) -> None:
    path = tmp_path / "config.toml"
    init(path, "--demo", "--database", postgresql_database.url)
    checked = CliRunner().invoke(tipline, ["check", "--config", str(path)])
    assert [line.split()[1] for line in checked.output.splitlines() if line.startswith("NOT")] == ["carrier"]
    again = CliRunner().invoke(
        tipline,
        ["init", "--config", str(tmp_path / "b" / "config.toml"), "--database", postgresql_database.url],
    )
    assert "belongs to an install already" in str(again.exception)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_could_not_keep_every_name_is_refused(
    tmp_path: Path, postgresql_server: str, encoding: str
) -> None:
    """As Debian makes them on a machine of which nobody said what language it speaks."""
    name = f"of_{encoding.lower()}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    address = ("--database", postgresql_url(postgresql_server, name))
    done = CliRunner().invoke(
        tipline, ["init", "--demo", "--config", str(tmp_path / "config.toml"), *address]
    )
    assert isinstance(done.exception, EncodingError)
    assert encoding in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_the_packages_made_keep_their_modes(tmp_path: Path) -> None:
    folder = tmp_path / "lib"
    for name, mode in (("", 0o750), ("secrets", 0o711), ("secrets/pager", 0o700), ("run", 0o750)):
        (folder / name).mkdir()
        (folder / name).chmod(mode)
    init(folder / "config.toml")
    assert folder.stat().st_mode & 0o777 == 0o750
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o711
    assert Secrets(folder, "pager").key("line-private")
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml", "run", "secrets", "tipline.db"]
