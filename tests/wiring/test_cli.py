"""The command line: every command has help, refusals are one line, and docs and commands agree."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from wiring.cli import COMMANDS, tipline
from wiring.config import Config

README = Path(__file__).parents[2] / "README.md"


def tipline_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wiring", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str) -> None:
    done = CliRunner().invoke(tipline, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert f"tipline {name}" in done.output
    described = done.output.split("\n\n")[1].strip()
    assert described
    assert not described.startswith("Options")


def test_the_list_of_commands_is_complete() -> None:
    done = CliRunner().invoke(tipline, ["--help"])
    for name, (_, summary) in COMMANDS.items():
        assert name in done.output
        assert summary in done.output


def test_version() -> None:
    done = CliRunner().invoke(tipline, ["version"])
    assert done.output.startswith("tipline ")


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(tipline, ["fly"]).exit_code == 2


@pytest.mark.parametrize("command", ["serve", "public", "staff", "pager", "watchman", "check", "migrate"])
def test_without_an_install_each_command_says_how_to_make_one(command: str, tmp_path: Path) -> None:
    done = tipline_process(command, "--config", str(tmp_path / "config.toml"))
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "config.toml: there is no such file; run: tipline init" in line


def test_the_environment_may_name_the_configuration(demo: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIPLINE_CONFIG", str(demo.path))
    assert str(demo.path) in CliRunner().invoke(tipline, ["check"]).output


def test_a_port_that_is_taken_is_one_clear_line_before_anything_starts(demo: Config) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = tipline_process("serve", "--config", str(demo.path), "--port", str(port))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"port {port} (public) is in use" in line
    assert "PORT=9000 make run" in line
    assert not list((demo.folder / "run").glob("*.pid"))


def test_a_loose_secret_stops_the_start(demo: Config) -> None:
    secret = demo.folder / "secrets" / "public" / "form-key"
    secret.chmod(0o644)
    try:
        done = tipline_process("serve", "--config", str(demo.path))
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert f"chmod 600 {secret}" in line
    finally:
        secret.chmod(0o600)


def test_check_finds_a_demo_well_except_for_the_carrier_that_is_not_running(demo: Config) -> None:
    done = CliRunner().invoke(tipline, ["check", "--config", str(demo.path), "--port", "1"])
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("ok")] == [
        "configuration",
        "secrets",
        "database",
        "rules",
        "directory",
        "coverage",
    ]
    (bad,) = [line for line in lines if line.startswith("NOT")]
    assert "is `tipline serve` running?" in bad
