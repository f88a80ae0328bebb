"""What the operator's documents name must exist, and what exists for operators must be named."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from notify.channels.faults import FAULTS
from notify.watchman import CHECKS
from tests.install import pages
from wiring.cli import tipline

ROOMS = ("casework", "notify", "reporting", "vault", "wiring")
# The log's and the check's own words, as install.md and operations.md quote them.
QUOTED = (
    "a webhook without the carrier's signature was refused",
    "this school has no team",
    '"/carrier/sms"',
    '"/readyz"',
)

each_page = pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)


def _help(*arguments: str) -> str:
    found = CliRunner().invoke(tipline, [*arguments, "--help"], terminal_width=200)
    assert found.exit_code == 0, found.output
    return found.output


def _sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in _modules(room))


def _modules(room: str) -> Iterator[Path]:
    return (pages.ROOT / room).rglob("*.py")


@each_page
def test_every_command_is_one_of_ours(page: Path) -> None:
    named = {name for name, _ in pages.commands(page)}
    ours = set(re.findall(r"^ {2}([a-z-]+) ", _help(), re.MULTILINE))
    missing = {name for name in named - ours if f"`tipline {name}`" not in pages.not_there_yet()}
    assert {"check", "init", "migrate"} & named
    assert not missing


@each_page
def test_every_option_belongs_to_its_command(page: Path) -> None:
    for name, options in pages.commands(page):
        if options:
            assert all(option in _help(name) for option in options), (name, options)


@each_page
def test_every_key_stands_in_the_configuration(page: Path) -> None:
    known = set(pages.known_keys())
    sections = "|".join(sorted(key for key in known if "." not in key))
    dotted = {span for span in pages.spans(page) if re.fullmatch(rf"(?:{sections})\.[a-z_.]+", span)}
    assert dotted
    assert dotted <= known


def test_options_are_looked_for_at_all() -> None:
    assert ("init", ("--database",)) in set(pages.commands(pages.INSTALL))


def test_the_example_of_a_configuration_has_only_known_keys() -> None:
    (example,) = pages.fences(pages.INSTALL, "toml")
    assert set(_keys(tomllib.loads(example))) - _covered() <= set(pages.known_keys())


def _covered() -> set[str]:
    return {f"schools.covered.{day}" for day in ("monday", "tuesday")}


def _keys(table: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        yield prefix + name
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from _keys(inner, f"{prefix}{name}.")


@each_page
def test_every_file_is_in_the_repository(page: Path) -> None:
    there = {path.name for path in pages.FOLDER.rglob("*")} | {path.name for path in pages.ROOT.iterdir()}
    elsewhere = {"pg_ident.conf", "pg_hba.conf", "config.toml"}
    found = {Path(name).name for name in pages.files(page)}
    assert found
    assert found - there - elsewhere == set()


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        to = page.parent / name if name else page
        assert to.is_file(), target
        assert not anchor or anchor in _anchors(to), target


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


def test_every_shipped_file_is_explained() -> None:
    told = "".join(page.read_text(encoding="utf-8") for page in pages.PAGES)
    shipped = {path.name for path in pages.FOLDER.rglob("*") if path.is_file()}
    assert {name for name in shipped if name not in told} == set()


def test_every_alarm_is_explained() -> None:
    explained = set(
        re.findall(r"^\| `([^`]+)` \|", pages.OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    said = set(re.findall(r"""(?:alarm|sound)\("([^"]+)"\)""", _sources()))
    checked = {check.name for check in CHECKS} | {"database_unreachable"}
    faults = {f"{fault.alarm}_{code}" for code, fault in FAULTS.items() if fault.alarm}
    assert said
    assert {_plain(name) for name in said | checked | faults} <= {_plain(name) for name in explained}


def _plain(name: str) -> str:
    return name.replace(" ", "_")


@pytest.mark.parametrize("words", QUOTED)
def test_what_the_documents_quote_is_said(words: str) -> None:
    assert words in _sources()
    told = "".join(page.read_text(encoding="utf-8") for page in pages.PAGES)
    assert words.strip('"') in told


def test_with_either_proxy_the_page_for_a_dead_server_is_put_in_place() -> None:
    proxies = [block for block in pages.fences(pages.INSTALL, "bash") if "YOUR-FORM-NAME" in block]
    assert [re.search(r"nginx/tipline.conf|Caddyfile", block)[0] for block in proxies] == [  # type: ignore[index]
        "nginx/tipline.conf",
        "Caddyfile",
    ]
    assert all("not-received.html /etc/tipline/not-received.html" in block for block in proxies)


def test_an_upgrade_changes_no_file_of_a_process_that_runs() -> None:
    """It stops first, and stopping is done when the last process is gone: each begins after the target."""
    upgrade = pages.INSTALL.read_text("utf-8").partition("## Upgrading")[2].partition("\n## ")[0]
    steps = [
        "pip download",
        "systemctl stop",
        "pip install",
        "pip check",
        "tipline migrate",
        "systemctl start tipline",
    ]
    places = [upgrade.index(step) for step in steps]
    assert places == sorted(places)
    common = (pages.SYSTEMD / "tipline-.service.d" / "common.conf").read_text("utf-8")
    assert re.search(r"^After=.*\btipline\.target$", common, re.MULTILINE)
