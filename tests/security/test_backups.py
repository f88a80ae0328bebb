"""Backups and who may open them: refusals, forgeries, and what does not leave the machine in clear."""

import fcntl
import io
import json
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select, text

from tests.security.installs import DANGER, Install
from tests.servers import new_postgresql
from vault import kem, migrate, parcels
from vault.database import Database
from vault.errors import BackupError
from vault.recovery import RecoveryKeys, seed_from_words, words_from_seed
from vault.stream import Reader, Writer
from vault.tables import AuditEvent, Report
from wiring.errors import WiringError
from wiring.restoring import restore
from wiring.saving import MANIFEST

OLDER = "audit_chain"


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Install:
    made = Install.new(tmp_path_factory.mktemp("install") / "one")
    with made.running() as laid:
        made.file(laid, DANGER)
    return made


@pytest.fixture(scope="module")
def saved(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("saved") / "one.backup"
    done = install.run("backup", str(file))
    assert done.exit_code == 0, done.output
    return file


def put_back(install: Install, saved: Path, folder: Path, words: str, *more: str) -> str:
    """What the command says, or the refusal it ends with. Nothing may be left of a refused restore."""
    done = install.run("restore", str(saved), "--to", str(folder), *more, typed=f"{words}\n")
    if done.exit_code == 0:
        return ""
    assert not folder.exists()
    assert not list(folder.parent.glob(f".{folder.name}*"))
    return str(done.exception)


def test_only_its_owner_reads_the_file_and_nothing_in_it_is_clear(install: Install, saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    whole = saved.read_bytes()
    secrets = [
        path.read_bytes().strip() for path in (install.folder / "secrets").rglob("*") if path.is_file()
    ]
    for canary in (*secrets, b"counselor", b"Mara Quist", b"larkspur", b"root_fingerprint", b"SQLite"):
        assert canary not in whole
    assert list(saved.parent.iterdir()) == [saved]


def test_it_holds_what_a_restore_needs_and_no_session(install: Install, saved: Path) -> None:
    keys = RecoveryKeys.from_seed(seed_from_words(install.words))
    with saved.open("rb") as file:
        names = [name for name, _ in parcels.unwrap(Reader(file, keys.kem))]
    assert names[:2] == [MANIFEST, "file/config.toml"]
    assert {"file/secrets/pager/line-private", "file/secrets/public/receipt-pepper"} <= set(names)
    assert {"rows/report", "rows/wrap", "rows/team_key_copy", "rows/page", "rows/audit_event"} <= set(names)
    assert not [name for name in names if re.search("staff_session|text_context|hours", name)]


def test_other_words_open_nothing(install: Install, saved: Path, tmp_path: Path) -> None:
    other = words_from_seed(kem.new_seed())
    assert "do not open this backup" in put_back(install, saved, tmp_path / "two", other)


def test_mistyped_words_are_told_from_other_words(install: Install, saved: Path, tmp_path: Path) -> None:
    mistyped = install.words.replace(install.words.split()[3], "abandom", 1)
    assert "mistyped" in put_back(install, saved, tmp_path / "two", mistyped)
    assert "24 words" in put_back(install, saved, tmp_path / "two", "one two three")


def test_a_folder_that_holds_anything_is_left_alone(install: Install, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = install.run("restore", str(saved), "--to", str(tmp_path), typed=f"{install.words}\n")
    assert "is not empty" in str(done.exception)
    assert "24 recovery words" not in done.output, "it is refused before anybody reads the paper out"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_database_in_use_is_left_alone(install: Install, saved: Path, tmp_path: Path) -> None:
    used = f"sqlite:///{install.folder / 'tipline.db'}"
    assert "is in use" in put_back(install, saved, tmp_path / "two", install.words, "--database", used)
    with install.running() as laid, laid.database.reading() as session:
        assert "restored" not in session.scalars(select(AuditEvent.verb)).all()


def test_a_backup_is_never_written_over(install: Install, saved: Path) -> None:
    before = saved.read_bytes()
    assert "is there already" in str(install.run("backup", str(saved)).exception)
    assert saved.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_nothing(install: Install, tmp_path: Path) -> None:
    done = install.run("backup", str(tmp_path / "none" / "one.backup"))
    assert "cannot be written" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_of_two_backups_into_one_file_one_is_refused(install: Install, tmp_path: Path) -> None:
    """And what a killed one left behind keeps nobody."""
    part = tmp_path / "one.backup.part"
    part.write_bytes(b"of one that was killed")
    with part.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "another backup" in str(install.run("backup", str(tmp_path / "one.backup")).exception)
        assert part.read_bytes() == b"of one that was killed"
    assert install.run("backup", str(tmp_path / "one.backup")).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["one.backup"]


def test_a_restored_install_remembers_that_it_was_restored(
    install: Install, saved: Path, tmp_path: Path
) -> None:
    assert put_back(install, saved, tmp_path / "two", install.words) == ""
    back = Install(tmp_path / "two" / "config.toml")
    with back.running() as laid, laid.database.reading() as session:
        assert session.scalars(select(AuditEvent.verb)).all()[-1] == "restored"
    modes = {
        stat.S_IMODE(path.stat().st_mode) for path in (back.folder / "secrets").rglob("*") if path.is_file()
    }
    assert modes == {0o600}
    same = [
        path.relative_to(install.folder) for path in (install.folder / "secrets").rglob("*") if path.is_file()
    ]
    for name in same:
        assert (
            "hours" in str(name) or (back.folder / name).read_bytes() == (install.folder / name).read_bytes()
        )


def test_an_expired_backup_says_so(install: Install, tmp_path: Path) -> None:
    file = tmp_path / "old.backup"
    assert install.run("backup", str(file), "--keep-days", "1").exit_code == 0
    keys, told = RecoveryKeys.from_seed(seed_from_words(install.words)), list[str]()
    with file.open("rb") as source:
        restore(source, keys, tmp_path / "two", "", 2**52, told.append)
    assert told[0].startswith("This backup expired on ")


def content(install: Install, saved: Path) -> Iterator[tuple[str, bytes]]:
    keys = RecoveryKeys.from_seed(seed_from_words(install.words))
    with saved.open("rb") as file:
        yield from parcels.unwrap(Reader(file, keys.kem))


def forged(install: Install, found: list[tuple[str, bytes]]) -> io.BytesIO:
    """A backup by somebody who has no more than the directory, in which the recovery public key stands."""
    with install.running() as laid, laid.database.reading() as session:
        public, file = laid.directory.current(session).recovery, io.BytesIO()
        writer = Writer(file, public, laid.install, 2**47)
    for name, inside in found:
        writer.write(parcels.wrap(name, inside))
    writer.close()
    file.seek(0)
    return file


def refused(install: Install, found: list[tuple[str, bytes]], folder: Path) -> str:
    keys = RecoveryKeys.from_seed(seed_from_words(install.words))
    with pytest.raises((BackupError, WiringError)) as error:
        restore(forged(install, found), keys, folder, "", 0, lambda _what: None)
    assert not folder.exists()
    return str(error.value)


@pytest.mark.parametrize(
    "name",
    ["file/../escaped", "file//etc/passwd", "file/secrets/pager/../../x", "file/secrets/x", "file/run/x"],
)
def test_a_forged_backup_writes_no_file_that_is_not_ours(
    install: Install, saved: Path, tmp_path: Path, name: str
) -> None:
    found = list(content(install, saved))
    assert "none of ours" in refused(install, [*found[:2], (name, b"x"), *found[2:]], tmp_path / "two")
    assert list(tmp_path.iterdir()) == []


def test_a_forged_backup_of_another_root_is_refused(install: Install, saved: Path, tmp_path: Path) -> None:
    other = Install.new(tmp_path / "other")
    assert other.run("backup", str(tmp_path / "other.backup")).exit_code == 0
    theirs = list(content(other, tmp_path / "other.backup"))
    assert "not the one that these words founded" in refused(install, theirs, tmp_path / "two")
    ours = dict(content(install, saved))
    mixed = [(name, ours[name] if name == "file/config.toml" else inside) for name, inside in theirs]
    assert "not believable" in refused(install, mixed, tmp_path / "two")


def test_a_backup_from_which_rows_were_left_out_is_refused(
    install: Install, saved: Path, tmp_path: Path
) -> None:
    found = [one for one in content(install, saved) if one[0] != "rows/audit_event"]
    assert "does not hold the rows" in refused(install, found, tmp_path / "two")


def test_a_backup_of_an_older_schema_is_migrated_when_it_is_put_back(
    install: Install, saved: Path, tmp_path: Path
) -> None:
    older = _as_an_older_tipline_made_it(list(content(install, saved)), tmp_path / "older.db")
    keys = RecoveryKeys.from_seed(seed_from_words(install.words))
    restore(forged(install, older), keys, tmp_path / "two", "", 0, lambda _what: None)
    back = Install(tmp_path / "two" / "config.toml", install.words, install.passwords)
    with back.running() as laid:
        with laid.database.reading() as session:
            report = session.scalars(select(Report)).one()
        assert [item.text for item in back.reads(laid, report.id)] == [DANGER]


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_a_database_into_which_nothing_was_put_is_as_empty_as_before(
    install: Install, saved: Path, tmp_path: Path, server: str, request: pytest.FixtureRequest
) -> None:
    """Else what was made for one backup would not take an older one."""
    found = list(content(install, saved))
    older = _as_an_older_tipline_made_it(found, tmp_path / "older.db")
    with ExitStack() as made:
        address = f"sqlite:///{tmp_path / 'other.db'}"
        if server == "postgresql":
            address = made.enter_context(new_postgresql(request.getfixturevalue("postgresql_server")))
        keys = RecoveryKeys.from_seed(seed_from_words(install.words))
        short = forged(install, [one for one in found if one[0] != "rows/audit_event"])
        with pytest.raises(BackupError, match="does not hold the rows"):
            restore(short, keys, tmp_path / "two", address, 0, lambda _what: None)
        put = restore(forged(install, older), keys, tmp_path / "two", address, 0, lambda _what: None)
        assert put.rows["report"] == 1


def _as_an_older_tipline_made_it(found: list[tuple[str, bytes]], scratch: Path) -> list[tuple[str, bytes]]:
    """Without the tables and columns that came after the schema of ``OLDER``."""
    database = Database(f"sqlite:///{scratch}")
    migrate.make_as_of(database, OLDER)
    with database.engine.connect() as connection:
        known = {table.name: set(table.columns.keys()) for table in parcels.tables(connection)}
    database.close()
    (_, manifest), *rest = found
    facts = json.loads(manifest)
    assert set(facts["rows"]) > set(known), "nothing came after that schema: name an older one"
    facts |= {"revision": OLDER, "rows": {name: facts["rows"][name] for name in known}}
    files = [one for one in rest if not one[0].startswith("rows/")]
    rows = [(name, inside, known.get(name.removeprefix("rows/"))) for name, inside in rest]
    kept = [(name, _only(inside, columns)) for name, inside, columns in rows if columns is not None]
    return [(MANIFEST, json.dumps(facts).encode()), *files, *kept]


def _only(rows: bytes, columns: set[str]) -> bytes:
    head, *lines = (json.loads(line) for line in rows.split(b"\n"))
    places = [place for place, column in enumerate(head) if column in columns]
    return b"\n".join(json.dumps([line[place] for place in places]).encode() for line in (head, *lines))


@pytest.mark.parametrize("made", [None, "today", -1, 2**62, 1.5, True, []])
def test_a_manifest_that_makes_no_sense_is_refused(
    install: Install, saved: Path, tmp_path: Path, made: object
) -> None:
    (_, manifest), *rest = content(install, saved)
    odd = json.dumps(json.loads(manifest) | {"made": made}).encode()
    assert "when it was made" in refused(install, [(MANIFEST, odd), *rest], tmp_path / "two")


def test_a_backup_of_a_newer_tipline_says_what_to_do(install: Install, saved: Path, tmp_path: Path) -> None:
    (_, manifest), *rest = content(install, saved)
    newer = json.dumps(json.loads(manifest) | {"revision": "from-the-future"}).encode()
    keys = RecoveryKeys.from_seed(seed_from_words(install.words))
    file = forged(install, [(MANIFEST, newer), *rest])
    with pytest.raises(Exception, match="newer tipline"):
        restore(file, keys, tmp_path / "two", "", 0, lambda _what: None)
    assert not (tmp_path / "two").exists()


def test_text_is_read_only_from_the_database_that_was_open(install: Install) -> None:
    """The restores above left the install as it was."""
    with install.running() as laid, laid.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM report")) == 1
