"""Whatever is wrong with the configuration is refused at start, in one line: file, key, remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wiring.config import Config, load
from wiring.errors import ConfigError

GOOD = """
[install]
id = "0123456789abcdef0123456789abcdef"
root_fingerprint = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
audit_public = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

[carrier.line]
number = "+15555550100"
account_sid = "AC1"

[carrier.pager]
number = "+15555550199"
account_sid = "AC2"

[[schools]]
id = "maple"
name = "Maple School"
zone = "America/Denver"
covered = { monday = ["07:30-12:00", "13:00-16:00"] }
"""
SECOND = "[carrier.second]\nnumber = '+15555550109'\naccount_sid = 'AC3'\n"
MAIL = "[mail]\n{}\n[[schools]]"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def to(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return to


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    said = str(caught.value)
    assert "\n" not in said
    assert str(path) in said
    return said


def test_a_good_file_gives_defaults_for_what_it_leaves_out(write: Callable[[str], Path]) -> None:
    config = load(write(GOOD))
    assert config.settings.public.port == 8000
    assert config.settings.paging.second_after_s == 120
    assert config.public_address == "http://127.0.0.1:8000"
    assert config.webhook_address == config.public_address
    assert config.carrier_address == ""
    assert config.database_url.endswith("/tipline.db")


def test_another_base_port_moves_all_three(write: Callable[[str], Path]) -> None:
    config: Config = load(write(GOOD + "\n[simulator]\nenabled = true\n")).on_ports(9000)
    assert config.public_address == "http://127.0.0.1:9000"
    assert config.staff_address == "http://127.0.0.1:9001"
    assert config.carrier_address == config.simulator_address == "http://127.0.0.1:9002"


@pytest.mark.parametrize(
    ("added", "key", "remedy"),
    [
        ("[public]\nprot = 80", "public.prot", "did you mean port?"),
        ("[publik]\nport = 80", "publik", "did you mean public?"),
        ("[queue]\nxyzzy = 1", "queue.xyzzy", "remove it"),
        ('[public]\nport = "80"', "public.port", "write whole number"),
        ("[public]\nport = true", "public.port", "write whole number"),
        ("[public]\nport = 0", "public.port", "between 1 and 65535"),
        ("[public]\nport = 8001", "staff.port", "give each process its own"),
        ('[paging]\nsecond_after_s = "2"', "paging.second_after_s", "write number"),
        ("[paging]\nsecond_after_s = 0", "paging.second_after_s", "forgotten"),
        ("[paging]\nlease_s = 2", "paging.lease_s", "repeated"),
        ("[paging]\nsweep_s = 5", "paging.sweep_s", "delay"),
        ('[paging]\ndigest_at = "half past seven"', "paging.digest_at", '"07:30"'),
        ('[audit]\nwitness = "elsewhere"', "audit.witness", "write one of them"),
        ('[queue]\nurl = "localhost"', "queue.url", "redis://host:6379/0"),
        ("[queue]\nworkers = 0", "queue.workers", "leave queue.url empty"),
        ('[database]\nurl = "mysql://localhost"', "database.url", "postgresql+psycopg://"),
        ("[[schools]]\nid = 'maple'\nname = 'A'\nzone = 'UTC'", "schools[1].covered", "add it"),
    ],
)
def test_what_is_added_wrongly_is_named_with_its_remedy(
    write: Callable[[str], Path], added: str, key: str, remedy: str
) -> None:
    said = refusal(write(f"{GOOD}\n{added}\n"))
    assert key in said
    assert remedy in said


@pytest.mark.parametrize(
    ("old", "new", "key", "remedy"),
    [
        ("+15555550199", "+15555550100", "carrier.pager.number", "use two numbers"),
        ("+15555550199", "555-0199", "carrier.pager.number", "write it as +15550100"),
        ("+15555550199", "", "carrier.pager.number", "add the number"),
        (
            "[[schools]]",
            f"{SECOND}[[schools]]",
            "carrier.second.base_address",
            "where the",
        ),
        ("[[schools]]", MAIL.format("host = 'mail.test'"), "mail.sender", "tipline@school.example"),
        ("[[schools]]", MAIL.format("host = 'mail.test'\nsecurity = 'none'"), "mail.security", "starttls"),
        ("[[schools]]", MAIL.format("host = 'mail.test'\nsecurity = 'tls'"), "mail.security", "smtps"),
        ("[[schools]]", MAIL.format("host = 'mail.test'\nca_file = '/none'"), "mail.", "write"),
        ("AC2", "", "carrier.pager.account_sid", "carrier account"),
        ('id = "0123456789abcdef0123456789abcdef"', "", "install.id", "add it"),
        ('id = "0123456789abcdef', 'id = "x', "install.id", "tipline init"),
        ('zone = "America/Denver"', "", "schools[0].zone", "add it"),
        ("America/Denver", "Mars/Olympus", "schools[0].zone", "America/Denver"),
        ("monday =", "montag =", "schools[0].covered.montag", "monday"),
        ("07:30-12:00", "12:00-07:30", "schools[0].covered.monday", "07:30-16:00"),
        ('["07:30-12:00", "13:00-16:00"]', "[]", "schools[0].covered", "no covered hours"),
        ('["07:30-12:00", "13:00-16:00"]', '"07:30"', "schools[0].covered.monday", "write a list"),
        ('id = "maple"', 'id = "Maple School"', "schools[0].id", "maple"),
        ("[install]", "[install", "", "correct that place"),
    ],
)
def test_what_is_changed_wrongly_is_named_with_its_remedy(
    write: Callable[[str], Path], old: str, new: str, key: str, remedy: str
) -> None:
    assert old in GOOD
    said = refusal(write(GOOD.replace(old, new, 1)))
    assert key in said
    assert remedy in said


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    assert "run: tipline init" in refusal(tmp_path / "config.toml")


def test_a_file_that_is_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path)
