"""One demo install for the tests that only look at it, and fresh ones for those that change something."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from wiring import ground
from wiring.cli import tipline
from wiring.config import Config, load
from wiring.ground import Ground


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "var"
    made = CliRunner().invoke(tipline, ["init", "--demo", "--config", str(folder / "config.toml")])
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def laid(demo: Config) -> Iterator[Ground]:
    """The demo as a process sees it."""
    with closing(ground.lay(demo)) as made:
        yield made


@pytest.fixture(scope="session")
def demo(demo_folder: Path) -> Config:
    return load(demo_folder / "config.toml")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Ground]:
    """A demo install of one's own."""
    path = tmp_path / "var" / "config.toml"
    path.parent.mkdir()
    assert CliRunner().invoke(tipline, ["init", "--demo", "--config", str(path)]).exit_code == 0
    with closing(ground.lay(load(path))) as made:
        yield made
