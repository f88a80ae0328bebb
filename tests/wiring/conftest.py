"""One demo install for the tests that only look at it, and fresh ones for those that change something."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.wiring.test_found import Install
from wiring import ground
from wiring.cli import tipline
from wiring.config import Config, load
from wiring.ground import Ground


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo install that nobody touches, to copy from."""
    folder = tmp_path_factory.mktemp("template") / "var"
    made = CliRunner().invoke(tipline, ["init", "--demo", "--config", str(folder / "config.toml")])
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture(scope="session")
def demo_folder(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy(demo_template, tmp_path_factory.mktemp("demo"))


def copy(install: Path, into: Path) -> Path:
    """The same install in a folder of its own; nothing in it names the one it came from."""
    return shutil.copytree(install, into / install.name)


@pytest.fixture
def laid(demo: Config) -> Iterator[Ground]:
    """The demo as a process sees it."""
    with closing(ground.lay(demo)) as made:
        yield made


@pytest.fixture(scope="session")
def demo(demo_folder: Path) -> Config:
    return load(demo_folder / "config.toml")


@pytest.fixture
def fresh(demo_template: Path, tmp_path: Path) -> Iterator[Ground]:
    """A demo install of one's own."""
    with closing(ground.lay(load(copy(demo_template, tmp_path) / "config.toml"))) as made:
        yield made


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """The install of the guide with its people, that nobody touches, to copy from."""
    made = Install(tmp_path_factory.mktemp("founded"))
    assert made.found().exit_code == 0
    return made
