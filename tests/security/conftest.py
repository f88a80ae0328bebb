"""Prints what the security stories came to: one line for each, as it is named, with its result."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.installs import Install
from tests.servers import name_in, new_postgresql

HERE = "tests/security/"
RESULTS = {"passed": "holds", "failed": "BROKEN", "error": "BROKEN", "skipped": "not tried"}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """A demo install on SQLite that nobody touches, to copy from."""
    return Install.new(tmp_path_factory.mktemp("template") / "var")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, template: Install, tmp_path: Path) -> Iterator[Install]:
    """A demo install of this test's own, on either database."""
    if request.param == "sqlite":
        yield template.copied(tmp_path / "var")
        return
    original: tuple[Install, str] = request.getfixturevalue("template_on_postgresql")
    server: str = request.getfixturevalue("postgresql_server")
    with new_postgresql(server, original[1]) as address:
        yield original[0].copied(tmp_path / "var", address)


@pytest.fixture(scope="session")
def template_on_postgresql(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Install, str]]:
    """The same on PostgreSQL, and its database's name."""
    with new_postgresql(postgresql_server) as address:
        made = Install.new(tmp_path_factory.mktemp("template") / "var", address)
        yield made, name_in(address)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table, after whatever else pytest says."""
    lines = tuple(table(terminalreporter.stats))
    if lines:
        terminalreporter.section("security")
        for line in lines:
            terminalreporter.write_line(line)


def table(stats: dict[str, list[object]]) -> Iterator[str]:
    """The stories by file, each once: a story that broke in its tear-down is broken."""
    found: dict[str, str] = {}
    for outcome in ("skipped", "passed", "failed", "error"):
        reports = (one for one in stats.get(outcome, ()) if isinstance(one, pytest.TestReport))
        found |= {one.nodeid: RESULTS[outcome] for one in reports if one.nodeid.startswith(HERE)}
    width = max((len(_case(nodeid)) for nodeid in found), default=0)
    for nodeid, result in sorted(found.items()):
        yield f"{_case(nodeid):<{width}}  {result}"


def _case(nodeid: str) -> str:
    file, _, name = nodeid.removeprefix(HERE).partition("::")
    about = Path(file).stem.removeprefix("test_").replace("_", " ")
    story, bracket, example = name.removeprefix("test_").partition("[")
    return f"{about}: {story.replace('_', ' ')}{' ' if bracket else ''}{bracket}{example}"
